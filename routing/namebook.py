"""Names of areas and landmarks in the words of a text: by spelling, by sound, and a slip away. Pure.

Which of them are meant is decided in `routing.places`; here only letters and sounds count.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from routing.city import Area
from routing.landmarks import Landmark, proper
from routing.sounds import alike, distance, sound
from routing.words import tokens

MOST_EDITS = 4  # plain ones, before they are weighed
WHOLE_WORD = 0.24  # wrong letters a letter: by so much may each word be off, to count as if it were spelled
SHORTEST = 4  # sounds of a name that may be off at all


@dataclass(frozen=True)
class Name:
    """One way to call an area or a landmark.

    Attributes:
        of: what is called so.
        words: all of the name.
        spelled, sound: of the words, without spaces.
        weight: sounds of what is not only said to tell what it is ("jalan"): the more, the more of them may be wrong.
        ordinary: called like an everyday thing.
    """

    of: Area | Landmark
    words: tuple[str, ...]
    spelled: str
    sound: str
    weight: int
    ordinary: bool

    @classmethod
    def make(cls, of: Area | Landmark, text: str, ordinary: bool) -> Name:
        words = tuple(tokens(text))
        own = proper(text) if isinstance(of, Landmark) else words
        return cls(of, words, "".join(words), sound("".join(words)), len(sound("".join(own))), ordinary)

    @property
    def headed(self) -> bool:
        """Whether it says what it is, so that it is known for a place ("Jalan Melati", not "Melati")."""
        return self.weight < len(self.sound)


@dataclass(frozen=True)
class Sight:
    """A name in a text.

    Attributes:
        start, end: of its words; `end` is after the last.
        off: wrong letters, weighed; 0 when it is spelled or sounds so.
        spelled: letter for letter.
        whole: spelled, sounds so, or is off by little in every single word.
    """

    name: Name
    start: int
    end: int
    off: float
    spelled: bool = False
    whole: bool = True


class NameBook:
    """All names of a city, to be looked for; made once, shared by all threads."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._names = tuple(names)
        self._sounds = [name.sound for name in names]
        self._same: dict[str, list[Name]] = {}
        for name in names:
            self._same.setdefault(name.sound, []).append(name)
        self._longest = max((len(name.words) for name in names), default=0) + 1  # a name may be written apart

    def sights(self, words: Sequence[str]) -> Iterator[Sight]:
        """Every name whose sound is there."""
        for start in range(len(words)):
            for end in self._ends(words, start):
                text = "".join(words[start:end])
                for name in self._same.get(sound(text), ()):
                    yield Sight(name, start, end, 0.0, spelled=text == name.spelled)

    def slips(self, words: Sequence[str], start: int, most: float) -> Iterator[Sight]:
        """Names that begin at a word and are off by at most so many wrong letters for each letter of their weight."""
        for end in self._ends(words, start):
            heard = sound("".join(words[start:end]))
            if len(heard) < SHORTEST:
                continue
            near = process.extract(heard, self._sounds, scorer=OSA.distance, score_cutoff=MOST_EDITS, limit=None)
            for name in (self._names[at] for _, _, at in near):
                limit = most * name.weight
                if name.weight < SHORTEST or name.sound == heard or not alike(heard[0], name.sound[0]):
                    continue
                off = distance(heard, name.sound, limit)
                if off <= limit:
                    yield Sight(name, start, end, off, whole=_whole(words[start:end], name.words))

    def _ends(self, words: Sequence[str], start: int) -> range:
        return range(start + 1, min(start + self._longest, len(words)) + 1)


def _whole(heard: Sequence[str], words: Sequence[str]) -> bool:
    if len(heard) != len(words):
        return False
    limits = [WHOLE_WORD * len(word) for word in words]
    return all(
        distance(sound(one), sound(word), most) <= most for one, word, most in zip(heard, words, limits, strict=True)
    )
