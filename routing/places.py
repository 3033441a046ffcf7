"""Which kelurahan or kecamatan a caller means: by spelling, by sound, by the words around it. Pure.

Many places are called like ordinary things (benda: thing, petir: thunder, gondrong: long-haired); the city lists
them, and they count only where the words around speak of a place. Nothing is ever invented: far names score nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import yaml
from rapidfuzz.distance import OSA, JaroWinkler

from routing.city import Area, City
from routing.words import tokens

LONGEST_NAME = 4  # words: a spelled-out name ("sungai hulu" for Sungaihulu) may have one more than the name itself
MOST = 8  # two pages of a spoken choice
# Scores, best first. They order the candidates; `ivr` offers what is 0.85 and better without being asked.
EXACT_CUED = 1.0
EXACT = 0.95
SAME_SOUND = 0.93
NAMESAKE = 0.8  # the kelurahan of the kecamatan's name, or the other way round
SHORT_FORM = 0.9  # "cempaka" for Cempaka Timur, where no other name begins so
ONE_OF_SEVERAL = 0.6  # "sudimara": five names begin so
OVERRULED = 0.6  # factor: "di cempaka timur, eh maksud saya cempaka barat"
NEAR_SOUND = 0.9  # Jaro-Winkler of sounds below which an answer is none of the names (see tests)
# Edits of the sound that a name of so many letters may suffer within a story; shorter names none.
EDITS = ((11, 2), (6, 1))
CLEAR_LEAD = 0.03  # of the best sound over the next

_WORDS: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("places.yaml").read_text(encoding="utf-8"))
CUES, LANDMARKS, AFTER_CUES, FILLERS, NOT, BETWEEN_NOT, INSTEAD, HOME = (
    frozenset(_WORDS[name])
    for name in ("cues", "landmarks", "after", "fillers", "not", "between_not", "instead", "home")
)
AREA_CUES = {word: kind for kind in ("kelurahan", "kecamatan") for word in _WORDS[kind]}


@dataclass(frozen=True)
class PlaceMatch:
    area: Area
    score: float  # 0..1


@dataclass(frozen=True)
class _Name:
    area: Area
    spelled: str  # lower case, no spaces
    sound: str
    first: str  # first word
    ordinary: bool


@dataclass(frozen=True)
class _Hit:
    name: _Name
    start: int  # of the tokens
    end: int  # after the last token
    score: float


def sound(name: str) -> str:
    """How a name sounds to a hasty ear: old and new spelling, doubled letters, g/k and d/t at a syllable's end."""
    text = re.sub(r"[^a-z]", "", name.lower())
    for old, new in (("oe", "u"), ("dj", "j"), ("tj", "c"), ("sy", "s"), ("kh", "k"), ("ph", "p"), ("q", "k")):
        text = text.replace(old, new)
    text = text.replace("f", "p").replace("v", "p").replace("z", "s").replace("x", "ks").replace("y", "i")
    text = re.sub(r"(.)\1+", r"\1", text).replace("ng", "N").replace("ny", "Y")
    text = re.sub(r"Ng", "N", text)
    text = re.sub(r"g(?![aiueo])", "k", text)
    text = re.sub(r"d(?![aiueo])", "t", text)
    text = re.sub(r"b(?![aiueo])", "p", text)
    text = re.sub(r"h(?![aiueo])", "", text)
    return text.replace("w", "u")


