"""A report for somebody else: a KIM volunteer, a child, a neighbour. Whom to tell of the outcome is asked."""

from __future__ import annotations

from ivr import understand
from ivr.effects import Effect, Say
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import Move, Step, confirming, go, listen, say

DIGITS = range(9, 14)  # of an Indonesian telephone number with its leading zero


def to_ask_whom(state: State) -> bool:
    """Whether it is still open who hears of the outcome."""
    return state.behalf and not state.tell_number and not state.tell_done and state.disclosure != "anonymous"


def _ask_whom(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "tell-whom"), listen(state, "menu", understand.phrases("this-number", "other-number")))


def _whom(state: State, other: bool) -> Move:
    return go(state, "tell-number") if other else go(state, "opening", tell_done=True)


def _hear_whom(state: State, event: Heard, knows: Knowledge) -> Move | None:
    whom = understand.means(event.text, "this-number", "other-number")
    return _whom(state, whom == "other-number") if whom else None


def _key_whom(state: State, keys: str, knows: Knowledge) -> Move | None:
    return _whom(state, keys == "2") if keys in ("1", "2") else None


def _ask_number(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    grammar = (*understand.NUMBER_WORDS, *understand.phrases("unknown", "this-number"))
    heard = listen(state, "digits", grammar, keys=DIGITS[-1], wait_ms=15_000, limit_ms=40_000)
    return (say(state, "tell-number"), heard)


def _take_number(state: State, digits: str) -> Move | None:
    return go(state, "tell-confirm", tell_number=digits) if len(digits) in DIGITS and digits.startswith("0") else None


def _hear_number(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown", "this-number"):
        return go(state, "opening", tell_done=True)
    return _take_number(state, knows.digits(event.text))


def _key_number(state: State, keys: str, knows: Knowledge) -> Move | None:
    return go(state, "opening", tell_done=True) if keys == "#" else _take_number(state, keys.rstrip("#"))


def _ask_right(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    prompt = say(state, "tell-confirm", number=state.tell_number)
    return (prompt, listen(state, "yes-no", understand.phrases("yes", "no")))


def _right(state: State, right: bool, knows: Knowledge) -> Move:
    if right:
        return go(state, "opening", Say("tell-noted"), tell_done=True)
    return go(state, "tell-number", tell_number="")


STEPS = {
    "tell-whom": Step(_ask_whom, _hear_whom, _key_whom, help="help-tell"),
    "tell-number": Step(_ask_number, _hear_number, _key_number, help="help-tell", digits=True),
    "tell-confirm": confirming(_ask_right, _right, back=lambda state, knows: state if state.tell_number else None),
}
