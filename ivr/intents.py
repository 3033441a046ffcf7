"""What an utterance asks for when no list has its words: a small trained model, made by `flask routing commands`.

Lists (`words.yaml`) know what is usual and are sure; people say a hundred other things ("minta orangnya saja", "salah
pencet nih"). The model has learnt those of `commands_taught.csv`, and stories as "none". Pure.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from ivr import understand
from routing.learnt import Learnt, read
from routing.sentences import Sentence

MODEL, TAUGHT = Path(__file__).with_name("intents.npz"), Path(__file__).with_name("commands_taught.csv")
# From here on a guess counts where lists understood nothing, and where they say something else (94.0 % of unseen
# sentences are right so, 90.1 % where it never counts against lists).
LIKELY, CERTAIN = 0.6, 0.9
NONE = "none"
WISHES = {"report": "lapor", "status": "cek status", "info": "informasi"}  # as they are said at the menu
NUMBER = "angka"  # stands for every word of a number: which one it is says nothing of the wish


@dataclass(frozen=True)
class Guess:
    """The likeliest intent (empty: none of them) and how likely it is, 0..1."""

    intent: str = ""
    score: float = 0.0


def guess(text: str) -> Guess:
    """What is asked for."""
    words = _prepared(text)
    if not words:
        return Guess()
    nats = _model().log_probabilities(words)
    best = max(nats, key=lambda intent: nats[intent])
    return Guess("" if best == NONE else best, math.exp(nats[best]))


def nearest(text: str, least: float) -> str | None:
    """A wording that the lists know for what was asked in other words; None when that is less likely than `least`."""
    found = guess(text)
    if not found.intent or found.score < least:
        return None
    return WISHES.get(found.intent) or understand.phrases(found.intent)[0]


@lru_cache(maxsize=1)
def _model() -> Learnt:
    return read(MODEL)


def _prepared(text: str) -> str:
    words = understand.tidy(text).split()
    return " ".join(NUMBER if word in understand.NUMBER_WORDS or word.isdigit() else word for word in words)


def to_learn(stories: list[str]) -> list[Sentence]:
    """What the model is made of: the taught commands, and stories that are none."""
    with TAUGHT.open(encoding="utf-8", newline="") as file:
        taught = [Sentence(_prepared(row["text"]), row["intent"], False, TAUGHT.name) for row in csv.DictReader(file)]
    return taught + [Sentence(_prepared(story), NONE, False, "stories") for story in stories]
