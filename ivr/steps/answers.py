"""Was it the answer? Only when it was not, a report or a person."""

from __future__ import annotations

from ivr import understand
from ivr.effects import Effect
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import Move, Step, confirming, go, listen, say
from ivr.steps.people import start
from ivr.steps.status import answer_again


def _ask_answered(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "answered"), listen(state, "yes-no", understand.phrases("yes", "no")))


def _answered(state: State, right: bool, knows: Knowledge) -> Move:
    return go(state, "after-information" if right else "unanswered")


def _ask_unanswered(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "unanswered"), listen(state, "menu", understand.wish_phrases()))


def _hear_unanswered(state: State, event: Heard, knows: Knowledge) -> Move | None:
    wish = understand.wish(event.text)
    return start(state, wish, knows) if wish else None


def _key_unanswered(state: State, keys: str, knows: Knowledge) -> Move | None:
    wish = {"1": "report", "2": "information"}.get(keys)
    return start(state, wish, knows) if wish else None


STEPS = {
    "answered": confirming(_ask_answered, _answered, again=lambda state, knows: (answer_again(state),)),
    "unanswered": Step(_ask_unanswered, _hear_unanswered, _key_unanswered),
}
