"""Is this an emergency? Judged by all that is said, never by one word. Pure; the rules are data (emergency.yaml).

Signs of danger are added up; what compares, fears, supposes or remembers takes its sign away; words of service,
habit and the past weigh against the rest, unless it is said that it happens now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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
# Nats of the trained model (routing/learnt.py), fitted on sentences that were kept apart:
DANGER = 1.5  # from here on the caller is asked, whatever the rules say
UNLIKELY = -2.0  # below this the caller is asked, however sure the rules are
SAFE = -4.0  # below this nobody is asked
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

    The rules decide; where they see nothing, a city's trained model may raise a doubt (the caller is asked once), and
    where it disagrees with them, it takes their certainty away. It never hands a call over by itself.

    Returns:
        `sure`, `doubt` or `none`; with the category, the words (as spoken) that spoke for it.
    """
    ruled = _ruled(text, city)
    if learnt is None or not text.strip():
        return ruled
    danger = learnt.danger(text)
    if ruled.level == "none" and danger >= DANGER:
        return Verdict("doubt", _likeliest(text, city, learnt), ())
    if danger < SAFE:
        return Verdict("none", None, ())
    return replace(ruled, level="doubt") if ruled.level == "sure" and danger < UNLIKELY else ruled


def _likeliest(text: str, city: City, learnt: Learnt) -> str | None:
    """The kind of emergency that the words are most like."""
    likely = learnt.log_probabilities(text)
    codes = [code for code in city.emergency_categories.values() if code in likely]
    return max(codes, key=lambda code: likely[code], default=next(iter(city.emergency_categories.values()), None))


def _ruled(text: str, city: City) -> Verdict:
    words = Words(text)
    rules = _rules()
    _mask(words, rules.other["figures"])
    best = max(((*_evidence(words, rules, kind), kind) for kind in KINDS), key=lambda found: found[0])
    evidence, used, kind = best
    if evidence < SIGN:
        return Verdict("none", None, ())
    total = evidence + _circumstances(words, rules, used)
    level: Literal["none", "doubt", "sure"] = "sure" if total >= SURE else "doubt" if total >= DOUBT else "none"
    if level == "none":
        return Verdict("none", None, ())
    return Verdict(level, city.emergency_categories.get(kind), tuple(words.tokens[i] for i in sorted(used)))


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
    """Whether the words before the sign compare, fear, suppose, or remember it."""
    window = range(max(0, at[0] - BEFORE), at[0])
    return any(
        place[0] in window for rule in rules.other["before"] for part in rule.parts for place in _places(words, part)
    )


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
