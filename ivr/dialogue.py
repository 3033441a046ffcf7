"""The conversation itself: pure. A state and an event give the next state and what is to be done.

No clock, store, sound or network: the same event in the same state always gives the same answer, so
that any process can go on with any call, and a whole conversation is a test of a few lines.
"""

from __future__ import annotations

from dataclasses import asdict

from ivr import understand
from ivr.effects import Effect, HangUp, Listen, Say
from ivr.events import (
    AnnouncementJoined,
    CaseActed,
    CaseOpened,
    CasesFound,
    Event,
    HandOverEnded,
    Heard,
    HungUp,
    Keyed,
    Resumed,
    ServiceAnswered,
    Silence,
    Started,
)
from ivr.knowledge import Knowledge
from ivr.state import PACES, State
from ivr.steps import STEPS, announce, mine, people, services, status
from ivr.steps.base import Move, go
from ivr.steps.report import open_case, take_story

TRIES = 4  # first, helpful, slow, keys; then a message is recorded for a person
QUIET_LIMIT = 8  # silences in a row, over a minute and a half of them, before the call is closed with notice
# How likely an answer must have been understood, else it is asked for again. Of reserved speakers' answers to a grammar
# 3.1 % stand below, and 89 % of those were wrong; of free speech 23 % and 88 % (speech/model/README.md has the table).
# Higher would ask people again who were heard well: at 0.5 that is every fourth of those asked.
SURE = 0.3
NO_QUESTION = (*(name for name, step in STEPS.items() if step.waits), "ended")


def step(state: State, event: Event, knows: Knowledge) -> tuple[State, tuple[Effect, ...]]:
    """The next state, and the effects in the order in which they are to be carried out.

    The effects end with a `Listen`, or with something that will bring the next event
    (`OpenCase`, `FindCases`, `HandOver`), or with `HangUp`.
    """
    if state.step == "ended":
        return state, ()
    move = _react(state, event, knows)
    after = _with_trail(state, move.state)
    if move.then or after.step == "ended":
        return after, (*move.before, *move.then)
    return after, (*move.before, *STEPS[after.step].ask(after, knows))


def expects(state: State, knows: Knowledge) -> Listen | None:
    """What the open question listens for; None while the store or a person is asked."""
    if state.step in NO_QUESTION or state.step not in STEPS:
        return None
    return next((e for e in STEPS[state.step].ask(state, knows) if isinstance(e, Listen)), None)


def _react(state: State, event: Event, knows: Knowledge) -> Move:
    match event:
        case Started():
            line = Say("welcome", {"line": knows.city.line_name})
            state = state.but(step="menu", known=event.known, announced=tuple(map(asdict, event.announced)))
            return Move(state, (line, *announce.heard_first(state, event.home, knows)))
        case Resumed():
            told = state.step in STEPS and STEPS[state.step].story  # words may stand in the broken recording alone
            return Move(state.but(quiet=0, recorded=state.recorded or told), (Say("resumed"),) if event.broken else ())
        case HungUp():
            return _hung_up(state, knows)
        case Silence():
            return _silence(state, knows)
        case Heard():
            return _heard(state.but(quiet=0), event, knows)
        case Keyed():
            return _keyed(state.but(quiet=0), event.keys, knows)
        case CaseOpened():
            return _opened(state, event)
        case AnnouncementJoined():
            return announce.joined(state, event)
        case CasesFound():
            return status.found(state, event, knows)
        case CaseActed():
            return mine.acted(state, event)
        case ServiceAnswered():
            return services.answered(state, event, knows)
        case HandOverEnded():
            return people.came_back(state, event.answered, knows)


def _hung_up(state: State, knows: Knowledge) -> Move:
    """Whatever was said becomes a case, confirmed or not."""
    ended = state.but(step="ended")
    if not state.unfinished or state.step == "ended":
        return Move(ended, (), (HangUp("hang-up"),))
    review = "darurat" if state.hand_over == "emergency" else "telepon terputus"
    return Move(ended, (), (open_case(state, knows, review), HangUp("hang-up")))


def _silence(state: State, knows: Knowledge) -> Move:
    if state.step == "emergency":
        return people.dial(state, "emergency", knows)
    quiet = state.quiet + 1
    if quiet > QUIET_LIMIT:
        ended = _hung_up(state, knows)
        return Move(ended.state, (Say("goodbye"),), (*ended.then[:-1], HangUp("silent")))
    notice = Say("still-here") if quiet == QUIET_LIMIT else Say("not-heard")
    return _failed(state.but(quiet=quiet), notice, knows)


def _failed(state: State, notice: Say, knows: Knowledge) -> Move:
    """One more try, each worded more helpfully; then a message for a person."""
    if state.step == "emergency-confirm" and state.tries >= 1:
        return people.to_emergency(state, state.heard, knows)  # in doubt, and no answer: better once too often
    if state.tries + 1 < TRIES:
        return Move(state.but(tries=state.tries + 1), (notice,))
    if state.step != "message":
        return go(state, "message", notice)
    return go(state, "opening", notice, review="pesan untuk petugas") if state.unfinished else go(state, "menu", notice)


