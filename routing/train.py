"""Train a city's model from labelled sentences: its own cases, and the project's corpus. `flask routing train`."""

from __future__ import annotations

import csv
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from sklearn.linear_model import LogisticRegression

from routing.learnt import Learnt, empty_features, plain

STRENGTH = 30.0  # inverse regularisation of the categories
EMERGENCY_STRENGTH = 10.0
SLIPS = 0.08  # share of words that a copy of each sentence loses or mishears
LEAST = 5  # sentences of a category, below which it is not learnt
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


def train(sentences: Sequence[Sentence], seed: int = 1) -> Learnt:
    """Learn from sentences, and from a copy of each with slips of the recogniser. The same for the same seed.

    Raises:
        CannotTrain: when fewer than two categories have sentences enough.
    """
    enough = {code for code, count in Counter(s.category for s in sentences if s.category).items() if count >= LEAST}
    if len(enough) < 2:
        raise CannotTrain(f"two categories with {LEAST} sentences each are needed, and only {len(enough)} has them")
    rng = random.Random(seed)  # noqa: S311  slips of a pen, no secret
    pairs = [(text, s) for s in sentences for text in (s.text, misheard(s.text, rng))]
    features = empty_features()
    x = features.fit_transform([text for text, _ in pairs])
    labelled = [n for n, (_, s) in enumerate(pairs) if s.category in enough]
    categories = LogisticRegression(C=STRENGTH, max_iter=300)
    categories.fit(x[labelled], [pairs[n][1].category for n in labelled])
    emergency = LogisticRegression(C=EMERGENCY_STRENGTH, max_iter=300, class_weight="balanced")
    if len({s.emergency for s in sentences}) < 2:  # a city's cases without that column: never an emergency by itself
        emergency.fit(x[:2], [0, 1])
        emergency.coef_[:], emergency.intercept_[:] = 0.0, -20.0
    else:
        emergency.fit(x, [int(s.emergency) for _, s in pairs])
    return Learnt(features, categories, emergency)


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


def held_out(sentence: Sentence, share: float = 0.2) -> bool:
    """Whether a sentence is kept apart to measure on: decided by its words, so the same in every run."""
    return sha256(sentence.text.encode()).digest()[0] < 256 * share
