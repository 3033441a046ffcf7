"""Is this an emergency? Judged by all that is said, never by one word. Pure; the rules are data (emergency.yaml).

Signs of danger are added up; what compares, fears, supposes or remembers takes its sign away; words of service,
habit and the past weigh against the rest, unless it is said that it happens now.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, Literal

import yaml

from routing.city import City
from routing.learnt import Learnt
from routing.words import Phrase, Words

SURE = 2.0  # from here on the caller is handed over, after three seconds to say "batal"
DOUBT = 1.0  # from here on the caller is asked once
SURE_SIGN = 2.0
SIGN = 0.75  # two signs are a doubt, three an emergency
NOW = 1.0
AGAINST = 1.5  # each kind of past, habit; each family of service words, two families at most
GAP = 1  # words that may stand between the words of a phrase
NEAR = 10  # words between the halves of a "p + q" rule
BEFORE = 3  # words before a sign in which a comparison or a fear takes it away
# With a trained model (routing/learnt.py) its nats and the rules' points are weighed together. Logistic regression
# fitted these on out-of-fold nats of the corpus, and on the half of tests/routing/danger.csv that is there for it:
LEARNT = 0.7
POINTS = 2.2
CIRCUMSTANCES = 1.7
ZERO = -1.3
ASK = 1.1  # from here on the caller is asked: the most that still notices 97 % of all our sentences
HAND_OVER = 3.3  # from here on rules that are sure hand over: the least that hands over none of that half's others
MOST_POINTS = 4.0
KINDS = ("fire", "medical", "crime")


@dataclass(frozen=True)
class Verdict:
    """`category` is the city's code for this kind of emergency (None: nothing, or the city names none)."""

    level: Literal["none", "doubt", "sure"]
    category: str | None
    words: tuple[str, ...]


@dataclass(frozen=True)
class _Rule:
    """Alternatives of each part; all parts must be there, near each other."""

    parts: tuple[tuple[Phrase, ...], ...]

    def find(self, words: Words) -> list[tuple[int, ...]]:
        """Positions of every way in which the rule is met."""
        places = [_places(words, part) for part in self.parts]
        if len(places) == 1:
            return places[0]
        return [
            tuple(sorted({position for one in chosen for position in one}))
            for chosen in product(*places)
            if max(max(one) for one in chosen) - min(min(one) for one in chosen) <= NEAR
            and len({position for one in chosen for position in one}) == sum(len(one) for one in chosen)
        ]


def _places(words: Words, part: tuple[Phrase, ...]) -> list[tuple[int, ...]]:
    found = []
    for phrase in part:
        start = 0
        while at := words.find(phrase, start=start):
            found.append(at)
            start = at[0] + 1
    return found


@dataclass(frozen=True)
class _Rules:
    kinds: dict[str, dict[str, tuple[_Rule, ...]]]
    other: dict[str, tuple[_Rule, ...]]


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    data: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("emergency.yaml").read_text(encoding="utf-8"))
    lists: dict[str, list[str]] = data["lists"]

    def read(text: str) -> _Rule:
        parts = []
        for part in text.split(" + "):
            alternatives = [a.strip() for a in part.split(" / ")]
            phrases = [p for a in alternatives for p in (lists[a[1:]] if a.startswith("$") else [a])]
            parts.append(tuple(Phrase.of(p, GAP) for p in phrases))
        return _Rule(tuple(parts))

    return _Rules(
        {kind: {sort: tuple(map(read, data[kind][sort])) for sort in ("sure", "sign")} for kind in KINDS},
        {name: tuple(map(read, data[name])) for name in data if name not in (*KINDS, "lists")},
    )


