"""The ways to a person: emergencies, an operator, a recorded message; and the main menu."""

from __future__ import annotations

from typing import Literal

from ivr import understand
from ivr.effects import Effect, HandOver, Listen, NoteHandOver, Say
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps import consent
from ivr.steps.base import Move, Step, go, listen, say, waiting, yes_no
from ivr.steps.choose import ASKING, WHOLE, choose_information, information_about
from ivr.steps.report import STORY_MS, next_question, take_story
from ivr.steps.status import look_up

VETO_MS = 3000  # time to say "batal" before an emergency is handed over
TELLING_WORDS = 3  # at the menu, as many words that tell of a problem are the report itself

# -- the main menu


def _ask_menu(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "menu"), listen(state, "menu", (*understand.wish_phrases(), *understand.NUMBER_WORDS)))


def _hear_menu(state: State, event: Heard, knows: Knowledge) -> Move | None:
    everything = event.free or event.text
    ticket = knows.digits(event.text) or knows.digits(everything)
    if knows.valid_ticket(ticket):
        return look_up(state, ticket)
    wish = understand.wish(event.text) or understand.wish(everything)
    if own := consent.wish(state, everything):
        return own
    if understand.means(event.text, "add", "withdraw"):
        return look_up(state, "")  # the caller's own reports; what to do with them is asked there
    question = information_about(state, everything, knows, ASKING if wish == "information" else WHOLE)
    if question and wish != "report":
        return choose_information(state, question, knows)
    if wish in ("status", "information"):
        return start(state, wish, knows)
    tells = len(understand.without_fillers(everything).split()) >= TELLING_WORDS and knows.propose(everything)
    if tells:
        move = next_question(take_story(state.fresh_report(), everything, knows), knows)
        return Move(move.state, (Say("report-heard"), *move.before), move.then)
    return start(state, wish, knows) if wish else None


def start(state: State, wish: str, knows: Knowledge) -> Move:
    """Begin what the caller wants."""
    if wish == "report":
        return go(state.fresh_report(), "report")
    if wish == "information":
        return go(state, "information", options=knows.asked_about(state.stale), page=0)
    return to_operator(state, wish, knows) if wish == "operator" else go(state, wish)


def _key_menu(state: State, keys: str, knows: Knowledge) -> Move | None:
    wish = {"1": "report", "2": "status", "3": "information"}.get(keys)
    return start(state, wish, knows) if wish else None


# -- an emergency


def to_emergency(state: State, heard: str, knows: Knowledge) -> Move:
    """Announce the hand-over; the caller has `VETO_MS` to call it off."""
    number = state.hand_overs + 1
    note = NoteHandOver(number, "emergency", heard, "announced")
    return go(state, "emergency", note, hand_overs=number, heard=heard, back_to=_return_step(state))


def ask_emergency(state: State, heard: str) -> Move:
    """In doubt: one question."""
    return go(state, "emergency-confirm", heard=heard, back_to=_return_step(state))


def _return_step(state: State) -> str:
    return state.back_to if state.step.startswith("emergency") else state.step


def _ask_confirm(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "emergency-confirm"), listen(state, "yes-no", understand.phrases("yes", "no")))


def _confirmed(state: State, yes: bool, knows: Knowledge) -> Move:
    return to_emergency(state, state.heard, knows) if yes else _resume(state, knows)


def _hear_confirm(state: State, event: Heard, knows: Knowledge) -> Move | None:
    yes = yes_no(state, event.text)
    return None if yes is None else _confirmed(state, yes, knows)


def _key_confirm(state: State, keys: str, knows: Knowledge) -> Move | None:
    return _confirmed(state, keys == "1", knows) if keys in ("1", "2") else None


def _resume(state: State, knows: Knowledge, *before: Effect) -> Move:
    """Back to where the emergency broke in; a story that was being told goes on as a report."""
    step, state = state.back_to or "menu", state.but(back_to="")
    if step == "report" and state.unfinished:
        move = next_question(state, knows)
        return Move(move.state, (*before, *move.before), move.then)
    return go(state, step, *before)


def _ask_emergency(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    veto = Listen("emergency", "veto", understand.phrases("veto"), wait_ms=VETO_MS, limit_ms=VETO_MS)
    return (Say("emergency"), veto)


def _hear_veto(state: State, event: Heard, knows: Knowledge) -> Move:
    if understand.means(event.text, "veto"):
        return call_off(state, knows)
    return dial(state, "emergency", knows)


def call_off(state: State, knows: Knowledge) -> Move:
    note = NoteHandOver(state.hand_overs, "emergency", state.heard, "cancelled")
    return _resume(state, knows, note, Say("emergency-cancelled"))


def dial(state: State, target: Literal["emergency", "operator"], knows: Knowledge) -> Move:
    """Give the line away, if there is a number to dial."""
    if target not in knows.lines:
        note = NoteHandOver(state.hand_overs, target, state.heard, "failed")
        return not_reached(state, target, knows, note)
    note = NoteHandOver(state.hand_overs, target, state.heard, "dialled")
    return go(state, "handed", note, hand_over=target)


def not_reached(state: State, target: str, knows: Knowledge, *before: Effect) -> Move:
    """Nobody took the call: the way to 112 for an emergency, a message for a person otherwise."""
    state = state.but(hand_over="")
    if target == "emergency":
        return _resume(state.but(tries=0), knows, *before, Say("emergency-no-line"))
    return go(state, "message", *before, Say("operator-no-line"))


def came_back(state: State, answered: bool, knows: Knowledge) -> Move:
    """The dialled line ended, and the caller is still here."""
    target: Literal["emergency", "operator"] = "emergency" if state.hand_over == "emergency" else "operator"
    note = NoteHandOver(state.hand_overs, target, state.heard, "answered" if answered else "failed")
    if not answered:
        return not_reached(state, target, knows, note)
    state = state.but(hand_over="", back_to="")
    return go(state, "menu", note, Say("hand-over-back"))


def _hand_over(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (HandOver("emergency" if state.hand_over == "emergency" else "operator"),)


# -- an operator, or a message for one


def to_operator(state: State, heard: str, knows: Knowledge) -> Move:
    number = state.hand_overs + 1
    state = state.but(hand_overs=number, heard=heard)
    move = dial(state, "operator", knows)
    before = (Say("operator"),) if "operator" in knows.lines else ()
    return Move(move.state, (*move.before, *before), move.then)


def _ask_message(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (say(state, "message"), Listen("message", "message", limit_ms=STORY_MS))


def _hear_message(state: State, event: Heard, knows: Knowledge) -> Move | None:
    state = take_story(state.fresh_report(), event.text, knows)
    return go(state, "opening", review="pesan untuk petugas")


def _key_message(state: State, keys: str, knows: Knowledge) -> Move | None:
    return go(state, "opening", review="pesan untuk petugas") if keys == "#" and state.unfinished else None


STEPS = {
    "menu": Step(_ask_menu, _hear_menu, _key_menu, help="help-menu"),
    "emergency-confirm": Step(_ask_confirm, _hear_confirm, _key_confirm, help="help-confirm"),
    "emergency": Step(_ask_emergency, _hear_veto, lambda state, keys, knows: dial(state, "emergency", knows)),
    "handed": waiting(_hand_over),
    "message": Step(_ask_message, _hear_message, _key_message, help="help-report", story=True),
}
