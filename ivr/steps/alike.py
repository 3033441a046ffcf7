"""The same problem, reported already: the caller may follow that case instead of opening another."""

from __future__ import annotations

from ivr import understand
from ivr.effects import Effect, FindAlike
from ivr.events import AlikeFound
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import Move, confirming, go, listen, say, waiting


def to_look_for(state: State, knows: Knowledge) -> bool:
    """Whether others may have reported this: a kelurahan is known, it is no emergency, and nobody has looked yet."""
    if state.alike_done or not state.area or not knows.area(state.area).parent:
        return False
    return not knows.city.categories[state.category].emergency


def _look(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (FindAlike(state.category, state.area, state.landmark),)


def found(state: State, event: AlikeFound) -> Move:
    """Offer it, or read the report back."""
    after = state.but(alike=event.ticket, alike_count=event.count, alike_done=True)
    return go(after, "alike" if event.ticket else "read-back")


def _ask(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    slots = {"count": state.alike_count, "category": knows.category(state.category), "place": knows.place(state.area)}
    return (say(state, "alike", **slots), listen(state, "yes-no", understand.phrases("yes", "no")))


def _answer(state: State, same: bool, knows: Knowledge) -> Move:
    return go(state, "joining", joining=state.alike) if same else go(state, "read-back", alike="")


STEPS = {
    "finding-alike": waiting(_look),
    "alike": confirming(_ask, _answer, back=lambda state, knows: None),
}
