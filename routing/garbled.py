"""Names as they come out of a hasty mouth, a slow typist or a recogniser: for measuring how places are found. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

# Sounds that are taken for each other, in both directions, and how the same was spelled before 1972.
_ALIKE = ("p b", "t d", "k g", "l r", "e i", "u o", "n ng", "f p", "s z", "c j", "a e", "m n")
_SWAPS = [(a, b) for pair in _ALIKE for a, b in (pair.split(), pair.split()[::-1])]
_OLD = (("u", "oe"), ("j", "dj"), ("c", "tj"), ("y", "j"), ("k", "q"), ("s", "sy"))


def letter_lost(name: str, rng: random.Random) -> str:
    """ "cikokl"."""
    at = rng.choice([at for at, letter in enumerate(name) if at and letter != " "])
    return name[:at] + name[at + 1 :]


def letters_swapped(name: str, rng: random.Random) -> str:
    """ "cikkool"."""
    places = [at for at in range(1, len(name) - 1) if " " not in name[at : at + 2] and name[at] != name[at + 1]]
    at = rng.choice(places)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def word_split(name: str, rng: random.Random) -> str:
    """ "ciko kol"."""
    places = [at for at in range(2, len(name) - 1) if " " not in name[at - 2 : at + 2]]
    at = rng.choice(places or [len(name) // 2])
    return name[:at] + " " + name[at:]


def words_joined(name: str, rng: random.Random) -> str:
    """ "kebonbesar"; a name of one word stays."""
    return name.replace(" ", "")


def sound_alike(name: str, rng: random.Random) -> str:
    """ "cigokol"."""
    old, new = rng.choice([(a, b) for a, b in _SWAPS if a in name[1:]])
    at = rng.choice([match.start() for match in re.finditer(old, name) if match.start()])
    return name[:at] + new + name[at + len(old) :]


def sounds_alike(name: str, rng: random.Random) -> str:
    """Two of them: "cigogol"."""
    return sound_alike(sound_alike(name, rng), rng)


def old_spelling(name: str, rng: random.Random) -> str:
    """ "tjikokol"."""
    for new, old in _OLD[:3]:
        name = name.replace(new, old)
    return name


WAYS: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda name, rng: name,
    "a letter lost": letter_lost,
    "letters swapped": letters_swapped,
    "a word split": word_split,
    "words joined": words_joined,
    "a sound alike": sound_alike,
    "two sounds alike": sounds_alike,
    "old spelling": old_spelling,
}
