"""espeak-ng through real pyttsx3 children: what happens when they hang, die, or their parent does; and the spelling."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from speech import respell
from speech.audio import duration_ms, level_db
from speech.espeak import EspeakSynthesizer, plausible
from speech.synthesize import SynthesisFailed

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = "Terima kasih, laporan Bapak atau Ibu sudah kami terima."


def _children(parent: int) -> set[int]:
    """Process ids of the parent's engines."""
    found = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            owner = int(stat.read_text().rsplit(")", 1)[1].split()[1])
            if owner == parent and b"espeak_child" in stat.with_name("cmdline").read_bytes():
                found.add(int(stat.parent.name))
        except (OSError, IndexError):
            continue
    return found


def _soon(happened: Callable[[], bool]) -> bool:
    for _ in range(200):
        if happened():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def voice() -> Iterator[EspeakSynthesizer]:
    synthesizer = EspeakSynthesizer()
    yield synthesizer
    synthesizer.close()


def test_engines_start_with_the_first_sentence_are_kept_and_end_with_close(voice: EspeakSynthesizer) -> None:
    before = _children(os.getpid())
    voice.render(SENTENCE, 140)
    first = _children(os.getpid()) - before
    voice.render(SENTENCE, 140)
    assert len(first) == 1 and _children(os.getpid()) - before == first
    voice.close()
    assert _children(os.getpid()) == before
    assert voice.render(SENTENCE, 140)  # and starts again


