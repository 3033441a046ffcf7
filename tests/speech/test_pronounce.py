"""Spelling to sounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.pronounce import MOST_READINGS, PHONES, SAID, SPELLED_OUT, pronunciations, words_of


def readings(word: str) -> list[str]:
    return [" ".join(phones) for phones in pronunciations(word)]


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("lapor", "l a p o r"),
        ("bunga", "b u ng a"),
        ("nyamuk", "ny a m u k"),
        ("khusus", "kh u s u s"),
        ("syarat", "sy a r a t"),
        ("tangga", "t a ng g a"),
        ("panjang", "p a ny j a ng"),
        ("video", "f i d e o"),
        ("pajak", "p a j a k"),
        ("kelurahan", "k @ l u r a h a n"),
        ("perbaikan", "p @ r b a i k a n"),
        ("selesai", "s @ l @ s ay"),
        ("kerbau", "k @ r b aw"),
        ("massa", "m a s a"),
    ],
)
def test_likeliest_reading_follows_the_spelling(word: str, sounds: str) -> None:
    assert readings(word)[0] == sounds


@pytest.mark.parametrize(
    ("word", "also"),
    [
        ("lewat", "l e w a t"),  # the e that spelling hides
        ("becek", "b e c e k"),
        ("tahu", "t a u"),  # an h that is not heard
        ("sudah", "s u d a"),
        ("lain", "l ay n"),  # two vowels as one
        ("mau", "m a u"),
        ("mau", "m a w"),
        ("betul", "b e t u l"),
        ("nggak", "ng a k"),
        ("empat", "m p a t"),
        ("bus", "b i s"),
    ],
)
def test_other_ways_to_say_it_are_known(word: str, also: str) -> None:
    assert also in readings(word)


def test_prefixes_have_one_reading_only() -> None:
    assert all(reading.startswith("m @ l") for reading in readings("melaporkan"))
    assert all(reading.startswith("d i p @ r") for reading in readings("diperbaiki"))


@pytest.mark.parametrize(
    ("abbreviation", "sounds"),
    [
        ("KTP", "k a t e p e"),
        ("PJU", "p e j e k u"),
        ("RT", "e r t e"),
        ("RW", "e r w e"),
        ("PBB", "p e b e b e"),
        ("PLN", "p e k e l e n"),
        ("PDAM", "p e d e k a k e m"),
        ("BPJS", "b e p e j e k e s"),
        ("SMK", "e s e m k a"),
        ("KK", "k a k a"),
    ],
)
def test_abbreviations_are_spelled_out(abbreviation: str, sounds: str) -> None:
    assert readings(abbreviation)[0] == sounds


def test_what_has_no_letters_has_no_sounds() -> None:
    assert pronunciations("") == pronunciations("?!") == pronunciations("漢") == []


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=40))
def test_any_word_has_a_few_different_readings_in_known_phones(word: str) -> None:
    found = pronunciations(word)
    assert 1 <= len(found) <= MOST_READINGS
    assert len(set(found)) == len(found)
    assert all(phones and set(phones) <= set(PHONES) for phones in found)


@pytest.mark.parametrize("word", sorted(SAID))
def test_exceptions_are_written_in_known_phones(word: str) -> None:
    assert all(phones and set(phones) <= set(PHONES) for phones in pronunciations(word))


def test_no_exception_is_also_an_abbreviation() -> None:
    assert all(" ".join(pronunciations(word)[0]) in SAID[word] for word in set(SAID) & SPELLED_OUT)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Jum'at ke-2", "jumat ke dua"),
        ("Jl. Daan Mogot", "jl daan mogot"),
        ("RT 05", "rt nol lima"),
        ("17 Agustus", "tujuh belas agustus"),
        ("0812345", "nol delapan satu dua tiga empat lima"),
        ("anak-anak", "anak anak"),
        ("Café", "cafe"),
        ("  ", ""),
    ],
)
def test_text_is_read_as_it_is_said(text: str, words: str) -> None:
    assert words_of(text) == words.split()