class PlaceFinder:
    """Finds the places of one city; made once, shared by all threads."""

    def __init__(self, city: City) -> None:
        ordinary = {name.lower() for name in city.ordinary_names}
        self._names = tuple(
            _Name(
                area,
                "".join(tokens(area.name)),
                sound(area.name),
                tokens(area.name)[0],
                area.name.lower() in ordinary,
            )
            for area in (*city.kelurahan, *city.kecamatan)
        )
        self._ordinary_words = {word for name in ordinary for word in tokens(name)} | {
            word.lower() for word in city.ordinary_words
        }
        self._fillers = FILLERS | {*tokens(city.name)}  # "di kota ..." names no part of it
        self._kecamatan = {area.code: area for area in city.kecamatan}

    def find(self, text: str) -> tuple[PlaceMatch, ...]:
        """Places that the text names, best first, eight at most; none when it names none that is known."""
        words = tokens(text)
        core = [word for word in words if word not in self._fillers]
        alone = len(core) <= 3  # an answer to "which kelurahan?", not a story
        hits = self._longest([*self._spelled(words, alone), *self._heard(words, alone)])
        hits = [hit for hit in hits if not _denied(words, hit)]
        if not hits:
            hits = self._short_forms(words, alone)
        if not hits and alone and core:
            hits = self._nearest("".join(core), len(words))
        return self._rank(_overrule(words, hits), words)

    # -- ways to find a name

    def _spelled(self, words: list[str], alone: bool) -> Iterable[_Hit]:
        """Names as they are written, spaces aside."""
        for start, end, text in _spans(words):
            for name in self._names:
                if name.spelled != text:
                    continue
                cued = _cued(words, start, end)
                if cued or (alone and self._only(words, start, end)):
                    yield _Hit(name, start, end, EXACT_CUED if cued else EXACT)
                elif not name.ordinary or _cued(words, start, end, LANDMARKS):
                    yield _Hit(name, start, end, EXACT)

    def _heard(self, words: list[str], alone: bool) -> Iterable[_Hit]:
        """Names by their sound, or a slip away from it. Ordinary words need to be spelled."""
        for start, end, text in _spans(words):
            heard = sound(text)
            for name in self._names:
                if name.spelled == text or (name.ordinary and not (alone or _cued(words, start, end))):
                    continue
                if heard == name.sound:
                    yield _Hit(name, start, end, SAME_SOUND)
                elif (
                    (alone or _cued(words, start, end, LANDMARKS))
                    and self._slip(heard, name.sound)
                    and not self._is_ordinary(words[start:end])
                ):
                    likeness = JaroWinkler.similarity(heard, name.sound)
                    yield _Hit(name, start, end, SAME_SOUND * likeness * likeness)

    @staticmethod
    def _slip(heard: str, name: str) -> bool:
        edits = next((edits for letters, edits in EDITS if min(len(name), len(heard)) >= letters), 0)
        return bool(edits and heard[0] == name[0] and OSA.distance(heard, name, score_cutoff=edits) <= edits)

    def _only(self, words: list[str], start: int, end: int) -> bool:
        """Whether nothing of weight is said beside the span."""
        return all(word in self._fillers for word in (*words[:start], *words[end:]))

    def _is_ordinary(self, words: list[str]) -> bool:
        return all(word in self._ordinary_words for word in words)

    def _short_forms(self, words: list[str], alone: bool) -> list[_Hit]:
        """First words of longer names: one place if only one begins so, else each of several a little."""
        for at, word in enumerate(words):
            if word in self._ordinary_words or not (alone or _cued(words, at, at + 1, LANDMARKS)):
                continue
            begun = [n for n in self._names if sound(n.first) == sound(word) and n.spelled != n.first]
            if not begun or _denied(words, _Hit(begun[0], at, at + 1, 0)):
                continue
            if len(begun) == 1:
                return [_Hit(begun[0], at, at + 1, SHORT_FORM)]
            parents = {n.area.parent for n in begun}
            hits = [_Hit(n, at, at + 1, ONE_OF_SEVERAL) for n in begun]
            if len(parents) == 1 and (parent := self._kecamatan.get(parents.pop())):
                name = next(n for n in self._names if n.area == parent)
                hits.append(_Hit(name, at, at + 1, ONE_OF_SEVERAL + 3 * CLEAR_LEAD))
            return hits
        return []

    def _nearest(self, text: str, length: int) -> list[_Hit]:
        """The nearest sounds to an answer that is no name; none unless one leads clearly."""
        heard = sound(text)
        if len(heard) < 4 or self._is_ordinary([text]):
            return []
        ranked = sorted(((JaroWinkler.similarity(heard, n.sound), n) for n in self._names), key=lambda s: -s[0])
        best = ranked[0][0]
        if best < NEAR_SOUND:
            return []
        return [_Hit(n, 0, length, score * SHORT_FORM) for score, n in ranked if best - score <= CLEAR_LEAD][:MOST]

    # -- which of several

    @staticmethod
    def _longest(hits: Iterable[_Hit]) -> list[_Hit]:
        """Of overlapping hits the one with more words, then the better one: "Cempaka Timur Baru", not "Gaga"."""
        kept: list[_Hit] = []
        for hit in sorted(hits, key=lambda h: (-round(h.score >= SAME_SOUND), h.start - h.end, -h.score)):
            same_span = [k for k in kept if (k.start, k.end) == (hit.start, hit.end)]
            if all(hit.end <= k.start or k.end <= hit.start for k in kept) or (
                same_span and same_span[0].name.spelled == hit.name.spelled
            ):
                kept.append(hit)
        return kept

    def _rank(self, hits: list[_Hit], words: list[str]) -> tuple[PlaceMatch, ...]:
        scores: dict[str, PlaceMatch] = {}
        mentioned = {hit.name.area.code for hit in hits}
        for hit in hits:
            area, score = hit.name.area, hit.score
            if any(
                h is not hit and (h.start, h.end) == (hit.start, hit.end) and h.name.spelled == hit.name.spelled
                for h in hits
            ):
                score = score if self._meant(words, hit) else min(score, 1.0) * NAMESAKE
            elif not area.parent and any(h.name.area.parent == area.code and h.score > hit.score for h in hits):
                score *= NAMESAKE  # named beside one of its own kelurahan: only to say which
            if area.parent in mentioned:
                score = min(1.0, score + CLEAR_LEAD)
            if area.code not in scores or scores[area.code].score < score:
                scores[area.code] = PlaceMatch(area, round(score, 3))
        return tuple(sorted(scores.values(), key=lambda m: (-m.score, not m.area.parent, m.area.code))[:MOST])

    def _meant(self, words: list[str], hit: _Hit) -> bool:
        """Of a kelurahan and a kecamatan of one name: what the word before says; in a story the kecamatan."""
        cue = AREA_CUES.get(words[hit.start - 1]) if hit.start else None
        kind = "kelurahan" if hit.name.area.parent else "kecamatan"
        if cue:
            return cue == kind
        return kind == ("kelurahan" if self._only(words, hit.start, hit.end) else "kecamatan")


