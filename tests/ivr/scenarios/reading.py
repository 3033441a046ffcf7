"""Scripted callers as files: `tests/scenarios/NAME.yaml`. What is wrong in one is told with its place.

    who: Bu Sari, sure of what she wants
    sound: true                      # also through the real voice, line and recogniser
    story:                           # what happens, in order
      - call:
          turns: 9                   # the caller needs at most so many
          acts:
            - {say: lapor, at: report}           # `at`: the question that is open afterwards
            - {press: "1", at: place, hears: [place], words: [kelurahan]}
            - {hang_up: true, at: ended}
      - officer: {verb: solve, text: Sudah diganti}
    cases:                           # all that the store holds in the end, oldest first
      - {category: pju, area: Cikokol}

In `say`, `press` and `words`, {ticket} is the first case's number, {ticket 2} the second's, and {wrong ticket}
one that nobody has.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

ACTS = ("say", "press", "silence", "noise", "hang_up", "hand_over", "line", "store")
ENTRIES = ("call", "officer", "announce", "sweep")


class BadScenario(Exception):
    """A scenario's file cannot be played; every line of the message is one thing to mend."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _one_of(names: tuple[str, ...], given: Mapping[str, Any]) -> None:
    named = [name for name in names if given.get(name) is not None]
    if len(named) != 1:
        raise ValueError(f"has to have one of {', '.join(names)}; it has {' and '.join(named) or 'none'}")


class Act(_Strict):
    """One thing that the caller does, or that happens to the line.

    Attributes:
        say: an utterance, as it is recognised (with `sound`: as it is spoken); `confidence`, `free` (what free speech
            made of it) and `recorded` as in `ivr.events.Heard`; `voice`: of espeak-ng.
        press: keys, one after the other.
        silence: how often in a row the time to answer passes.
        noise: ms of it; no turn comes of that.
        hand_over: what becomes of it. line: is lost, or comes back. store: is away from now on, or back.
        cut_in: does not hear the question out.
        at: the question that is open afterwards; "ended" when the call is over.
        hears, words: prompts and pieces of text in the answer, each once or more; never: prompts that are not in it.
    """

    say: str | None = None
    press: str | None = None
    silence: int | None = Field(None, ge=1)
    noise: int | None = Field(None, ge=20)
    hang_up: Literal[True] | None = None
    hand_over: Literal["answered", "failed"] | None = None
    line: Literal["lost", "back"] | None = None
    store: Literal["away", "back"] | None = None
    confidence: float = Field(1.0, ge=0, le=1)
    free: str | None = None
    recorded: bool = True
    voice: str = "id+m3"
    cut_in: bool = False
    at: str | None = None
    hears: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        _one_of(ACTS, self.__dict__)
        if self.at is None and not self.store and self.line != "lost":
            raise ValueError("needs `at`: the question that is open afterwards")
        return self

    def __str__(self) -> str:
        return next(f"{name}: {value}" for name in ACTS if (value := getattr(self, name)) is not None)


class Call(_Strict):
    """One call. `number`: "known" is always the same; `recogniser` away: keys and recordings; `turns`: at most."""

    number: str = "known"
    recogniser: Literal["here", "away"] = "here"
    turns: int | None = None
    hears: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    acts: tuple[Act, ...]


class Officer(_Strict):
    """What an officer does with a case (1 is the first) between two calls; see `routing.life.Act`."""

    verb: str
    text: str = ""
    case: int = 1


class Announce(_Strict):
    """What an operator announces for the next two hours; `area` empty: for the whole city."""

    text: str
    category: str
    area: str = ""


class Entry(_Strict):
    """One thing of the story. `sweep`: the worker looks for calls that lost their line."""

    call: Call | None = None
    officer: Officer | None = None
    announce: Announce | None = None
    sweep: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        _one_of(ENTRIES, self.__dict__)
        return self


class CaseHeld(_Strict):
    """What the store holds of a case; what is left out may be anything, but for those that have a value here.

    Attributes:
        area: name of a kelurahan or kecamatan; empty: none.
        description, landmark: pieces of them; an empty tuple in the file means that there is none at all.
        review: why a person has to look first; empty: nobody has to.
        ticket: whether a caller heard its number.
        reporter: whether a number is kept.
        told: pieces of text that its events hold.
    """

    category: str | None = None
    category_by: str | None = None
    area: str | None = None
    description: tuple[str, ...] | None = None
    landmark: tuple[str, ...] | None = None
    review: str = ""
    agency: str | None = None
    stage: str = "pengaduan"
    disclosure: str = "open"
    disabled: bool = False
    ticket: Literal["heard", "unheard"] = "heard"
    reporter: Literal["known", "none"] | None = None
    followers: int = 0
    told: tuple[str, ...] = ()


