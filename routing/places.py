"""Which kelurahan or kecamatan a caller means: by spelling, by sound, by the words around it. Pure.

Many places are called like ordinary things (benda: thing, petir: thunder, gondrong: long-haired); the city lists
them, and they count only where the words around speak of a place. Nothing is ever invented: far names score nothing,
and a landmark is a reason to ask whether it is there, never an answer, unless somebody of the city confirmed it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from routing.city import Area, City
from routing.landmarks import HEADS, Landmark
from routing.namebook import Name, NameBook, Sight
from routing.sounds import sound
from routing.words import tokens

MOST = 8  # two pages of a spoken choice
ANSWER, LONG_ANSWER = (
    3,
    6,
)  # words of weight in an answer to "which kelurahan?": unasked, and asked
# Scores, best first. They order the candidates; `ivr` offers what is 0.85 and better without being asked.
EXACT_CUED = 1.0
EXACT = 0.95
SAME_SOUND = 0.93
SHORT_FORM = 0.9  # "cempaka" for Cempaka Timur, where no other name begins so
CONFIRMED_LANDMARK = 0.88
NAMESAKE = 0.8  # the kelurahan of the kecamatan's name, or the other way round
ONE_OF_SEVERAL = 0.6  # "cempaka": five names begin so
OVERRULED = 0.6  # factor: "di cempaka timur, eh maksud saya cempaka barat"
SLIPPED = 0.55  # of the score, for wrong letters a letter: with one in seven a name is still offered
SLIP_IN_STORY, SLIP_IN_ANSWER = 0.145, 0.2  # wrong letters a letter, at the most
LEAD = 0.4  # wrong letters: of names that are less apart from each other than this, each may be meant
CLEAR_LEAD = 0.03

_WORDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("places.yaml").read_text(encoding="utf-8"))
CUES, LANDMARKS, AFTER_CUES, BESIDE, ELSEWHERE, FILLERS, NOT, BETWEEN_NOT, INSTEAD, HOME, NUMBERS = (
    frozenset(_WORDS[name])
    for name in (
        "cues", "landmarks", "after", "beside", "elsewhere", "fillers", "not", "between_not", "instead", "home",
        "numbers",
    )
)  # fmt: skip
AREA_CUES = {word: kind for kind in ("kelurahan", "kecamatan") for word in _WORDS[kind]}
WRITTEN: dict[str, str] = _WORDS["written"]


@dataclass(frozen=True)
class PlaceMatch:
    area: Area
    score: float  # 0..1


@dataclass(frozen=True)
class Nearby:
    """Landmarks that a text names.

    Attributes:
        areas: codes of the areas where all of them may be (else any of them): to be asked about.
        said: the words that name them, as they were said.
    """

    areas: tuple[str, ...]
    said: str


@dataclass(frozen=True)
class _Hit:
    name: Name
    start: int  # of the words
    end: int  # after the last word
    score: float
    whole: bool = True

    @property
    def area(self) -> Area | None:
        return self.name.of if isinstance(self.name.of, Area) else None

    @property
    def landmark(self) -> Landmark | None:
        return self.name.of if isinstance(self.name.of, Landmark) else None


class PlaceFinder:
    """Finds the places of one city; made once, shared by all threads.

    Args:
        added: landmarks that are not in the city's files.
    """

    def __init__(self, city: City, added: Iterable[Landmark] = ()) -> None:
        ordinary = {name.lower() for name in city.ordinary_names}
        self._areas = {area.code: area for area in (*city.kelurahan, *city.kecamatan)}
        self._names = [Name.make(area, area.name, area.name.lower() in ordinary) for area in self._areas.values()]
        called = [(landmark, name) for landmark in (*added, *city.landmarks) for name in landmark.names]
        self.landmarks = tuple(name for _, name in called)
        self._book = NameBook([*self._names, *(Name.make(one, name, name.lower() in ordinary) for one, name in called)])
        self._ordinary_words = {word for name in ordinary for word in tokens(name)} | {
            word.lower() for word in city.ordinary_words
        }
        self._city = " ".join(tokens(city.name))
        self._ordinary_sounds = {sound(word) for word in self._ordinary_words}
        self._everyday_sounds = {sound(word) for word in self._ordinary_words | _everyday_words(city)}

    def find(self, text: str, asked: bool = False) -> tuple[PlaceMatch, ...]:
        """Places that the text names, best first, eight at most; none when it names none that is known.

        Args:
            asked: the text answers the question for a place.
        """
        words, hits = self._look(text, asked)
        if areas := [hit for hit in hits if hit.area]:
            return _rank(_overrule(words, areas), words)
        sure = {hit.landmark.areas for hit in hits if hit.landmark and hit.landmark.confirmed}
        inside = self._inside(hits)
        if len(inside) == 1 and inside in sure:
            return (PlaceMatch(self._areas[inside[0]], CONFIRMED_LANDMARK),)
        return ()

    def nearby(self, text: str, asked: bool = False) -> Nearby | None:
        """Where the landmarks that the text names may be; None when it names none."""
        words, hits = self._look(text, asked)
        inside = self._inside(hits)
        return Nearby(inside, _said(words, hits)) if inside else None

    def _look(self, text: str, asked: bool) -> tuple[list[str], list[_Hit]]:
        """Words of the text, and what of it names areas and landmarks."""
        words = [word for token in tokens(text) for word in WRITTEN.get(token, token).split()]
        words = f" {' '.join(words)} ".replace(f" {self._city} ", " ").split()  # "di kota ..." names no part of it
        weight = sum(word not in FILLERS for word in words)
        alone = weight <= (LONG_ANSWER if asked else ANSWER)
        hits = _longest([*self._seen(words, alone, asked), *self._slipped(words, alone, asked)])
        hits = [hit for hit in hits if not _denied(words, hit.start)]
        return words, hits or self._short_forms(words, alone)

    # -- ways to find a name

    def _seen(self, words: list[str], alone: bool, asked: bool) -> Iterable[_Hit]:
        """Names that are spelled so or sound so. Those that are everyday words need a word that speaks of a place."""
        for sight in self._book.sights(words):
            start, end, ordinary = sight.start, sight.end, sight.name.ordinary
            if isinstance(sight.name.of, Landmark):
                answers = alone and (asked or _only(words, start, end))
                if not _elsewhere(words, start) and (not ordinary or answers or _beside(words, start)):
                    yield _Hit(sight.name, start, end, EXACT if sight.spelled else SAME_SOUND)
                continue
            cued = _cued(words, start, end)
            answers = alone and (_only(words, start, end) or (asked and _begins(words, start)))
            if not ordinary or cued or answers or (sight.spelled and _cued(words, start, end, LANDMARKS)):
                yield _Hit(sight.name, start, end, (EXACT_CUED if cued else EXACT) if sight.spelled else SAME_SOUND)

    def _slipped(self, words: list[str], alone: bool, asked: bool) -> Iterable[_Hit]:
        """Names a slip away, where the words around speak of a place and what was said is no everyday word."""
        for start in range(len(words)):
            found: dict[int, list[Sight]] = {}
            for sight in self._book.slips(words, start, SLIP_IN_ANSWER if alone else SLIP_IN_STORY):
                answers = alone and (asked or _only(words, start, sight.end))
                if (answers or _may_slip(words, sight)) and not self._everyday(words[start : sight.end], sight):
                    found.setdefault(sight.end, []).append(sight)
            for sights in found.values():
                yield from _scored(sights)

    def _everyday(self, said: Sequence[str], sight: Sight) -> bool:
        """Whether what was said is no name but everyday words, or has another number than the name."""
        if len(said) > 1 and FILLERS.intersection(said):
            return True
        if NUMBERS.intersection(said) - set(sight.name.words):
            return True
        return all(word in HEADS or sound(word) in self._everyday_sounds for word in said)

    def _short_forms(self, words: list[str], alone: bool) -> list[_Hit]:
        """First words of longer names: one place if only one begins so, else each of several a little."""
        for at, word in enumerate(words):
            if sound(word) in self._ordinary_sounds or not (alone or _cued(words, at, at + 1, LANDMARKS)):
                continue
            begun = [name for name in self._names if len(name.words) > 1 and sound(name.words[0]) == sound(word)]
            if not begun or _denied(words, at):
                continue
            if len(begun) == 1:
                return [_Hit(begun[0], at, at + 1, SHORT_FORM)]
            parents = {name.of.parent for name in begun if isinstance(name.of, Area)}
            over = [name for name in self._names if len(parents) == 1 and name.of.code in parents]  # type: ignore[union-attr]
            return [
                *(_Hit(name, at, at + 1, ONE_OF_SEVERAL) for name in begun),
                *(_Hit(name, at, at + 1, ONE_OF_SEVERAL + 3 * CLEAR_LEAD) for name in over),
            ]
        return []

    # -- where landmarks are

    def _inside(self, hits: Sequence[_Hit]) -> tuple[str, ...]:
        """Where all landmarks may be, else where any of them may; within a kecamatan that is named, if they can."""
        sets = [hit.landmark.areas for hit in hits if hit.landmark]
        if not sets:
            return ()
        common = [code for code in sets[0] if all(code in codes for codes in sets)]
        inside = common or list(dict.fromkeys(code for codes in sets for code in codes))
        named = {hit.area.code for hit in hits if hit.area}
        return tuple([code for code in inside if {code, self._areas[code].parent} & named] or inside)


def _everyday_words(city: City) -> set[str]:
    """Words of what people report: none of them is a slip of a place's name."""
    texts = [text for category in city.categories.values() for text in (category.name, category.covers)]
    texts += [word for kinds in city.keywords.values() for words in kinds.values() for word in words]
    return {word for text in texts for word in tokens(text)}


