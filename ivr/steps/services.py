"""How something stands in another service: its number, said or typed, read back, then asked of its owner."""

from __future__ import annotations

from ivr import understand
from ivr.effects import AskService, Effect, Say
from ivr.events import Heard, ServiceAnswered
from ivr.knowledge import Knowledge, Service
from ivr.state import State
from ivr.steps.base import Move, Step, confirming, go, listen, say, waiting


def begin(state: State, code: str) -> Move:
    """The caller wants to know of this service."""
    return go(state, "service-number", service=code, asked="")


def _service(state: State, knows: Knowledge) -> Service:
    return knows.services[state.service]


def _ask_number(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    service = _service(state, knows)
    slots = {"number": service.number, "count": service.digits[-1]}
    grammar = (*understand.NUMBER_WORDS, *understand.phrases("unknown"))
    heard = listen(state, "digits", grammar, keys=service.digits[-1], wait_ms=15_000, limit_ms=40_000)
    return (say(state, "service-number", **slots), heard)


def _take(state: State, digits: str, knows: Knowledge) -> Move | None:
    if len(digits) in _service(state, knows).digits:
        return go(state, "service-confirm", asked=digits)
    return None


def _hear_number(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown"):
        return go(state, "menu", Say("service-number-unknown"))
    return _take(state, knows.digits(event.text), knows)


def _key_number(state: State, keys: str, knows: Knowledge) -> Move | None:
    return _take(state, keys.rstrip("#"), knows)


def _ask_right(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    prompt = say(state, "service-confirm", asked=state.asked)
    return (prompt, listen(state, "yes-no", understand.phrases("yes", "no")))


def _right(state: State, right: bool, knows: Knowledge) -> Move:
    return go(state, "service-asking" if right else "service-number")


def _ask_owner(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (AskService(state.service, state.asked),)


def answered(state: State, event: ServiceAnswered, knows: Knowledge) -> Move:
    """Say what the owner told, or why there is nothing to say."""
    if event.outcome == "found":
        return go(state, "after-information", Say("answer", {"answer": event.text}), answer=event.text, unsure=False)
    if event.outcome == "missing":
        return go(state, "service-number", Say("service-missing"))
    told = Say("service-away", {"service": _service(state, knows).title})
    return go(state, "after-information", told, answer="")


STEPS = {
    "service-number": Step(_ask_number, _hear_number, _key_number, help="help-service", digits=True),
    "service-confirm": confirming(_ask_right, _right),
    "service-asking": waiting(_ask_owner),
}
