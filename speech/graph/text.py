"""The text that a graph is built of: the base vocabulary, which is no city's, and what a city adds."""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, cycle
from pathlib import Path

from speech.graph.openfst import GraphError
from speech.morphology import derived_words
from speech.pronounce import SAID, words_of

VOCABULARY = Path(__file__).resolve().parents[1] / "vocabulary"
CORPUS = Path(__file__).resolve().parents[1] / "text"
LISTS = ("base.txt", "names.txt", "abbreviations.txt")
_DIGITS = "nol kosong satu dua tiga empat lima enam tujuh delapan sembilan"
DIGITS = _DIGITS.split()
_COUNTS = "dua,tiga,empat,lima,enam,tujuh,delapan,sepuluh,sebelas,dua belas,lima belas,dua puluh,seratus"
_LONGEST_DIGITS = 8  # a ticket number with its check digit
_DIGIT_STRINGS = 400  # enough that any digit may follow any digit, at any length
_PLACE_CARRIERS = ("{}", "di {}", "kelurahan {}", "saya di {}", "di daerah {}")
_SLOT = re.compile(r"\{(\w+)\}")


def read_lines(path: Path) -> list[str]:
    """Lines of a text file without comments (#) and blanks.

    Raises:
        GraphError: if the file is missing or not UTF-8.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise GraphError(f"{path}: cannot be read as UTF-8 text; restore it from the repository") from error
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def base_words() -> list[str]:
    """Every word known before a city adds its own: what the roots make, what is listed, what has its own sounds."""
    listed = [line for name in LISTS for line in read_lines(VOCABULARY / name)]
    written = chain(derived_words(), SAID, *map(words_of, listed))
    return list(dict.fromkeys(written))


def corpus_sentences() -> list[str]:
    """Our own corpus, with the slot {tempat} where it names a place of the city that it was written for.

    Raises:
        GraphError: if a table cannot be read.
    """
    return [sentence for path in sorted(CORPUS.glob("*.csv")) for sentence in _corpus(path)]


def _corpus(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                place = " ".join(words_of(row["kelurahan"]))
                yield re.sub(rf"\b{place}\b", "{tempat}", row["text"]) if place else row["text"]
    except (OSError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise GraphError(f"{path}: not the table that speech/text/README.md describes; restore it") from error


def training_sentences(phrases: Iterable[str], extra: Iterable[str]) -> list[list[str]]:
    """All sentences that teach which word follows which, slots filled; the same for the same input.

    Args:
        phrases: what a city adds: places, streets, categories.
        extra: a city's own sentences; like the base ones they may hold the slots {tempat}, {angka}, {jumlah}.
    """
    chance = random.Random(0)  # noqa: S311 - not a secret: the same graph every time
    phrases = sorted({" ".join(words_of(phrase)) for phrase in phrases} - {""})
    base = read_lines(VOCABULARY / "sentences.txt")
    templates = [*base, *corpus_sentences(), *extra]
    places = cycle(chance.sample(phrases, len(phrases)) or ["sini"])
    filled = [_fill(template, places, chance) for template in templates]
    carried = [carrier.format(phrase) for phrase in phrases for carrier in _PLACE_CARRIERS]
    digits = [_digits(chance, n % _LONGEST_DIGITS + 1) for n in range(_DIGIT_STRINGS)]
    return [words for words in map(words_of, chain(filled, carried, digits)) if words]


def _fill(template: str, places: Iterable[str], chance: random.Random) -> str:
    fillers = {
        "tempat": lambda: next(iter(places)),
        "angka": lambda: _digits(chance, chance.randint(1, 4)),
        "jumlah": lambda: chance.choice(_COUNTS.split(",")),
    }

    def fill(slot: re.Match[str]) -> str:
        if slot[1] not in fillers:
            raise GraphError(f"unknown slot {slot[0]} in a sentence; the slots are {{tempat}}, {{angka}}, {{jumlah}}")
        return fillers[slot[1]]()

    return _SLOT.sub(fill, template)


def _digits(chance: random.Random, length: int) -> str:
    return " ".join(chance.choices(DIGITS, k=length))


def vocabulary_of(words: Sequence[str], sentences: Iterable[Sequence[str]]) -> list[str]:
    """Every word once, in alphabetical order."""
    return sorted({*words, *(word for sentence in sentences for word in sentence)})
