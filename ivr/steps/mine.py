"""What reporters may do with their own report after hearing of it: add to it, answer a question, take it back."""

from __future__ import annotations

from typing import Any

from ivr import understand
from ivr.effects import ActOnCase, Effect, Listen, Say
from ivr.events import CaseActed, Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import Move, Step, confirming, go, listen, say, waiting
from routing.life import OPEN_STAGES

STORY_MS = 60_000


def own(state: State) -> dict[str, Any] | None:
    """The one case that was just heard, if it is the caller's own and open."""
    if len(state.found) != 1:
        return None
    one = state.found[0]
    return one if one["mine"] and one["stage"] in OPEN_STAGES else None


def hear(state: State, text: str) -> Move | None:
    """A wish about the own case; None when it is none."""
    wish = understand.means(text, "add", "withdraw") if own(state) else None
    return go(state, "add" if wish == "add" else "withdraw") if wish else None


def key(state: State, keys: str) -> Move | None:
    if keys in ("3", "4") and own(state):
        return go(state, "add" if keys == "3" else "withdraw")
    return None


def _ask_add(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "add"), Listen("add", "message", limit_ms=STORY_MS))


def _hear_add(state: State, event: Heard, knows: Knowledge) -> Move | None:
    words = understand.tidy(event.text)
    if not words and state.tries == 0:
        return None  # sound without a known word: asked once more, it is recorded in any case
    return go(state, "acting", acting="add", acting_words=words)


def _key_add(state: State, keys: str, knows: Knowledge) -> Move | None:
    return go(state, "after-status") if keys in ("#", "2") else None


def _ask_withdraw(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    one = own(state)
    prompt = say(state, "withdraw", ticket=one["ticket"] if one else "", category=one["category"] if one else "")
    return (prompt, listen(state, "yes-no", understand.phrases("yes", "no")))


def _withdraw(state: State, sure: bool, knows: Knowledge) -> Move:
    return go(state, "acting", acting="withdraw", acting_words="") if sure else go(state, "after-status", Say("kept"))


def _ask_acting(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    one = own(state)
    number = state.acts + 1
    verb = "reply" if state.acting == "add" and one and one["stage"] == "menunggu" else state.acting
    return (ActOnCase(str(one["ticket"]) if one else "", verb, state.acting_words, number),)  # type: ignore[arg-type]


def acted(state: State, event: CaseActed) -> Move:
    """Tell that it is done; a withdrawn case is no more the one that is spoken of."""
    done = Say("withdrawn" if state.acting == "withdraw" else "added") if event.done else Say("not-possible-now")
    left = () if event.done and state.acting == "withdraw" else state.found
    return go(state, "after-status", done, acts=state.acts + 1, found=left, acting="", acting_words="")


STEPS = {
    "add": Step(_ask_add, _hear_add, _key_add, help="help-report", story=True),
    "withdraw": confirming(_ask_withdraw, _withdraw),
    "acting": waiting(_ask_acting),
}
