"""What earlier calls left open: a report that broke off, and one that is said to be solved. Asked before the menu."""

from __future__ import annotations

from typing import Any

from ivr import understand
from ivr.effects import Effect, Listen, NoteAsked, Say, TellOutcome
from ivr.events import CaseActed, Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import Move, Step, confirming, go, listen, say, waiting
from ivr.steps.people import start
from ivr.steps.report import STORY_MS, next_question

SCORES = ("satu", "dua", "tiga", "empat", "lima")


def first_question(state: State, *before: Effect) -> Move:
    """On to what was left open, or to the menu."""
    if state.broken:
        return go(state, "continue", *before)
    if state.solved:
        return go(state, "outcome", *before, NoteAsked(str(state.solved["ticket"])))
    return go(state, "menu", *before)


def _something_else(state: State, text: str, knows: Knowledge) -> Move | None:
    """Who calls for another thing need not answer."""
    wish = understand.wish(text)
    if wish:
        return start(state, wish, knows)
    return go(state, "menu") if understand.means(text, "unknown", "wait", "next") else None


# -- a report that broke off


def _ask_continue(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    category = (state.broken or {}).get("category")
    about = Say("broken-about", {"category": category}) if category else ""
    return (
        say(state, "continue", about=about),
        listen(state, "yes-no", (*understand.phrases("yes", "no", "next"), *understand.wish_phrases())),
    )


def _continue(state: State, wanted: bool, knows: Knowledge) -> Move:
    if not wanted or not state.broken:
        return go(state, "menu", Say("not-continued"), broken=None)
    taken_up = state.taking_up(state.broken["state"]).but(continues=str(state.broken["ticket"]), broken=None)
    return next_question(taken_up, knows)


def _continue_or_not(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "next"):
        return _continue(state, True, knows)
    return _something_else(state, event.text, knows)


# -- is it solved?


def _ask_outcome(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    solved: dict[str, Any] = state.solved or {}
    prompt = say(state, "outcome", category=solved["category"], since=solved["since"])
    grammar = (*understand.phrases("solved", "unsolved", "yes", "no", "unknown"), *understand.wish_phrases())
    return (prompt, listen(state, "yes-no", grammar))


def _outcome(state: State, solved: bool) -> Move:
    return go(state, "outcome-score" if solved else "outcome-words")


def _hear_outcome(state: State, event: Heard, knows: Knowledge) -> Move | None:
    match understand.means(event.text, "unsolved", "solved", "yes", "no"):
        case "solved" | "yes":
            return _outcome(state, True)
        case "unsolved" | "no":
            return _outcome(state, False)
    return _something_else(state, event.text, knows)


def _key_outcome(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "3":
        return go(state, "menu")
    return _outcome(state, keys == "1") if keys in ("1", "2") else None


def _ask_score(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "outcome-score"), listen(state, "menu", (*SCORES, *understand.phrases("next", "no", "unknown"))))


def _score(state: State, score: int) -> Move:
    return go(state, "telling-outcome", score=score, acting_words="")


def _hear_score(state: State, event: Heard, knows: Knowledge) -> Move | None:
    said = [word for word in understand.tidy(event.text).split() if word in SCORES]
    if said:
        return _score(state, SCORES.index(said[-1]) + 1)
    return _score(state, 0) if understand.means(event.text, "next", "no", "unknown") else None


def _key_score(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "#":
        return _score(state, 0)
    return _score(state, int(keys)) if keys in tuple("12345") else None


def _ask_words(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "outcome-words"), Listen("outcome-words", "message", limit_ms=STORY_MS))


def _hear_words(state: State, event: Heard, knows: Knowledge) -> Move | None:
    words = understand.tidy(event.text)
    if not words and state.tries == 0:
        return None  # sound without a known word: asked once more, it is recorded in any case
    return go(state, "telling-outcome", acting_words=words or "[unk]", score=0)


def _key_words(state: State, keys: str, knows: Knowledge) -> Move | None:
    return go(state, "telling-outcome", acting_words="[unk]", score=0) if keys == "#" else None


def _tell(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    ticket = str((state.solved or {}).get("ticket", ""))
    return (TellOutcome(ticket, state.acting_words, state.score, state.acts + 1),)


def told(state: State, event: CaseActed) -> Move:
    """Thank, and on to what the caller wants today."""
    reopened = "outcome-reopened" if event.done else "not-possible-now"
    prompt = reopened if state.acting_words else "outcome-thanks"
    return go(state, "menu", Say(prompt), acts=state.acts + 1, solved=None, acting_words="", score=0)


STEPS = {
    "continue": confirming(_ask_continue, _continue, _continue_or_not),
    "outcome": Step(_ask_outcome, _hear_outcome, _key_outcome, help="help-outcome"),
    "outcome-score": Step(
        _ask_score,
        _hear_score,
        _key_score,
        help="help-score",
        own_keys="5",
        unanswered=lambda state: _score(state, 0),
    ),
    "outcome-words": Step(_ask_words, _hear_words, _key_words, help="help-report", story=True),
    "telling-outcome": waiting(_tell),
}
