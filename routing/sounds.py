"""How Indonesian names sound, and how far apart two of them are to a hasty ear. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

ALIKE = 0.4  # of a wrong letter: a sound that ears, tongues and recognisers take for another
WEAK = 0.6  # of a wrong letter: a vowel or h that is swallowed or put in
SWAPPED = 0.8  # of a wrong letter: two that changed places
_PAIRS = [
    "pb",
    "td",
    "kg",
    "lr",
    "ei",
    "uo",
    "Nn",
    "Nm",
    "nm",
    "sc",
    "cj",
    "ae",
    "Yn",
    "ui",
]  # N is ng, Y is ny
_ALIKE = frozenset(pair for both in _PAIRS for pair in (both, both[::-1]))
_VOWELS = frozenset("aeiou")
_WEAK = _VOWELS | {"h"}
_OLD = (
    ("oe", "u"),
    ("dj", "j"),
    ("tj", "c"),
    ("sy", "s"),
    ("kh", "k"),
    ("ph", "p"),
    ("th", "t"),
    ("zh", "s"),
    ("sh", "s"),
    ("dh", "d"),
    ("ny", "Y"),
)
_SAME = str.maketrans({"f": "p", "v": "p", "z": "s", "y": "i", "x": "ks", "q": "k"})
_DOUBLED = re.compile(r"(.)\1+")
_CLOSED = re.compile(r"[gdb](?![aiueorl])")
_CLOSERS = {"g": "k", "d": "t", "b": "p"}
_SILENT = re.compile(r"h(?![aiueo])")
_OTHERS = re.compile(r"[^a-z]")


@lru_cache(maxsize=50000)
def sound(name: str) -> str:
    """How a name sounds: old and new spelling, doubled letters, g/k and d/t at a syllable's end."""
    text = _OTHERS.sub("", name.lower())
    for old, new in _OLD:
        text = text.replace(old, new)
    text = _DOUBLED.sub(r"\1", text.translate(_SAME)).replace("ng", "N").replace("Ng", "N").replace("nk", "N")
    text = _CLOSED.sub(lambda end: _CLOSERS[end[0]], text)
    return _SILENT.sub("", text).replace("w", "u")


def distance(heard: str, name: str, most: float) -> float:
    """Wrong letters between two sounds, weighed by how easily each happens; something above `most` once that is passed.

    Optimal string alignment: a letter is lost, put in, taken for another, or swapped with its neighbour.
    """
    last: list[float] = []
    before = [0.0]
    for letter in name:
        before.append(before[-1] + _lost(letter))
    for at, one in enumerate(heard):
        row = [before[0] + _lost(one)]
        for to, other in enumerate(name):
            cost = min(before[to] + _taken(one, other), before[to + 1] + _lost(one), row[to] + _lost(other))
            if at and to and one == name[to - 1] and other == heard[at - 1]:
                cost = min(cost, last[to - 1] + SWAPPED)
            row.append(cost)
        if min(row) > most:
            return min(row)
        last, before = before, row
    return before[-1]


def alike(one: str, other: str) -> bool:
    """Whether two sounds are the same, or are taken for each other."""
    return _taken(one, other) < 1.0


def _lost(letter: str) -> float:
    return WEAK if letter in _WEAK else 1.0


def _taken(one: str, other: str) -> float:
    if one == other:
        return 0.0
    if one + other in _ALIKE:
        return ALIKE
    return 1.0 if (one in _VOWELS) == (other in _VOWELS) else 1.0 + WEAK  # a vowel is not heard for a consonant
