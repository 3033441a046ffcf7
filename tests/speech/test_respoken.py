"""How an odd word is said: which spoken words belong to which written one, and what the phones then are."""

from __future__ import annotations

import pytest

from speech.pronounce import PHONES
from speech.respoken import CannotAlign, align, in_letters, readings_as_spoken, usual_readings

ALIGNED = {
    ("Cluster D'Green", "klaster di grin"): ["klaster", "di grin"],
    ("Metropolis Town Square", "metropolis taun skuer"): ["metropolis", "taun", "skuer"],
    ("RSUD Kota", "er es u de kota"): ["er es u de", "kota"],
    ("Jalan MH Thamrin", "jalan em ha tamrin"): ["jalan", "em ha", "tamrin"],
    ("Gang 3", "gang tiga"): ["gang", "tiga"],
    ("Gang tiga", "gang 3"): ["gang", "tiga"],
    ("Wi-Fi Corner", "way fay korner"): ["way", "fay", "korner"],
}


@pytest.mark.parametrize(("written", "spoken"), ALIGNED)
def test_each_word_gets_the_spoken_words_that_look_like_it(written: str, spoken: str) -> None:
    assert [" ".join(said) for _, said in align(written, spoken)] == ALIGNED[written, spoken]


@pytest.mark.parametrize("spoken", ["satu", "", "!!", "a " * 15])
def test_what_cannot_be_the_words_is_refused(spoken: str) -> None:
    with pytest.raises(CannotAlign):
        align("Green Lake", spoken)


def test_the_sounds_are_those_of_the_spoken_form() -> None:
    readings = readings_as_spoken("Cluster D'Green", "klaster di grin")
    assert readings["dgreen"][0] == tuple("digrin")
    assert {phone for ways in readings.values() for way in ways for phone in way} <= set(PHONES)


def test_marked_es_are_taken_at_their_word() -> None:
    meja, emas = (readings_as_spoken("Lake", said)["lake"][0] for said in ("lék", "lêk"))
    assert (meja, emas) == (("l", "e", "k"), ("l", "@", "k"))


def test_readings_are_shown_as_dictionaries_write_them() -> None:
    assert in_letters(("ng", "@", "s", "e", "ay")) == "ngêséai"


def test_a_word_without_letters_has_no_readings() -> None:
    assert usual_readings("!!") == {}
