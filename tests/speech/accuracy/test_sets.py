"""The measured sets hold reserved people only, and every condition is what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech.accuracy.__main__ import summary, table
from speech.accuracy.measure import Heard, listen
from speech.accuracy.sets import COMMANDS, CONDITIONS, OTHERS_SET, WORDS_SET, Sets, Spoken, through
from speech.recognize import RATE, UNKNOWN, Word
from speech.training.corpora import prepare
from speech.training.synthetic import DEVELOPMENT_VOICES, RESERVED_VOICES
from speech.vosk_recognizer import VoskRecognizer
from tests.contracts.callers import say
from tests.speech.training.corpora import make

RESERVED, FREE = ("FAL", "FSY"), "XQZ"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, work = tmp_path_factory.mktemp("corpora"), tmp_path_factory.mktemp("work")
    make.digits(folder, {f"{speaker}_{n}A": make.wav(1.0) for speaker in (*RESERVED, FREE) for n in range(1, 6)})
    texts = {"s1": "selamat", "s2": "pagi", "s3": "tidak", "s4": "terima kasih"}
    make.dialogue(folder, texts, {f"{who}_{s}": make.wav(1.0) for who in (*RESERVED, FREE) for s in texts})
    prepare(folder, work, report=lambda _: None)
    return work


@pytest.fixture(scope="module")
def sets(work: Path) -> Sets:
    return Sets(work, ["got mampet"], most=6)


def test_only_reserved_people_evenly(sets: Sets) -> None:
    spoken = sets.all()
    digits = [s.speaker for s in spoken["digits"]]
    assert sorted(digits) == ["FAL"] * 3 + ["FSY"] * 3
    assert {s.speaker for name in ("dialogue", WORDS_SET) for s in spoken[name]} == set(RESERVED)
    assert spoken["dialogue"][0].grammar == ("kasih", "pagi", "selamat", "terima", "tidak")
    assert all(len(s.text.split()) == 1 for s in spoken[WORDS_SET])


def test_other_words_never_stand_in_their_grammar(sets: Sets) -> None:
    heard = {s.text for s in sets.all()[WORDS_SET]}
    others = sets.all()[OTHERS_SET]
    assert len(others) == 6
    for spoken in others:
        assert spoken.text == UNKNOWN
        assert spoken.grammar is not None
        assert set(spoken.grammar) < heard


def test_commands_are_said_by_voices_that_no_training_heard(sets: Sets) -> None:
    commands = sets.all()["commands"]
    assert {s.speaker for s in commands} == set(RESERVED_VOICES)
    assert len(commands) == len(RESERVED_VOICES) * len(COMMANDS)


def test_voices_to_tune_on_are_neither_trained_nor_reserved(work: Path) -> None:
    tuned = Sets(work, ["got mampet"], "dev").all()
    assert {s.speaker for name in ("commands", "reports") for s in tuned[name]} <= set(DEVELOPMENT_VOICES)
    assert np.abs(tuned["reports"][0].sound()).max() > 0.05


def test_conditions(sets: Sets) -> None:
    tone = (0.3 * np.sin(np.arange(RATE) / 3)).astype(np.float32)
    clean, line, near, far = (through(tone, condition, sets.talkers, "x") for condition in CONDITIONS)
    np.testing.assert_array_equal(clean[:RATE], tone)
    assert not clean[RATE:].any()
    assert not np.array_equal(line, clean)
    assert not np.array_equal(near, far)
    np.testing.assert_array_equal(near, through(tone, CONDITIONS[2], sets.talkers, "x"))


def heard(set_: str, condition: str, said: str, *words: str) -> Heard:
    timed = tuple(Word(word, 0, 100, 1.0) for word in words)
    return Heard(set_, condition, "s", "woman", said, timed, 1.0, 1.0, 0.01, 0.01)


def test_the_summary_has_the_figures_that_models_are_compared_by() -> None:
    rows = [
        heard("digits", "clean", "satu dua", "satu", "dua"),
        heard("digits", "clean", "tiga", "lima"),
        heard("digits", "babble 15 dB", "tiga", "tiga"),
        heard("commands", "clean", "ya", "[unk]"),
        heard("news", "clean", "hari ini", "hari", "itu"),
        heard(OTHERS_SET, "clean", UNKNOWN, UNKNOWN),
    ]
    figures = summary(rows)
    assert figures["digits_clean_wer"] == pytest.approx(33.33)
    assert figures["digits_clean_exact"] == 50
    assert figures["digits_tel15_wer"] == 0
    assert figures["commands_clean_right"] == 0
    assert figures["news_clean_wer"] == 50
    assert "dialogue_clean_wer" not in figures
    assert "33.3" in table(rows)


def test_vosk_hears_a_set_packet_by_packet(vosk_model: Path) -> None:
    pcm = np.frombuffer(say("cek status"), "<i2").astype(np.float32) / np.float32(32768)
    spoken = Spoken("x", "s", "", "cek status", ("cek status", "lapor"), lambda: pcm)
    result = listen(VoskRecognizer(vosk_model), "commands", spoken, "clean", [])
    assert result.right
    assert result.sound_s == pytest.approx(len(pcm) / RATE + 0.8)
    assert result.core_s > 0