def _said(words: Sequence[str], hits: Sequence[_Hit]) -> str:
    """Landmarks in the caller's words, with "di depan" and the like before them."""
    parts = []
    for hit in sorted((hit for hit in hits if hit.landmark), key=lambda hit: hit.start):
        start = hit.start
        while start and words[start - 1] in BESIDE:
            start -= 1
        parts.append(" ".join(words[start : hit.end]))
    return ", ".join(dict.fromkeys(parts))


def _scored(sights: Sequence[Sight]) -> Iterable[_Hit]:
    """Slips over the same words: the nearest; several that are about as near count each a little."""
    best = min(sight.off for sight in sights)
    near = [sight for sight in sights if sight.off - best < LEAD]
    one = len({sight.name.spelled for sight in near}) == 1
    for sight in near:
        score = SAME_SOUND - SLIPPED * sight.off / sight.name.weight if one else ONE_OF_SEVERAL
        yield _Hit(sight.name, sight.start, sight.end, score, sight.whole)


# -- which of several


def _longest(hits: Iterable[_Hit]) -> list[_Hit]:
    """Of overlapping hits the one with more words, then the better one: "Cempaka Timur Baru", not "Timur"."""
    kept: list[_Hit] = []
    for hit in sorted(hits, key=lambda h: (not h.whole, h.start - h.end, -h.score)):
        over = [k for k in kept if hit.start < k.end and k.start < hit.end]
        if all(_together(k, hit) for k in over):
            kept.append(hit)
    return [hit for hit in kept if not (hit.area and _only_part(hit, kept))]