class Scenario(_Strict):
    """One file.

    Attributes:
        lines: who can be called.
        asked_about: every number was asked before who calls from it.
        owner: of another service, in whose books callers may look.
        hand_overs: "emergency cancelled", "operator dialled" ..., in order.
    """

    name: str
    who: str
    sound: bool = False
    asked_about: bool = True
    lines: tuple[Literal["emergency", "operator"], ...] = ("emergency", "operator")
    owner: Literal["answers", "knows nothing", "is away"] | None = None
    story: tuple[Entry, ...]
    hand_overs: tuple[str, ...] = ()
    cases: tuple[CaseHeld, ...]


@dataclass(frozen=True)
class Names:
    """All that a scenario may name."""

    steps: frozenset[str]
    prompts: frozenset[str]
    categories: frozenset[str]
    areas: frozenset[str]
    verbs: frozenset[str]


def read_scenario(path: Path, names: Names) -> Scenario:
    """The scenario of a file.

    Raises:
        BadScenario: with all that is wrong and where.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), _NoDoubles)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadScenario(f"{path.name}: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise BadScenario(f"{path.name}: is no list of names and values")
    try:
        scenario = Scenario.model_validate_json(_json({**data, "name": path.stem}))
    except ValidationError as error:
        problems = [f"{_place(one['loc'])}: {_told(one)}" for one in error.errors()]
    else:
        problems = list(_unknown(scenario, names))
    if problems:
        raise BadScenario("\n".join(f"{path.name}: {problem}" for problem in problems))
    return scenario


class _NoDoubles(yaml.SafeLoader):
    """The later of two equal keys would win without a word."""


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands twice", key.start_mark)
        seen.add(key.value)
    return loader.construct_mapping(node, deep=True)


_NoDoubles.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def _json(data: dict[str, Any]) -> str:
    """Through JSON, since a strict model takes a list for a tuple from there alone."""
    return json.dumps(data, default=str)


def _place(loc: tuple[int | str, ...]) -> str:
    """("story", 0, "call", "acts", 2, "at") as "story 1, call, acts 3, at"."""
    return "".join(f" {part + 1}" if isinstance(part, int) else f", {part}" for part in loc).lstrip(", ") or "the file"


def _told(error: Any) -> str:
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return "is not known here"
    if error["type"] == "missing":
        return "is missing"
    hint = "; write it in quotes" if error["type"] == "string_type" and not isinstance(error["input"], dict) else ""
    return f"{message}{hint} ({error['input']!r})" if not isinstance(error["input"], dict) else message


def _unknown(scenario: Scenario, names: Names) -> Iterator[str]:
    """What is named and does not exist, with what may have been meant."""
    for number, entry in enumerate(scenario.story, 1):
        at = f"story {number}"
        if entry.call:
            yield from _each(f"{at}, call", entry.call, names)
            for place, act in enumerate(entry.call.acts, 1):
                yield from _each(f"{at}, call, acts {place} ({act})", act, names)
                if act.at:
                    yield from _known(f"{at}, call, acts {place} ({act}), at", act.at, names.steps)
        elif entry.officer:
            yield from _known(f"{at}, officer, verb", entry.officer.verb, names.verbs)
        elif entry.announce:
            yield from _known(f"{at}, announce, category", entry.announce.category, names.categories)
            if entry.announce.area:
                yield from _known(f"{at}, announce, area", entry.announce.area, names.areas)
    for number, case in enumerate(scenario.cases, 1):
        if case.category:
            yield from _known(f"cases {number}, category", case.category, names.categories)
        if case.area:
            yield from _known(f"cases {number}, area", case.area, names.areas)


def _each(place: str, said: Act | Call, names: Names) -> Iterator[str]:
    for prompt in (*said.hears, *said.never):
        yield from _known(f"{place}, hears or never", prompt, names.prompts)


def _known(place: str, name: str, known: frozenset[str]) -> Iterator[str]:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        yield f"{place}: there is no {name!r}" + (f"; is {near[0]!r} meant?" if near else "")