def _spans(words: list[str]) -> Iterable[tuple[int, int, str]]:
    for start in range(len(words)):
        for end in range(start + 1, min(start + LONGEST_NAME, len(words)) + 1):
            yield start, end, "".join(words[start:end])


def _namesakes(one: _Hit, other: _Hit) -> bool:
    """A kelurahan and a kecamatan of one name, heard in the same words."""
    return (one.start, one.end, one.name.spelled) == (other.start, other.end, other.name.spelled)


def _cued(words: list[str], start: int, end: int, more: frozenset[str] = frozenset()) -> bool:
    """Whether the words around speak of a place; `more`: further words that do when they come right before."""
    before = words[start - 1] if start else ""
    after = words[end] if end < len(words) else ""
    return before in CUES or after in AFTER_CUES or before in more


def _denied(words: list[str], hit: _Hit) -> bool:
    """ "bukan cempaka timur"."""
    at = hit.start - 1
    while at >= 0 and words[at] in BETWEEN_NOT:
        at -= 1
    return at >= 0 and words[at] in NOT


def _overrule(words: list[str], hits: list[_Hit]) -> list[_Hit]:
    """Places that are taken back, or are only where the caller lives, yield to those named after."""
    last = max((hit.start for hit in hits), default=0)

    def overruled(hit: _Hit) -> bool:
        if hit.start >= last:
            return False
        later = next((h for h in sorted(hits, key=lambda h: h.start) if h.start >= hit.end), None)
        lives = HOME.intersection(words[max(0, hit.start - 4) : hit.start])
        return later is not None and bool(lives or INSTEAD.intersection(words[hit.end : later.start]))

    return [replace(hit, score=hit.score * OVERRULED) if overruled(hit) else hit for hit in hits]
