"""What every step is made of: how it asks, what an answer does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from ivr import understand
from ivr.effects import Effect, Listen, Say
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.state import State

WORDINGS: tuple[Literal["first", "helpful", "slow", "keys"], ...] = ("first", "helpful", "slow", "keys")
PAGE = 4  # options that are offered at once
EVERYWHERE = ("repeat", "back", "help", "operator", "slower", "faster", "wait", "emergency", "cancel", "unrecorded")


@dataclass(frozen=True)
class Move:
    """What an answer leads to: `before` is done and said first; `then` replaces the next question."""

    state: State
    before: tuple[Effect, ...] = ()
    then: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Step:
    """One question. `hear` and `key` give None for an answer that does not fit.

    Attributes:
        ask: the question and its `Listen`, or what a step does that waits for the store.
        again: what "ulangi" says before the question.
        help: prompt that "bantuan" says.
        back: the state to ask in when "kembali" comes back here; None when there is nothing to ask any more.
        unanswered: what happens when a question that nobody has to answer is not; None: it is asked again.
        own_keys: keys that mean something else here than at every other step.
        waits: for the store, another service or a person: the caller is asked nothing.
        story: free speech, in which a command counts only if it is all that was said.
    """

    ask: Callable[[State, Knowledge], tuple[Effect, ...]]
    hear: Callable[[State, Heard, Knowledge], Move | None]
    key: Callable[[State, str, Knowledge], Move | None]
    again: Callable[[State, Knowledge], tuple[Effect, ...]] = lambda state, knows: ()
    help: str = "help"
    back: Callable[[State, Knowledge], State | None] = lambda state, knows: state
    own_keys: str = ""
    unanswered: Callable[[State], Move] | None = None
    story: bool = False
    digits: bool = False
    waits: bool = False


def say(state: State, prompt: str, **slots: object) -> Say:
    """A question's prompt in the wording that fits the tries so far."""
    return Say(prompt, slots, WORDINGS[min(state.tries, len(WORDINGS) - 1)])


def listen(state: State, kind: Literal["yes-no", "menu", "digits"], phrases: tuple[str, ...], **more: object) -> Listen:
    """Listen for these phrases and for what can be said at every step."""
    grammar = tuple(dict.fromkeys((*phrases, *understand.phrases(*EVERYWHERE))))
    return Listen(state.step, kind, grammar, understand.certain(grammar), **more)  # type: ignore[arg-type]


def yes_no(state: State, text: str) -> bool | None:
    """True, False, or None when it is neither."""
    meaning = understand.means(text, "yes", "no")
    return None if meaning is None else meaning == "yes"


def confirming(
    ask: Callable[[State, Knowledge], tuple[Effect, ...]],
    answer: Callable[[State, bool, Knowledge], Move],
    otherwise: Callable[[State, Heard, Knowledge], Move | None] = lambda state, event, knows: None,
    **more: Any,
) -> Step:
    """A step that is answered by yes or no, or by the keys 1 and 2; what else is said goes to `otherwise`."""

    def hear(state: State, event: Heard, knows: Knowledge) -> Move | None:
        right = yes_no(state, event.text)
        return otherwise(state, event, knows) if right is None else answer(state, right, knows)

    def key(state: State, keys: str, knows: Knowledge) -> Move | None:
        return answer(state, keys == "1", knows) if keys in ("1", "2") else None

    return Step(ask, hear, key, help="help-confirm", **more)


def waiting(ask: Callable[[State, Knowledge], tuple[Effect, ...]]) -> Step:
    """A step whose effect brings the next event; whatever the caller says or keys meanwhile is no answer."""
    return Step(ask, lambda *_: None, lambda *_: None, waits=True)


def go(state: State, step: str, *before: Effect, **changes: object) -> Move:
    """On to another step."""
    return Move(state.but(step=step, tries=0, **changes), before)