def _heard(state: State, event: Heard, knows: Knowledge) -> Move:
    if state.step in NO_QUESTION:
        return Move(state)
    here = STEPS[state.step]
    if state.step != "emergency":
        told = f"{event.text} {event.free}" if event.free else event.text
        if understand.means(event.text, "emergency"):
            return people.to_emergency(state, event.text, knows)
        level, _ = knows.judge(event.free or event.text)
        if state.step == "emergency-confirm" and level == "sure":
            return people.to_emergency(state, told, knows)
        if level != "none" and state.step != "emergency-confirm":
            if here.story or state.step == "menu":
                state = take_story(state.fresh_report(), event.free or event.text, knows)
            return people.to_emergency(state, told, knows) if level == "sure" else people.ask_emergency(state, told)
        command = _command(state, event.text, knows)
        if command:
            return command
    if not here.story and event.confidence < SURE and state.step != "emergency":
        return _failed(state, Say("not-clear"), knows)
    move = here.hear(state, event, knows)
    if move is None:
        if here.story:
            state = state.but(recorded=True)
        return _failed(state, Say("not-understood"), knows)
    return move


def _command(state: State, text: str, knows: Knowledge) -> Move | None:
    """What can be said at every step. In a story it counts only if it is all that was said."""
    said = understand.without_fillers(text) if STEPS[state.step].story else text
    if STEPS[state.step].story and len(said.split()) > 2:
        return None
    match understand.means(text, "repeat", "back", "cancel", "help", "operator", "slower", "faster", "wait"):
        case "repeat":
            return _again(state, knows)
        case "back":
            return _back(state, knows)
        case "cancel":
            return _cancel(state)
        case "help":
            return Move(state, (Say(STEPS[state.step].help), Say("help")))
        case "operator":
            return people.to_operator(state, text, knows)
        case "slower":
            return _pace(state, -1)
        case "faster":
            return _pace(state, +1)
        case "wait":
            return Move(state, (Say("waiting"),))
        case _:
            return None


def _again(state: State, knows: Knowledge) -> Move:
    return Move(state, STEPS[state.step].again(state, knows))


def _back(state: State, knows: Knowledge) -> Move:
    if state.step == "emergency-confirm":
        return Move(state.but(step=state.back_to or "menu", tries=0))
    if not state.trail:
        if state.step == "menu":
            return Move(state, (Say("no-way-back"),))
        return Move(state.but(step="menu", tries=0))
    target, trail = state.trail[-1], state.trail[:-1]
    before = STEPS[target].back(state.but(step=target, tries=0, trail=trail), knows)
    return Move(before) if before else _back(state.but(trail=trail), knows)


def _cancel(state: State) -> Move | None:
    """Give up the present report: its number is used up, so that nothing makes a case of it later."""
    if not state.unfinished:
        return None if state.step == "menu" else go(state, "menu")
    used = state.but(opened=(*state.opened, state.report))
    return go(used.fresh_report(), "menu", Say("report-cancelled"))


def _pace(state: State, by: int) -> Move:
    place = PACES.index(state.pace) + by
    if not 0 <= place < len(PACES):
        return Move(state, (Say("slowest" if by < 0 else "fastest"),))
    return Move(state.but(pace=PACES[place]), (Say("slower" if by < 0 else "faster"),))


def _keyed(state: State, keys: str, knows: Knowledge) -> Move:
    """0 a person, 8 an emergency, 9 back, * again: everywhere; where digits are entered, after a *."""
    if state.step in NO_QUESTION:
        return Move(state)
    here = STEPS[state.step]
    if state.step == "emergency":
        return people.call_off(state, knows) if keys in ("9", "*9") else people.dial(state, "emergency", knows)
    command = keys[1:] or keys if keys.startswith("*") else "" if here.digits else keys
    match command:
        case "0":
            return people.to_operator(state, "0", knows)
        case "8":
            return people.to_emergency(state, "8", knows)
        case "9":
            return _back(state, knows)
        case "*":
            return _again(state, knows)
    move = here.key(state, command or keys, knows)
    return move if move is not None else _failed(state, Say("not-understood"), knows)


def _opened(state: State, event: CaseOpened) -> Move:
    agency = Say("ticket-agency", {"agency": event.agency}) if event.agency else Say("ticket-review")
    slots = {"ticket": event.ticket, "agency": agency, "due": Say("ticket-due", {"due": event.due})}
    after = state.but(opened=(*state.opened, state.report), ticket=event.ticket, trail=())
    return go(after, "after-ticket", Say("ticket", slots))


def _with_trail(before: State, after: State) -> State:
    """Remember the way for "kembali"; going back has shortened it already."""
    moved = after.step != before.step and after.trail == before.trail
    passing = before.step in (*NO_QUESTION, "start", "emergency", "emergency-confirm")
    if after.step == "menu":
        return after.but(trail=())
    if not moved or passing or before.step == after.step or after.step == "ended":
        return after
    return after.but(trail=(*after.trail, before.step)[-12:])
