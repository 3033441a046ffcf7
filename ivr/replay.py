"""A call again, from its stored events through the present dialogue: does it still go the same way? Pure.

Kept of each turn are the event, whole, and a mark of each effect. A mark names the effect and holds a hash of
all of it but the grammar: which phrases were listened for had its effect before the event, and it changes
with every street that the city adds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any, get_args

from ivr import dialogue
from ivr.effects import Effect, HangUp, Listen, Say
from ivr.events import Announced, Broken, CaseFound, Event, Solved
from ivr.knowledge import Knowledge
from ivr.state import State

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}
PARTS: dict[tuple[str, str], type[Any]] = {
    ("Started", "announced"): Announced,
    ("Started", "broken"): Broken,
    ("Started", "solved"): Solved,
    ("CasesFound", "cases"): CaseFound,
}
HASH_DIGITS = 16


class UnreadableTurn(Exception):
    """A stored turn is of a kind that this release does not know, or lacks what it needs."""


@dataclass(frozen=True)
class Kept:
    """One turn as it was: what happened, and the marks of the effects that followed."""

    event: Event
    marks: tuple[str, ...]


@dataclass(frozen=True)
class Replayed:
    """One turn again. `number` counts from 1; `was` are the marks of then; `failed`: the dialogue raised an error."""

    number: int
    event: Event
    before: State
    after: State
    effects: tuple[Effect, ...]
    was: tuple[str, ...]
    failed: bool = False

    @property
    def now(self) -> tuple[str, ...]:
        return tuple(map(mark, self.effects))

    @property
    def same(self) -> bool:
        return self.now == self.was


def take(before: State, event: Event, knows: Knowledge) -> tuple[State, tuple[Effect, ...], Exception | None]:
    """One step of the dialogue. A fault of ours costs no word: the caller hears of it, and is asked again."""
    try:
        return (*dialogue.step(before, event, knows), None)
    except Exception as error:
        question = dialogue.expects(before, knows)
        return before, (Say("trouble"), question or HangUp("trouble")), error


def replay(kept: Iterable[Kept], knows: Knowledge) -> Iterator[Replayed]:
    """Each turn under the present code. After one that is not the same, the later events answer other questions."""
    state = State()
    for number, turn in enumerate(kept, 1):
        after, effects, error = take(state, turn.event, knows)
        yield Replayed(number, turn.event, state, after, effects, turn.marks, error is not None)
        state = after


def first_difference(kept: Iterable[Kept], knows: Knowledge) -> Replayed | None:
    """The first turn that goes differently now; None when the whole call goes as it went."""
    return next((turn for turn in replay(kept, knows) if not turn.same), None)


def mark(effect: Effect) -> str:
    """What an effect is, and a hash of all that counts: "Say place/helpful 0f3a...". Nothing that was said is in it."""
    name, told = type(effect).__name__, {}
    match effect:
        case Say():
            name += f" {effect.prompt}" + ("" if effect.wording == "first" else f"/{effect.wording}")
        case Listen():
            name += f" {effect.step}"
            told = {"phrases": effect.phrases is not None}
            effect = replace(effect, phrases=None, certain=())
    text = json.dumps({**asdict(effect), **told}, sort_keys=True, ensure_ascii=False, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return f"{name} {digest[:HASH_DIGITS]}"


def outline(marks: Iterable[str]) -> tuple[str, ...]:
    """Marks without their hashes, for people."""
    return tuple(one.rpartition(" ")[0] for one in marks)


# -- as text, for the store


def kept_text(event: Event, effects: Iterable[Effect]) -> str:
    """A turn as JSON. It holds what was said, keyed and told: to be sealed before it is stored."""
    return json.dumps({"event": event_to_json(event), "effects": list(map(mark, effects))}, ensure_ascii=False)


def read_kept(text: str) -> Kept:
    """What `kept_text` wrote.

    Raises:
        UnreadableTurn: when it is no such text, or its event is not one of this release.
    """
    try:
        data = json.loads(text)
        return Kept(event_from_json(data["event"]), tuple(map(str, data["effects"])))
    except (ValueError, TypeError, KeyError) as error:
        raise UnreadableTurn("a stored turn cannot be read") from error


def event_to_json(event: Event) -> dict[str, Any]:
    """The event as plain data, with its class as `kind`."""
    return {"kind": type(event).__name__, **asdict(event)}


def event_from_json(data: dict[str, Any]) -> Event:
    """The event again. Fields that this release has no more are left out, new ones get their default.

    Raises:
        UnreadableTurn: a kind that is not known, or a field that has no default and is not there.
    """
    kind = EVENTS.get(str(data.get("kind")))
    if kind is None:
        raise UnreadableTurn(f"this release knows no event {data.get('kind')}")
    event: Event = _made(kind, data)
    return event


def _value(value: Any, part: type[Any] | None) -> Any:
    if isinstance(value, list):
        return tuple(_value(item, part) for item in value)
    if part is None or value is None:
        return value
    return _made(part, value)


def _made(kind: type[Any], data: dict[str, Any]) -> Any:
    values: dict[str, Any] = {}
    for field in fields(kind):
        part = PARTS.get((kind.__name__, field.name))
        if field.name in data:
            values[field.name] = _value(data[field.name], part)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise UnreadableTurn(f"a stored {kind.__name__} has no {field.name}")
    return kind(**values)
