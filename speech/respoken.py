"""How an odd word is said, written down by a person: "Cluster D'Green" as "klaster di grin".

Spelling and sound need not have as many words as each other ("dgreen" is "di grin"): each word gets the run of
spoken ones that looks most like it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import combinations, pairwise, product

from speech.pronounce import Reading, pronunciations, pronunciations_as_marked, words_of

MOST_SPOKEN = 14  # spoken words of one phrase: written and spoken ones are then parted in at most 1716 ways
_WAYS = 2  # of each spoken word: who writes down how a word is said means little else
_MOST_OWN = 3  # readings of one word: one place of `pronounce.MOST_READINGS` stays for what its spelling tells
_SHOWN = {"@": "ê", "e": "é", "ay": "ai", "aw": "au", "oy": "oi", "ey": "éi"}


class CannotAlign(Exception):
    """The spoken form has fewer words than the written one, too many, or no sounds."""


def align(text: str, spoken: str) -> list[tuple[str, tuple[str, ...]]]:
    """The words of `text`, each with the spoken words that are it, in order.

    Raises:
        CannotAlign: if there are fewer spoken words than written ones, none, or more than `MOST_SPOKEN`.
    """
    words, said = words_of(text), _spoken_words(spoken)
    if not words or len(said) < len(words) or len(said) > MOST_SPOKEN:
        raise CannotAlign(f"{len(words)} written and {len(said)} spoken words")
    cuts = ((0, *inner, len(said)) for inner in combinations(range(1, len(said)), len(words) - 1))
    best = max(cuts, key=lambda cut: sum(_alike(w, said[a:b]) for w, (a, b) in zip(words, pairwise(cut), strict=True)))
    return [(word, tuple(said[a:b])) for word, (a, b) in zip(words, pairwise(best), strict=True)]


def _spoken_words(spoken: str) -> list[str]:
    """In lower case with their marked e's; numbers as words."""
    pieces = re.findall(r"[^\W\d_]+|\d+", spoken.lower().replace("'", ""))
    return [word for piece in pieces for word in (words_of(piece) if piece.isdigit() else [piece]) if words_of(word)]


def _alike(word: str, said: Sequence[str]) -> float:
    """Letters in common, weighed by length, so that a long word counts more than "di"."""
    sounds = "".join(words_of(" ".join(said))).replace(" ", "")
    return SequenceMatcher(None, word, sounds, autojunk=False).ratio() * len(word)


def readings_as_spoken(text: str, spoken: str) -> dict[str, list[Reading]]:
    """Own readings for the words of `text`, likeliest first, as `speech.graph` takes them; é and ê count.

    Raises:
        CannotAlign: see `align`.
    """
    readings: dict[str, list[Reading]] = {}
    for word, said in align(text, spoken):
        ways = [pronunciations_as_marked(one, _WAYS) for one in said]
        joined = [tuple(phone for way in combination for phone in way) for combination in product(*ways)]
        readings[word] = list(dict.fromkeys([*readings.get(word, ()), *joined]))[:_MOST_OWN]
    return readings


def in_letters(reading: Reading) -> str:
    """A reading as a person can read it: é of "meja", ê of "emas"; ng, ny, sy, kh are one sound each."""
    return "".join(_SHOWN.get(phone, phone) for phone in reading)


def usual_readings(text: str) -> dict[str, list[Reading]]:
    """The words of `text` with the readings that their spelling gives; none for what cannot be said."""
    return {word: pronunciations(word) for word in words_of(text)}