def _together(kept: _Hit, hit: _Hit) -> bool:
    """Whether both may count although they are heard in the same words; see `_only_part`."""
    if kept.landmark and hit.area:
        return kept.start <= hit.start and hit.end <= kept.end
    if (kept.start, kept.end) != (hit.start, hit.end):
        return False
    return kept.name.spelled == hit.name.spelled or kept.score == hit.score == ONE_OF_SEVERAL


def _only_part(hit: _Hit, kept: Sequence[_Hit]) -> bool:
    """Whether an area is named in a landmark's name alone ("Jalan Ciledug Raya"), and may not be what is meant.

    "Terminal Cempaka Timur" does name its kelurahan; "Stasiun Kenari" may lie in another one.
    """
    around = next((k for k in kept if k.landmark and k.start <= hit.start and hit.end <= k.end), None)
    if around is None or around.landmark is None:
        return False
    same = {k.area.code for k in kept if k.area and (k.start, k.end) == (hit.start, hit.end)}
    return same != set(around.landmark.areas)


def _rank(hits: list[_Hit], words: list[str]) -> tuple[PlaceMatch, ...]:
    scores: dict[str, PlaceMatch] = {}
    named = [(hit, hit.area) for hit in hits if hit.area]
    mentioned = {area.code for _, area in named}
    parents = {area.parent for hit, area in named if hit.score >= NAMESAKE}
    for hit, area in named:
        score = hit.score
        if any(_namesakes(hit, other) for other in hits):
            score = score if _meant(words, hit, area) else score * NAMESAKE
        elif area.code in parents:
            score *= NAMESAKE  # named beside one of its own kelurahan: only to say which
        if area.parent in mentioned:
            score = min(1.0, score + CLEAR_LEAD)
        if area.code not in scores or scores[area.code].score < score:
            scores[area.code] = PlaceMatch(area, round(score, 3))
    return tuple(sorted(scores.values(), key=lambda m: (-m.score, not m.area.parent, m.area.code))[:MOST])


