"""Clips: rendered once, kept whole, found by key, mended when broken; and prompts cut into sentences."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from speech.audio import duration_ms, read_wav
from speech.clips import ClipStore, sentences
from speech.espeak import EspeakSynthesizer
from speech.synthesize import SynthesisFailed
from tests.contracts.tone_synthesizer import ToneSynthesizer

TEXT = "Silakan sampaikan laporan."


@pytest.fixture
def tones() -> ToneSynthesizer:
    return ToneSynthesizer()


@pytest.fixture
def store(tmp_path: Path, tones: ToneSynthesizer) -> ClipStore:
    return ClipStore(tmp_path, tones)


def test_a_text_is_rendered_once_for_all_processes(tmp_path: Path, store: ClipStore, tones: ToneSynthesizer) -> None:
    assert not store.has(TEXT)
    clip = store.clip(TEXT)
    assert store.clip(TEXT) == clip and store.has(TEXT)
    assert ClipStore(tmp_path, tones).clip(TEXT) == clip  # another process, the same folder
    assert tones.rendered == [(TEXT, 140)]


def test_pace_text_and_voice_each_make_another_clip(tmp_path: Path, store: ClipStore) -> None:
    other_voice = ClipStore(tmp_path, ToneSynthesizer("tone 2"))
    clips = [store.clip(TEXT), store.clip(TEXT, 100), store.clip("Ya."), other_voice.clip(TEXT)]
    assert len({clip.key for clip in clips}) == 4
    assert duration_ms(clips[1].pcm) > duration_ms(clips[0].pcm)


def test_a_clip_is_found_by_its_key_with_its_text(tmp_path: Path, store: ClipStore) -> None:
    clip = store.clip(TEXT, 100)
    reader = ClipStore(tmp_path, ToneSynthesizer())
    assert reader.by_key(clip.key) == clip
    wav = reader.wav(clip.key)
    assert wav is not None and read_wav(wav) == clip.pcm


@pytest.mark.parametrize("key", ["", "0" * 40, "../../etc/passwd", "0" * 40 + "\n", "A" * 40, "%2e%2e/"])
def test_other_keys_find_nothing(store: ClipStore, key: str) -> None:
    assert store.by_key(key) is None
    assert store.wav(key) is None


def test_personal_texts_never_reach_the_disk(tmp_path: Path, store: ClipStore, tones: ToneSynthesizer) -> None:
    personal = "Laporan atas nama Ibu Siti."
    clip = store.clip(personal, keep=False)
    assert clip.pcm and not list(tmp_path.rglob("*"))
    assert store.by_key(clip.key) is None and not store.has(personal)
    store.clip(personal, keep=False)
    assert len(tones.rendered) == 2  # not held in memory, either


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


@pytest.mark.parametrize("suffix", [".wav", ".json"])
@pytest.mark.parametrize(
    "harm", [Path.unlink, lambda p: p.write_bytes(b""), lambda p: p.write_bytes(b"{}"), _cut, _flip]
)
def test_a_broken_file_is_rendered_again(
    tmp_path: Path, store: ClipStore, tones: ToneSynthesizer, suffix: str, harm: Callable[[Path], object]
) -> None:
    clip = store.clip(TEXT)
    (path,) = tmp_path.rglob(f"*{suffix}")
    harm(path)
    fresh = ClipStore(tmp_path, tones)
    assert fresh.by_key(clip.key) is None and not fresh.has(TEXT)
    assert fresh.clip(TEXT) == clip
    assert ClipStore(tmp_path, tones).by_key(clip.key) == clip
    assert len(tones.rendered) == 2


def test_a_folder_that_cannot_be_written_costs_no_call(tmp_path: Path, tones: ToneSynthesizer) -> None:
    (tmp_path / "clips").write_text("a file where the folder should be")
    store = ClipStore(tmp_path / "clips", tones)
    assert store.clip(TEXT).pcm
    assert store.clip(TEXT).pcm and len(tones.rendered) == 1  # memory still serves


def test_memory_is_bounded_and_forgets_what_was_not_used_longest(tmp_path: Path, tones: ToneSynthesizer) -> None:
    size = len(tones.render(TEXT, 140))
    store = ClipStore(tmp_path, tones, memory_bytes=2 * size + 10)
    first, second = store.clip(TEXT), store.clip(TEXT[::-1])
    store.clip(TEXT)
    third = store.clip(TEXT.upper())
    for path in tmp_path.rglob("*.*"):
        path.unlink()
    assert store.by_key(first.key) and store.by_key(third.key)
    assert store.by_key(second.key) is None


def test_all_prompts_are_rendered_with_progress(store: ClipStore, tones: ToneSynthesizer) -> None:
    items = [(f"Kalimat {number}.", pace) for number in range(10) for pace in (140, 100)]
    told: list[tuple[int, int]] = []
    store.render_all([*items, items[0]], lambda done, of: told.append((done, of)))
    assert told == [(done, 20) for done in range(1, 21)]
    assert sorted(tones.rendered) == sorted(items)
    store.render_all(items)
    assert len(tones.rendered) == 20


def test_a_failing_voice_is_told(tmp_path: Path) -> None:
    store = ClipStore(tmp_path, ToneSynthesizer(failing=frozenset({"rusak"})))
    with pytest.raises(SynthesisFailed):
        store.clip("rusak")
    with pytest.raises(SynthesisFailed):
        store.render_all([("Ya.", 140), ("rusak", 140)])
    assert not store.has("rusak")


def test_a_text_without_words_is_an_empty_clip(tmp_path: Path, store: ClipStore, tones: ToneSynthesizer) -> None:
    clip = store.clip("...")
    assert clip.pcm == b"" and ClipStore(tmp_path, tones).by_key(clip.key) == clip


def test_real_voice_and_many_threads(tmp_path: Path) -> None:
    voice = EspeakSynthesizer()
    store = ClipStore(tmp_path, voice)
    store.render_all([("Tekan satu.", 140), ("Tekan dua.", 140), ("Tekan tiga.", 200)])
    with ThreadPoolExecutor(8) as threads:
        clips = list(threads.map(lambda _: store.clip("Tekan empat."), range(16)))
    assert len({clip.key for clip in clips}) == 1
    about = json.loads(next(tmp_path.rglob(f"{clips[0].key}.json")).read_text())
    assert about["text"] == "Tekan empat." and "espeak-ng" in about["voice"]
    assert not list(tmp_path.rglob(".part-*"))
    voice.close()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Terima kasih. Ada lagi?", ["Terima kasih.", "Ada lagi?"]),
        ("Sampai jumpa!  Terima kasih", ["Sampai jumpa!", "Terima kasih"]),
        ("Bayar Rp 10.000 di Jl. Merdeka No. 10. Benar?", ["Bayar Rp 10.000 di Jl. Merdeka No. 10.", "Benar?"]),
        ("Ini Satpol P P. Mohon tunggu.", ["Ini Satpol P P.", "Mohon tunggu."]),
        ("Bapak H. Ahmad datang.", ["Bapak H. Ahmad datang."]),
        ("Tunggu... sebentar.", ["Tunggu...", "sebentar."]),
        ("Pukul 07.30 tutup. (Kecuali Sabtu.) Ya.", ["Pukul 07.30 tutup.", "(Kecuali Sabtu.)", "Ya."]),
        ("", []),
        ("  ", []),
    ],
)
def test_prompts_are_cut_into_sentences(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts
