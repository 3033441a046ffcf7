"""Keys of an answer, and the silences that end one."""

from __future__ import annotations

import pytest

from ivr.effects import Listen
from ivr.turns import END_SILENCE_MS, Answer, KeyEntry, end_silence_ms
from speech.recognize import Hypothesis, Word

DIGITS = Listen("status", "digits", ("satu",), keys=8)


def hypothesis(text: str) -> Hypothesis:
    return Hypothesis(text, tuple(Word(word, 0, 100, 1.0) for word in text.split()))


def test_one_key_is_an_answer_in_a_menu() -> None:
    assert KeyEntry(Listen("menu", "menu")).press("5") == "5"


def test_a_number_is_complete_by_length_hash_or_pause() -> None:
    entry = KeyEntry(DIGITS)
    assert [entry.press(key) for key in "12345678"] == [None] * 7 + ["12345678"]
    assert [entry.press(key) for key in "123#"] == [None, None, None, "123"]
    assert entry.press("1") is None
    assert entry.wait(2980) is None and entry.begun
    assert entry.wait(20) == "1" and not entry.begun


@pytest.mark.parametrize(("keys", "answer"), [("*0", "*0"), ("**", "**"), ("*#", "#"), ("#", "#")])
def test_commands_follow_a_star_where_digits_are_entered(keys: str, answer: str) -> None:
    entry = KeyEntry(DIGITS)
    assert [entry.press(key) for key in keys][-1] == answer


def test_an_instant_key_waits_for_no_more() -> None:
    entry = KeyEntry(Listen("place", "menu", keys=3, instant="1"))
    assert entry.press("1") == "1"
    assert [entry.press(key) for key in "241"] == [None, None, "241"]


def test_slow_callers_get_twice_the_silence() -> None:
    assert end_silence_ms(DIGITS, 140) == END_SILENCE_MS["digits"] == 2000
    assert end_silence_ms(DIGITS, 100) == 4000


def test_the_grammar_counts_only_if_it_explains_most_of_the_answer() -> None:
    free = hypothesis("lampu jalan mati di depan")
    assert Answer(free, hypothesis("[unk] [unk] lapor"), 0, 900, 900).hypothesis.text == "lampu jalan mati di depan"
    assert Answer(free, hypothesis("cek status [unk]"), 0, 900, 900).hypothesis.text == "cek status"
    assert Answer(free, None, 0, 900, 900).hypothesis == free


def test_what_counts_keeps_its_certainty() -> None:
    """Unknown words are left out of what was understood, not out of how sure the recogniser is of it."""
    unsure = Hypothesis("cek status [unk]", hypothesis("cek status [unk]").words, certainty=0.4)
    assert Answer(hypothesis(""), unsure, 0, 900, 900).hypothesis.confidence == 0.4


def test_a_cough_interrupts_nothing() -> None:
    assert Answer(hypothesis(""), hypothesis("[unk]"), 0, 200, 200).empty
    assert not Answer(hypothesis("pas"), hypothesis("[unk]"), 0, 400, 400).interrupts
    assert not Answer(hypothesis("ke"), hypothesis("ke"), 0, 200, 200).interrupts
    assert Answer(hypothesis("lapor"), hypothesis("lapor"), 0, 400, 400).interrupts