def _namesakes(one: _Hit, other: _Hit) -> bool:
    """A kelurahan and a kecamatan of one name, heard in the same words."""
    return one is not other and (one.start, one.end, one.name.spelled) == (other.start, other.end, other.name.spelled)


def _meant(words: list[str], hit: _Hit, area: Area) -> bool:
    """Of a kelurahan and a kecamatan of one name: what the word before says; in a story the kecamatan."""
    cue = AREA_CUES.get(words[hit.start - 1]) if hit.start else None
    kind = "kelurahan" if area.parent else "kecamatan"
    if cue:
        return cue == kind
    return kind == ("kelurahan" if _only(words, hit.start, hit.end) else "kecamatan")


def _may_slip(words: list[str], sight: Sight) -> bool:
    """Whether the words around speak of a place so plainly that a slip of its name may be meant in a story."""
    if isinstance(sight.name.of, Landmark):
        return not _elsewhere(words, sight.start) and (sight.name.headed or _beside(words, sight.start))
    if sight.name.ordinary:
        return sight.start > 0 and words[sight.start - 1] in AREA_CUES
    return _cued(words, sight.start, sight.end, LANDMARKS)


def _only(words: list[str], start: int, end: int) -> bool:
    """Whether nothing of weight is said beside the span."""
    return all(word in FILLERS for word in (*words[:start], *words[end:]))


def _begins(words: list[str], start: int) -> bool:
    """Whether nothing of weight is said before: "maksud saya pinang"."""
    return all(word in FILLERS or word in INSTEAD for word in words[:start])


def _cued(words: list[str], start: int, end: int, more: frozenset[str] = frozenset()) -> bool:
    """Whether the words around speak of a place; `more`: further words that do when they come right before."""
    before = words[start - 1] if start else ""
    after = words[end] if end < len(words) else ""
    return before in CUES or after in AFTER_CUES or before in more


def _beside(words: list[str], start: int) -> bool:
    return start > 0 and words[start - 1] in BESIDE


def _elsewhere(words: list[str], start: int) -> bool:
    return start > 0 and words[start - 1] in ELSEWHERE


def _denied(words: list[str], at: int) -> bool:
    """ "bukan cempaka timur"."""
    at -= 1
    while at >= 0 and words[at] in BETWEEN_NOT:
        at -= 1
    return at >= 0 and words[at] in NOT


def _overrule(words: list[str], hits: list[_Hit]) -> list[_Hit]:
    """Places that are taken back, or are only where the caller lives, yield to those named after."""
    last = max((hit.start for hit in hits), default=0)

    def overruled(hit: _Hit) -> bool:
        if hit.end > last:
            return False
        later = min(h.start for h in hits if h.start >= hit.end)
        if hit.area and any(h.area and h.start == later and h.area.code == hit.area.parent for h in hits):
            return False  # "kelurahan jatiuwung tapi kecamatannya cibodas"
        lives = HOME.intersection(words[max(0, hit.start - 4) : hit.start])
        return bool(lives or INSTEAD.intersection(words[hit.end : later]))

    return [replace(hit, score=hit.score * OVERRULED) if overruled(hit) else hit for hit in hits]
