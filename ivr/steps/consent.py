"""What callers decide about what is kept of them: sound, who they are, what is stored under their number."""

from __future__ import annotations

from typing import Any

from ivr import understand
from ivr.effects import Effect, EraseData, FindData, KeepAbout, KeepNoSound, Say
from ivr.events import DataErased, DataFound, Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import Move, Step, confirming, go, listen, say, waiting
from ivr.steps.status import goodbye

# How a caller describes themselves, by key: (disabled, elderly).
ABOUT: dict[str, tuple[bool, bool]] = {"1": (True, False), "2": (False, True), "3": (True, True), "4": (False, False)}


def no_sound(state: State) -> Move:
    """From now on, and back to the beginning of the call: what was said stays as words alone."""
    if state.unrecorded:
        return Move(state, (Say("unrecorded"),))
    return Move(state.but(unrecorded=True), (KeepNoSound(), Say("unrecorded")))


# -- who is calling? Once for each number, when all else is done; nobody has to say


def _ask_about(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (
        say(state, "about-you"),
        listen(state, "menu", understand.phrases("disabled", "elderly", "both", "no", "next")),
    )


def _about(state: State, disabled: bool, elderly: bool) -> Move:
    kept = KeepAbout(disabled, elderly)
    thanks = (Say("about-thanks"),) if disabled or elderly else ()
    end = goodbye(state.but(asked_about=True, disabled=disabled))
    return Move(end.state, (kept, *thanks, *end.before), end.then)


def _hear_about(state: State, event: Heard, knows: Knowledge) -> Move | None:
    match understand.means(event.text, "both", "disabled", "elderly", "no", "next", "done"):
        case "both":
            return _about(state, True, True)
        case "disabled":
            return _about(state, True, False)
        case "elderly":
            return _about(state, False, True)
        case None:
            return None
    return _about(state, False, False)


def _key_about(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "#":
        return _about(state, False, False)
    return _about(state, *ABOUT[keys]) if keys in ABOUT else None


# -- what is stored under this number, and away with it


def wish(state: State, text: str) -> Move | None:
    """A question about one's own data; None when it is none."""
    match understand.means(text, "my-data", "erase"):
        case "my-data":
            return go(state, "finding-data") if state.known else Move(state, (Say("data-number-hidden"),))
        case "erase":
            return go(state, "erase") if state.known else Move(state, (Say("data-number-hidden"),))
    return None


def data_found(state: State, event: DataFound) -> Move:
    """Say it, and go on with the menu."""
    slots: dict[str, Any] = {"cases": event.cases, "calls": event.calls}
    kept = Say("data-sound", {"days": event.sound_days}) if event.sound_days else ""
    return go(state, "menu", Say("data-found", {**slots, "sound": kept}))


def _ask_erase(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "erase"), listen(state, "yes-no", understand.phrases("yes", "no")))


def _erase(state: State, sure: bool, knows: Knowledge) -> Move:
    return go(state, "erasing") if sure else go(state, "menu", Say("erase-not"))


def erased(state: State, event: DataErased) -> Move:
    """It is done, or a person does it."""
    after = state.but(known=False, unrecorded=True) if event.done else state
    return go(after, "menu", Say("erased" if event.done else "erase-later"))


STEPS = {
    "about-you": Step(
        _ask_about, _hear_about, _key_about, help="help-about", unanswered=lambda state: _about(state, False, False)
    ),
    "finding-data": waiting(lambda state, knows: (FindData(),)),
    "erase": confirming(_ask_erase, _erase),
    "erasing": waiting(lambda state, knows: (EraseData(),)),
}