def test_no_more_engines_than_the_pool_has_places(voice: EspeakSynthesizer) -> None:
    before = _children(os.getpid())
    threads = [threading.Thread(target=voice.render, args=(SENTENCE, 140)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 1 <= len(_children(os.getpid()) - before) <= 2


def test_says_once_which_engine_speaks(voice: EspeakSynthesizer, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="speech.espeak"):
        voice.render(SENTENCE, 140)
        voice.render(SENTENCE, 140)
    assert [record.getMessage() for record in caplog.records] == ["speaking through pyttsx3"]


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_a_dead_or_hanging_engine_is_replaced_and_the_sentence_still_spoken(
    blow: signal.Signals, caplog: pytest.LogCaptureFixture
) -> None:
    voice = EspeakSynthesizer(children=1, limit_s=1.0)
    before = _children(os.getpid())
    whole = duration_ms(voice.render(SENTENCE, 140))
    (victim,) = _children(os.getpid()) - before
    os.kill(victim, blow)
    with caplog.at_level(logging.INFO, logger="speech.espeak"):
        assert abs(duration_ms(voice.render(SENTENCE, 140)) - whole) < 300
    assert "speaking through espeak-ng command line" in caplog.text
    assert "Terima" not in caplog.text
    assert victim not in _children(os.getpid())
    assert voice.render(SENTENCE, 140)
    assert len(_children(os.getpid()) - before) == 1
    voice.close()


def test_engines_end_when_their_parent_is_killed() -> None:
    code = (
        "import time; from speech.espeak import EspeakSynthesizer as E; e = E();"
        "print(len(e.render('satu dua tiga', 140)), flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout and int(parent.stdout.readline()) > 0
    engines = _children(parent.pid)
    assert len(engines) == 1
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert _soon(lambda: not any(Path(f"/proc/{pid}").exists() for pid in engines))


def test_a_fork_speaks_through_engines_of_its_own(voice: EspeakSynthesizer) -> None:
    voice.render(SENTENCE, 140)
    ours = _children(os.getpid())
    pid = os.fork()
    if pid == 0:
        spoken = voice.render("satu dua tiga", 140)
        os._exit(0 if spoken and len(_children(os.getpid())) == 1 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert _children(os.getpid()) == ours
    assert voice.render(SENTENCE, 140)


def test_without_the_program_pyttsx3_suffices() -> None:
    voice = EspeakSynthesizer(program="no-such-program")
    assert voice.render(SENTENCE, 140)
    voice.close()


def test_without_any_engine_it_fails_and_keeps_the_sentence_to_itself() -> None:
    voice = EspeakSynthesizer(children=0, limit_s=0.1, program="no-such-program")
    with pytest.raises(SynthesisFailed, match="apt-get install espeak-ng") as raised:
        voice.render("rahasia saya", 140)
    assert "rahasia" not in str(raised.value)


def test_both_engines_speak_alike_and_level() -> None:
    by_child, by_program = EspeakSynthesizer(), EspeakSynthesizer(children=0, limit_s=3)
    sounds = [voice.render(SENTENCE, 140) for voice in (by_child, by_program)]
    assert abs(duration_ms(sounds[0]) - duration_ms(sounds[1])) < 200
    assert all(-23 < level_db(sound) < -17 for sound in sounds)
    assert all(level_db(sound[: 20 * 16]) < -45 for sound in sounds)  # a short, quiet edge
    by_child.close()


@pytest.mark.parametrize(
    "text",
    [
        "-v en -f /etc/passwd",
        "<speak>satu</speak> & \"dua\" 'tiga'; tiga",
        "[[x]] ]] [unk] satu dua",
        "satu\n\ndua\ttiga\0empat",
        "nol " * 60,
        "8",
        "P U P R",
        "12345678",
        "żółć 北京 satu",
    ],
)
def test_odd_texts_are_spoken_by_both_engines(text: str) -> None:
    for voice in (EspeakSynthesizer(), EspeakSynthesizer(children=0, limit_s=3)):
        assert duration_ms(voice.render(text, 140)) > 200
        voice.close()


def test_a_pace_out_of_range_is_held_within() -> None:
    voice = EspeakSynthesizer()
    assert abs(duration_ms(voice.render(SENTENCE, 1)) - duration_ms(voice.render(SENTENCE, 80))) < 400
    assert voice.render(SENTENCE, 10_000)
    voice.close()


def test_sound_that_cannot_be_the_text_is_refused() -> None:
    voice = EspeakSynthesizer()
    long, short = voice.render(SENTENCE, 140), voice.render("ya", 140)
    assert plausible(long, SENTENCE, 140) and plausible(short, "ya", 140)
    assert not plausible(short, SENTENCE, 140)
    assert not plausible(long, "ya", 140)
    assert not plausible(b"", "ya", 140)
    voice.close()


def test_the_table_loads_and_mends_what_espeak_reads_wrongly() -> None:
    table = respell.load_spellings()
    assert {"tekan", "selesai", "telepon", "empat", "enam", "belum", "tangerang", "ciledug", "batuceper"} <= set(table)
    for word, right in (("tekan", "t@k'an"), ("selesai", "s@l@s'aI"), ("Batuceper", "batutS'EpER")):
        heard = subprocess.run(
            ["espeak-ng", "-v", "id", "-x", "-q", "--stdin"],
            input=respell.respell(word, table),
            capture_output=True,
            text=True,
            check=True,
        )
        assert heard.stdout.strip() == right


def test_respelling_reaches_the_voice_in_both_engines() -> None:
    lengthened = {"tes": "satu dua tiga empat lima"}
    for children in (2, 0):
        plain = EspeakSynthesizer(children=children, limit_s=3)
        longer = EspeakSynthesizer(children=children, limit_s=3, spellings=lengthened)
        assert duration_ms(longer.render("ini tes", 140)) > duration_ms(plain.render("ini tes", 140)) + 800
        assert longer.name != plain.name  # what was kept with another table is not used
        plain.close()
        longer.close()


@pytest.mark.parametrize(
    ("value", "spoken"),
    [
        ("têkan", "[[t@k'an]]"),
        ("soré", "[[s'oRE]]"),
        ("nyênyak", "[[n^@n^'ak]]"),
        ("sêlêsai", "[[s@l@s'aI]]"),
        ("kêluarga bésar", "[[k@lu'aRga]] [[b'EsaR]]"),
        ("elpiji", "elpiji"),
        ("[[t@k'an]]", "[[t@k'an]]"),
    ],
)
def test_marked_spelling_becomes_phonemes(value: str, spoken: str) -> None:
    assert respell.spelling("kata", value) == spoken


@pytest.mark.parametrize(("value", "advice"), [("têkanlah ember", "mark every e"), ("têka1", "no sound"), ("ê ñ", "ñ")])
def test_a_bad_spelling_is_named_with_advice(tmp_path: Path, value: str, advice: str) -> None:
    path = tmp_path / "respell.yaml"
    path.write_text(f"kata: {value}\n", encoding="utf-8")
    with pytest.raises(respell.BadSpelling, match=advice) as raised:
        respell.load_spellings(path)
    assert "kata" in str(raised.value)


@pytest.mark.parametrize("content", ["- tekan\n", "a: [", None])
def test_a_broken_table_is_named(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "respell.yaml"
    if content is not None:
        path.write_text(content)
    with pytest.raises(respell.BadSpelling, match=r"respell\.yaml"):
        respell.load_spellings(path)
