"""Words as a rule sees them: dialect led back to standard Indonesian, affixes taken off, near misses forgiven.

Pure. A word is compared by all the stems it may have ("penyeberangan": seberang, sebe ...): cheap, and good
enough for keywords, for which a wrong stem simply matches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from rapidfuzz.distance import OSA

_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_ENDINGS = ("nya", "ku", "mu", "lah", "kah", "ne", "na", "e", "ipun", "keun")  # after which little may remain
_SUFFIXES = ("kan", "an", "in", "i", "en")
_PREFIXES = ("di", "ke", "se", "ber", "be", "ter", "te", "per", "pe", "ka", "pang", "peng", "ng", "nge", "ke", "dipe")
# A nasal prefix, and the sound that it may have swallowed: "menyapu" is sapu, "ngaspal" is aspal or kaspal.
_NASAL_RULES = (
    "meny:s peny:s ny:s,c meng:,k peng:,k ng:,k nge: mem:,p pem:,p m:p men:,t pen:,t n:t me: pe:"  # prefix:swallowed
)
_NASAL = tuple(
    (prefix, sound)
    for prefix, _, sounds in (rule.partition(":") for rule in _NASAL_RULES.split())
    for sound in sounds.split(",")
)
# "kali" is a river, but not in "dua kali".
TIMES = "kali"
_COUNTED = (
    "satu dua tiga empat lima enam tujuh delapan sembilan puluh berapa beberapa berkali kali pertama sama banyak tilu"
    " opat loro telu papat sekian tiap"
)
COUNTED = frozenset(_COUNTED.split())
SHORTEST_STEM = 3
FUZZY_FROM = 7  # letters: shorter words have too many neighbours
FUZZY_LIKENESS = 0.85  # one wrong letter in seven; with six, "sampai" would be "sampah"


def tokens(text: str) -> list[str]:
    """Lower-case words of a text, in order."""
    return _TOKEN.findall(text.lower())


@lru_cache(maxsize=1)
def _standard() -> dict[str, str]:
    path = Path(__file__).with_name("colloquial.yaml")
    table: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {variant: str(word) for word, variants in table.items() for variant in variants if " " not in variant}


@lru_cache(maxsize=20000)
def stems(word: str) -> frozenset[str]:
    """Everything that the word may come from, itself and its standard form among them."""
    found = {word}
    for _ in range(2):  # "memperbaikinya": an ending, then a prefix and a suffix
        for form in tuple(found):
            found.update(_shorter(form))
    table = _standard()
    found.update(table[form] for form in tuple(found) if form in table)
    return frozenset(found)


def _shorter(form: str) -> Iterable[str]:
    for ending in _ENDINGS:
        if form.endswith(ending) and len(form) - len(ending) >= SHORTEST_STEM:
            yield form[: -len(ending)]
    bare = [form] + [form[: -len(s)] for s in _SUFFIXES if form.endswith(s) and len(form) - len(s) >= 4]
    yield from bare[1:]
    for base in bare:
        for prefix in _PREFIXES:
            if base.startswith(prefix) and len(base) - len(prefix) >= SHORTEST_STEM + 1:
                yield base[len(prefix) :]
        for prefix, restored in _NASAL:
            if base.startswith(prefix) and len(base) - len(prefix) + len(restored) >= SHORTEST_STEM + 1:
                yield restored + base[len(prefix) :]
    yield from (form[: len(form) // 2] for _ in (0,) if len(form) % 2 == 0 and form[: len(form) // 2] * 2 == form)


@lru_cache(maxsize=50000)
def alike(word: str, other: str) -> bool:
    """Whether two words differ by no more than a recogniser's slip."""
    if min(len(word), len(other)) < FUZZY_FROM or word[0] != other[0]:
        return False
    return bool(OSA.normalized_similarity(word, other) >= FUZZY_LIKENESS)


@dataclass(frozen=True)
class Phrase:
    """One or more words that must follow each other, with at most `gap` words in between.

    `+` before a word forbids stemming it: "+pak" is not "paku".
    """

    text: str
    words: tuple[str, ...]
    gap: int = 2

    @classmethod
    def of(cls, text: str, gap: int = 2) -> Phrase:
        return cls(text, tuple(text.lower().split()), gap)


class Words:
    """A text, prepared to be asked for phrases."""

    def __init__(self, text: str) -> None:
        self.tokens = tokens(text)
        self._blank: set[int] = set()
        self._at: dict[str, list[int]] = {}  # a stem's places: most phrases are not there, and that must cost nothing
        for at, token in enumerate(self.tokens):
            counted = token == TIMES and at and self.tokens[at - 1] in COUNTED
            for stem in (token,) if counted else stems(token):
                self._at.setdefault(stem, []).append(at)
        self._long = [at for at, token in enumerate(self.tokens) if len(token) >= FUZZY_FROM]

    def blank(self, positions: Iterable[int]) -> None:
        """Take words out: nothing is found at these positions any more."""
        self._blank.update(positions)

    def find(self, phrase: Phrase, forgiving: bool = False, start: int = 0) -> tuple[int, ...]:
        """Positions of the phrase's words, first occurrence; empty when it is not there.

        Args:
            forgiving: also accept words that are merely alike (see `alike`).
        """
        for at in self._places(phrase.words[0], forgiving):
            if at >= start:
                found = self._rest(phrase, at, forgiving)
                if found:
                    return found
        return ()

    def _rest(self, phrase: Phrase, at: int, forgiving: bool) -> tuple[int, ...]:
        found = [at]
        for word in phrase.words[1:]:
            last = found[-1]
            near = (at for at in self._places(word, forgiving) if last < at <= last + 1 + phrase.gap)
            following = next(near, None)
            if following is None:
                return ()
            found.append(following)
        return tuple(found)

    def _places(self, word: str, forgiving: bool) -> list[int]:
        """Where a word stands, in order."""
        if word.startswith("+"):
            return [at for at in self._at.get(word[1:], ()) if self.tokens[at] == word[1:] and at not in self._blank]
        places = self._at.get(word, [])
        if forgiving and self._long and len(word) >= FUZZY_FROM:
            places = sorted({*places, *(at for at in self._long if alike(self.tokens[at], word))})
        return [at for at in places if at not in self._blank] if self._blank else places
