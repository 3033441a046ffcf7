"""Words made of roots and affixes, and the words that the project has in use."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech import taling
from speech.graph.text import base_words
from speech.morphology import colloquial, derive, derived_words, divide, nasal, plain
from speech.pronounce import PHONES, pronunciations, words_of

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("root", "active", "agent"),
    [
        ("tulis", "menulis", "penulis"),
        ("pukul", "memukul", "pemukul"),
        ("kirim", "mengirim", "pengirim"),
        ("sapu", "menyapu", "penyapu"),
        ("ambil", "mengambil", "pengambil"),
        ("ganti", "mengganti", "pengganti"),
        ("bawa", "membawa", "pembawa"),
        ("dorong", "mendorong", "pendorong"),
        ("lapor", "melapor", "pelapor"),
        ("nyanyi", "menyanyi", "penyanyi"),
        ("cek", "mengecek", "pengecek"),
        ("bom", "mengebom", "pengebom"),
        ("proses", "memproses", "pemproses"),
        ("traktir", "mentraktir", "pentraktir"),
        ("kritik", "mengkritik", "pengkritik"),
        ("syukur", "mensyukur", "pensyukur"),
    ],
)
def test_the_nasal_fits_the_root(root: str, active: str, agent: str) -> None:
    assert (nasal("me", root), nasal("pe", root)) == (active, agent)


@pytest.mark.parametrize(
    ("root", "spoken"),
    [("cari", "nyari"), ("tulis", "nulis"), ("ambil", "ngambil"), ("pukul", "mukul"), ("buang", "ngebuang")],
)
def test_jakarta_says_it_shorter(root: str, spoken: str) -> None:
    assert colloquial(root) == spoken


def test_letters_stand_for_affixes() -> None:
    assert set(derive("lapor", "ak")) == {
        *("lapor", "laporan", "laporannya", "melaporkan", "dilaporkan", "laporkan", "melaporkannya", "dilaporkannya"),
    }
    assert "renang" not in derive("renang", "*b")
    assert {"berenang", "bekerja", "berjalan"} == {
        word for root in ("renang", "kerja", "jalan") for word in derive(root, "*b")
    }
    assert {"mengonsumsi", "mengkonsumsi"} <= set(derive("konsumsi", "tz"))


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("mengubah", "mêng+ubah"),
        ("menyapu", "mêny+apu"),
        ("memukul", "mêm+ukul"),
        ("perbaikan", "pêr+baik+an"),
        ("pakaian", "pakai+an"),
        ("menyukai", "mêny+uka+i"),
        ("mengeceknya", "mênge+cék+nya"),
        ("keberangkatan", "kê+berangkat+an"),
        ("perbedaannya", "pêr+béda+an+nya"),
        ("mejanya", "méja+nya"),
        ("diangkutin", "di+angkut+in"),
    ],
)
def test_a_word_comes_apart(word: str, parts: str) -> None:
    assert divide(word) is not None
    assert str(divide(word)).replace("ê", "e") == parts.replace("ê", "e")


def test_what_holds_no_root_stays_whole() -> None:
    assert divide("xyzzy") is None


@given(st.sampled_from(derived_words()))
def test_what_is_put_together_comes_apart_and_is_spelled_the_same(word: str) -> None:
    parts = divide(word)
    assert parts is not None
    assert plain(parts) == word


@given(st.text(alphabet="aeioubcdghkmnprst", min_size=1, max_size=15))
def test_a_guess_keeps_the_spelling(word: str) -> None:
    assert plain(taling.mark(word)) == word


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        # which e
        ("membedakan", "m @ m b e d a k a n"),
        ("mengecek", "m @ ng @ c e k"),
        ("merah", "m e r a h"),
        ("sorenya", "s o r e ny a"),
        ("terbesar", "t @ r b @ s a r"),
        ("demokrasi", "d e m o k r a s i"),
        ("Jerman", "j e r m a n"),
        ("Reza", "r e z a"),
        # two vowels as one, or parted
        ("pakaian", "p a k ay a n"),
        ("menyukai", "m @ ny u k a i"),
        ("kepulauan", "k @ p u l aw a n"),
        ("saudara", "s aw d a r a"),
        ("keadaan", "k @ k a d a k a n"),
        ("seorang", "s @ k o r a ng"),
        ("diisi", "d i k i s i"),
        ("koordinasi", "k o k o r d i n a s i"),
        # old spellings and names
        ("Achmad", "a kh m a d"),
        ("Soeharto", "s u h a r t o"),
        ("Tjokro", "c o k r o"),
        ("Cileungsi", "c i l @ ng s i"),
        ("Habibie", "h a b i b i"),
        ("bank", "b a ng"),
        ("psikologi", "s i k o l o g i"),
        # the coast's and the villages' forms
        ("kagak", "k a g a k"),
        ("aye", "a y e"),
        ("ude", "u d e"),
        ("mboten", "m b o t @ n"),
        ("nggih", "ng g i h"),
        ("ndak", "n d a k"),
        ("mah", "m a h"),
    ],
)
def test_likeliest_reading(word: str, sounds: str) -> None:
    assert " ".join(pronunciations(word)[0]) == sounds


def test_abbreviations_are_said_with_and_without_a_break() -> None:
    assert [" ".join(reading) for reading in pronunciations("DPR")][:2] == ["d e p e k e r", "d e p e e r"]


def test_the_vocabulary_is_large_and_readable() -> None:
    words = base_words()
    assert len(words) > 20_000
    assert set(derived_words()) <= set(words)
    assert all(pronunciations(word) for word in words[::10])
    assert {"kelurahan", "menyampaikan", "perbedaan", "indonesia", "jumat", "agustus", "kpk", "nyari"} <= set(words)


def _cells(path: Path) -> list[str]:
    with path.open(encoding="utf-8", newline="") as file:
        return [cell for row in csv.DictReader(file) for cell in row.values() if cell]


def test_every_word_of_every_city_and_of_our_own_text_can_be_said() -> None:
    tables = [*REPOSITORY.glob("cities/*/*.csv"), *REPOSITORY.glob("speech/text/*.csv")]
    lists = list(REPOSITORY.glob("cities/*/words.txt"))
    assert len(tables) >= 4 and lists
    texts = [cell for table in tables for cell in _cells(table)]
    texts += [line for file in lists for line in file.read_text(encoding="utf-8").splitlines()]
    for word in {word for text in texts for word in words_of(text)}:
        said = pronunciations(word)
        assert said, word
        assert all(set(reading) <= set(PHONES) for reading in said), word
