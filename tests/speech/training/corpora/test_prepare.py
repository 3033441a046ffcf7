"""Corpora are read in every layout; what cannot be used is counted, and nobody stands on two sides."""

from __future__ import annotations

import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from speech.recognize import RATE
from speech.training.corpora import CorporaError, LeakError, Manifest, prepare
from speech.training.labels import Labeller
from tests.speech.training.corpora import make

RESERVED_SPEAKER, FREE_SPEAKER = "FAL", "XQZ"
RESERVED_NEWS = "news"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "corpora"
    folder.mkdir()
    return folder


def read(folder: Path, tmp_path: Path) -> tuple[Manifest, str]:
    told: list[str] = []
    manifest = prepare(folder, tmp_path / "work", told.append)
    return manifest, "\n".join(told)


def texts(manifest: Manifest) -> dict[str, str]:
    return {u.id: u.text for u in manifest.utterances}


def test_digits_are_words_and_sound_comes_at_8_khz(folder: Path, tmp_path: Path) -> None:
    make.digits(folder, {f"{FREE_SPEAKER}_3K0A": make.wav(0.5, hertz=1000)})
    manifest, told = read(folder, tmp_path)
    (utterance,) = manifest.utterances
    assert utterance.text == "tiga kosong nol"
    assert (utterance.corpus, utterance.speaker) == ("digits", FREE_SPEAKER)
    sound = manifest.sound(utterance)
    assert len(sound) == utterance.length == RATE // 2
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum.argmax() * RATE / len(sound) == pytest.approx(1000, abs=4)
    assert "digits" in told


