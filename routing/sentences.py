"""Labelled sentences to learn from and to measure on: read, kept apart, and written down as a recogniser might."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from routing.learnt import plain

SLIPS = 0.08  # share of words that a copy of each sentence loses or mishears
PARTS = 5  # of which one is kept apart
LONGEST = 5000  # letters of a sentence that are looked at

# What the recogniser takes for what, in both directions; found among its substitutions on spoken reports.
_ALIKE = ("p b", "t d", "k g", "l r", "e i", "u o", "n ng", "f p", "s z", "c j", "a e")
_SWAPS = [(a, b) for pair in _ALIKE for a, b in (pair.split(), pair.split()[::-1])]


class CannotTrain(Exception):
    """There is too little to learn from, or a file cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Sentence:
    """`category` is empty for what is no report: it teaches only that it is no emergency."""

    text: str
    category: str
    emergency: bool
    source: str


@dataclass
class Sentences:
    """What was read, and what was left out and why."""

    taken: list[Sentence] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)


def read_sentences(paths: Iterable[Path], categories: Iterable[str]) -> Sentences:
    """Tables with the columns `text` and `category`, and perhaps `emergency` (1: it is one, now).

    Raises:
        CannotTrain: naming the file, when it cannot be read or lacks a column.
    """
    known, found, seen = frozenset(categories), Sentences(), set()
    for path in paths:
        for row in _rows(path):
            text, category = plain((row.get("text") or "")[:LONGEST]), (row.get("category") or "").strip()
            if not text:
                found.skipped["without words"] += 1
            elif category and category not in known:
                found.skipped[f"category {category} is not the city's"] += 1
            elif (text, category) in seen:
                found.skipped["said before"] += 1
            else:
                seen.add((text, category))
                found.taken.append(Sentence(text, category, row.get("emergency") == "1", path.name))
    return found


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"text", "category"} - set(reader.fieldnames or ())
            if missing:
                raise CannotTrain(f"{path}: line 1 lacks the column(s) {', '.join(sorted(missing))}")
            return list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CannotTrain(f"{path}: cannot be read as a CSV table in UTF-8: {error}") from None


def misheard(text: str, rng: random.Random) -> str:
    """A sentence as a recogniser might write it: words lost, sounds taken for others, words run together."""
    words = []
    for word in text.split():
        chance = rng.random()
        if chance < SLIPS / 2:
            continue
        words.append(_slip(word, rng) if chance < SLIPS * 2 else word)
    said = " ".join(words) or text
    return re.sub(" ", lambda blank: "" if rng.random() < SLIPS / 4 else " ", said)


def _slip(word: str, rng: random.Random) -> str:
    fitting = [(a, b) for a, b in _SWAPS if a in word]
    if not fitting:
        return word
    old, new = rng.choice(fitting)
    at = rng.choice([match.start() for match in re.finditer(old, word)])
    return word[:at] + new + word[at + len(old) :]


def part_of(sentence: Sentence) -> int:
    """Which of the `PARTS` a sentence is in, from 0: decided by its words, so the same in every run."""
    return sha256(sentence.text.encode()).digest()[0] * PARTS // 256


def held_out(sentence: Sentence) -> bool:
    """Whether a sentence is kept apart to measure on: a fifth of them, on which no rule was tried either."""
    return part_of(sentence) == 0