def judge(text: str, city: City, learnt: Learnt | None = None) -> Verdict:
    """Whether `text` tells of a fire, a medical emergency or a crime that is happening now.

    Where the city has a trained model, rules and model are weighed together. The model may raise a doubt (the caller is
    asked once) and take a certainty away; it never hands a call over by itself.

    Returns:
        `sure`, `doubt` or `none`; with the category, the words (as spoken) that spoke for it.
    """
    weighed = _weigh(text)
    ruled = _verdict(weighed, city)
    if learnt is None or not learnt.knows_danger or not text.strip():
        return ruled
    nats = LEARNT * learnt.danger(text) + POINTS * min(weighed.points, MOST_POINTS) + ZERO
    nats += CIRCUMSTANCES * weighed.circumstances
    if nats < ASK:
        return Verdict("none", None, ())
    if ruled.level == "sure" and nats >= HAND_OVER:
        return ruled
    return Verdict("doubt", ruled.category or _likeliest(text, city, learnt), ruled.words)


def _likeliest(text: str, city: City, learnt: Learnt) -> str | None:
    """The kind of emergency that the words are most like."""
    likely = learnt.log_probabilities(text)
    codes = [code for code in city.emergency_categories.values() if code in likely]
    return max(codes, key=lambda code: likely[code], default=next(iter(city.emergency_categories.values()), None))


@dataclass(frozen=True)
class _Weighed:
    """What rules make of a text: points for the likeliest kind, what the circumstances add, the words that spoke."""

    kind: str
    points: float
    circumstances: float
    words: tuple[str, ...]


def _weigh(text: str) -> _Weighed:
    words = Words(text)
    rules = _rules()
    _mask(words, rules.other["figures"])
    points, used, kind = max(((*_evidence(words, rules, kind), kind) for kind in KINDS), key=lambda found: found[0])
    if points < SIGN:
        return _Weighed(kind, 0.0, 0.0, ())
    return _Weighed(kind, points, _circumstances(words, rules, used), tuple(words.tokens[i] for i in sorted(used)))


def _verdict(weighed: _Weighed, city: City) -> Verdict:
    total = weighed.points + weighed.circumstances
    if weighed.points < SIGN or total < DOUBT:
        return Verdict("none", None, ())
    return Verdict("sure" if total >= SURE else "doubt", city.emergency_categories.get(weighed.kind), weighed.words)


def _mask(words: Words, figures: tuple[_Rule, ...]) -> None:
    for rule in figures:
        for at in rule.find(words):
            words.blank(at)


def _evidence(words: Words, rules: _Rules, kind: str) -> tuple[float, set[int]]:
    """Signs of one kind of emergency that stand by themselves; no word counts twice."""
    points = 0.0
    used: set[int] = set()
    for sort, worth in (("sure", SURE_SIGN), ("sign", SIGN)):
        for rule in rules.kinds[kind][sort]:
            free = (at for at in rule.find(words) if used.isdisjoint(at) and not _taken_back(words, rules, at))
            sign = next(free, None)  # saying it twice does not make it truer
            if sign is not None:
                used.update(sign)
                points += worth
    return points, used


def _taken_back(words: Words, rules: _Rules, at: tuple[int, ...]) -> bool:
    """Whether the words before the sign compare or remember it, or those before its first or last word fear it."""
    first, last = (range(max(0, position - BEFORE), position) for position in (at[0], at[-1]))
    return _within(words, rules.other["before"], {*first}) or _within(
        words, rules.other["feared"], {*first, *last} - {*at}
    )


def _within(words: Words, rules: tuple[_Rule, ...], window: set[int]) -> bool:
    return any(place[0] in window for rule in rules for part in rule.parts for place in _places(words, part))


def _circumstances(words: Words, rules: _Rules, used: set[int]) -> float:
    """What speaks for now and what speaks against, beside the signs themselves."""
    not_now = {i for rule in rules.other["not_now"] for at in rule.find(words) for i in at}
    now = any(not_now.isdisjoint(at) for rule in rules.other["now"] for at in rule.find(words))
    points = NOW if now else 0.0
    for name in ("past", "habit"):
        if not now and _speaks(words, rules.other[name], used):
            points -= AGAINST
    families = sum(1 for rule in rules.other["service"] if _speaks(words, (rule,), used))
    return points - AGAINST * min(families, 2)


def _speaks(words: Words, rules: tuple[_Rule, ...], used: set[int]) -> bool:
    return any(used.isdisjoint(at) for rule in rules for at in rule.find(words))