def test_a_repository_without_a_work_tree_is_read_alike(folder: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    made = [
        make.digits(away, {"FAA_1A": make.wav()}),
        make.dialogue(away, {"s1": "apa kabar"}, {"FAA_s1": make.wav()}),
        make.news(away, {"N1": "Hari ini hujan"}, {"N1": make.wav()}),
    ]
    plain, _ = read(away, tmp_path / "plain")
    for one in made:
        make.bare(one, folder)
    mirrored, _ = read(folder, tmp_path / "mirrored")
    assert texts(plain) == texts(mirrored)
    assert texts(plain) == {"digits/test1_FAA_1A": "satu", "dialogue/FAA_s1": "apa kabar", "news/N1": "hari ini hujan"}


def test_one_person_stands_on_one_side_in_every_corpus(folder: Path, tmp_path: Path) -> None:
    make.digits(folder, {f"{RESERVED_SPEAKER}_1A": make.wav(), f"{FREE_SPEAKER}_1A": make.wav()})
    make.dialogue(folder, {"s1": "ya"}, {f"{RESERVED_SPEAKER}_s1": make.wav(), f"{FREE_SPEAKER}_s1": make.wav()})
    manifest, _ = read(folder, tmp_path)
    sides = {(u.speaker, u.split == "test") for u in manifest.utterances}
    assert sides == {(RESERVED_SPEAKER, True), (FREE_SPEAKER, False)}
    first = manifest.utterances[0]
    torn = Manifest(
        tmp_path / "work", [first, replace(first, id="x", split="train"), replace(first, id="y", split="test")]
    )
    with pytest.raises(LeakError, match="1 speakers or sentences"):
        torn.check_leaks()


def test_what_cannot_be_used_is_counted_by_reason(folder: Path, tmp_path: Path) -> None:
    good = make.wav()
    make.digits(folder, {"FAA_1A": good, "FAA_2A": b"no sound", "FAA_XA": good}, broken=b"no zip")
    make.dialogue(folder, {"s1": "ya", "s2": ""}, {"FAA_s1": good, "FAA_s2": good, "FAA_s3": good})
    make.news(folder, {"N1": "satu дом", "N2": "kafé besar"}, {"N1": good, "N2": good, "N3": good})
    manifest, told = read(folder, tmp_path)
    assert set(texts(manifest)) == {"digits/test1_FAA_1A", "dialogue/FAA_s1", "news/N2"}
    for line in (
        "skipped: 1 of digits: broken zip",
        "skipped: 1 of digits: unreadable sound",
        "skipped: 1 of digits: name without digits",
        "skipped: 1 of dialogue: empty transcript",
        "skipped: 1 of dialogue: no transcript",
        "skipped: 1 of news: unknown characters",
        "skipped: 1 of news: no transcript",
    ):
        assert line in told


def test_stereo_and_other_rates_are_converted_and_told(folder: Path, tmp_path: Path) -> None:
    make.digits(folder, {"FAA_1A": make.wav(1.0, 44100, 2), "FAA_2A": make.wav(1.0, 8000)})
    manifest, told = read(folder, tmp_path)
    assert {u.length for u in manifest.utterances} == {RATE}
    assert "converted: 1 of digits: 44100 Hz" in told
    assert "converted: 1 of digits: stereo" in told


def test_common_voice(folder: Path, tmp_path: Path) -> None:
    rows = [
        {"client_id": "p1", "path": "a.mp3", "sentence": "Lampu jalan mati.", "gender": "female_feminine"},
        {"client_id": "p2", "path": "gone.mp3", "sentence": "Halo", "gender": ""},
    ]
    make.common_voice(folder, rows, {"a.mp3": make.wav(1.0, 48000, kind="MP3")})
    manifest, told = read(folder, tmp_path)
    (utterance,) = manifest.utterances
    assert (utterance.text, utterance.group, utterance.speaker) == ("lampu jalan mati", "woman", "cv:p1")
    assert "skipped: 1 of common-voice: sound missing" in told


def test_fleurs(folder: Path, tmp_path: Path) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        content = make.wav(1.0)
        info = tarfile.TarInfo("train/1.wav")
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
    table = "7\t1.wav\tJembatan itu rusak.\tjembatan itu rusak\tj e m\t16000\tMALE\n"
    make.write(folder / "id_id", {"train.tsv": table.encode(), "audio/train.tar.gz": archive.getvalue()})
    manifest, _ = read(folder, tmp_path)
    (utterance,) = manifest.utterances
    assert (utterance.text, utterance.group, utterance.corpus) == ("jembatan itu rusak", "man", "fleurs")


def test_calls_that_operators_corrected(folder: Path, tmp_path: Path) -> None:
    table = b"file\tspeaker\ttext\na.wav\tk1\tgot mampet\nb.wav\t\tya\n"
    make.write(folder / "calls", {"transcripts.tsv": table, "a.wav": make.wav(rate=8000)})
    manifest, told = read(folder, tmp_path)
    assert texts(manifest) == {"calls/a": "got mampet"}
    assert "skipped: 1 of calls: sound missing" in told


def test_a_second_time_nothing_is_read_again_but_splits_are_made_anew(folder: Path, tmp_path: Path) -> None:
    make.digits(folder, {f"{FREE_SPEAKER}_1A": make.wav()})
    first, _ = read(folder, tmp_path)
    sound = tmp_path / "work" / "sound.bin"
    before = sound.stat().st_mtime_ns
    second, _ = read(folder, tmp_path)
    assert second.utterances == first.utterances
    assert sound.stat().st_mtime_ns == before
    make.dialogue(folder, {"s1": "ya"}, {f"{FREE_SPEAKER}_s1": make.wav()})
    third, _ = read(folder, tmp_path)
    assert len(third.utterances) == 2


def test_a_folder_without_speech_says_what_may_lie_there(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CorporaError, match="Common Voice"):
        read(folder, tmp_path)
    with pytest.raises(CorporaError, match="no such folder"):
        prepare(folder / "missing", tmp_path / "work")


def test_a_corpus_brings_its_lexicon(folder: Path, tmp_path: Path) -> None:
    make.news(folder, {"N1": "meja"}, {"N1": make.wav()}, lexicon="meja\tM E2 J A\nasing\tQ Q\n")
    read(folder, tmp_path)
    labeller = Labeller(tmp_path / "work")
    assert labeller.phones("meja") == ["m", "@", "j", "a"]
    assert labeller.phones("satu") == ["s", "a", "t", "u"]
