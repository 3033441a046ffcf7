"""The conversation itself: pure. A state and an event give the next state and what is to be done.

No clock, store, sound or network: the same event in the same state always gives the same answer, so
that any process can go on with any call, and a whole conversation is a test of a few lines.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from ivr import intents, understand
from ivr.effects import Effect, HangUp, KeepPace, Listen, Say
from ivr.events import (
    AlikeFound,
    AnnouncementJoined,
    CaseActed,
    CaseOpened,
    CasesFound,
    DataErased,
    DataFound,
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
from ivr.intents import CERTAIN, LIKELY
from ivr.knowledge import Knowledge
from ivr.profiles import FEWEST_WORDS, PACES, STANDARD, guessed, profile_of
from ivr.state import State
from ivr.steps import STEPS, alike, announce, consent, earlier, mine, people, services, status
from ivr.steps.base import Move, go
from ivr.steps.report import open_case, take_story

TRIES = 4  # first, helpful, slow, keys; then a message is recorded for a person
QUIET_LIMIT = 8  # silences in a row, over a minute and a half of them, before the call is closed with notice
GRANTED_MS = 60_000  # of silence for who asked for time; asking again grants it again
LAST_MS = 20_000  # to answer, or to ask for time, once it was said that the call will be closed
# The last two are no commands: "untuk orang lain" is no call for an "orang", "ulang dari awal" is no "ulangi".
COMMANDS = (
    "repeat", "back", "cancel", "help", "operator", "slower", "faster", "wait", "unrecorded", "behalf", "start-over",
)  # fmt: skip
LONGEST_WISH = 10  # words; longer is a story
NO_QUESTION = (*(name for name, step in STEPS.items() if step.waits), "ended")


def step(state: State, event: Event, knows: Knowledge) -> tuple[State, tuple[Effect, ...]]:
    """The next state, and the effects in the order in which they are to be carried out.

    The effects end with a `Listen`, or with something that will bring the next event
    (`OpenCase`, `FindCases`, `HandOver`), or with `HangUp`.
    """
    if state.step == "ended":
        return state, ()
    move = _fitted(_react(state, event, knows), event)
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
            state = state.but(
                broken=asdict(event.broken) if event.broken else None,
                solved=asdict(event.solved) if event.solved else None,
                stale=event.stale,
                asked_about=event.asked_about,
                disabled=event.disabled,
            )
            if event.pace:
                state = state.but(pace=event.pace, own_pace=True)
            return earlier.first_question(state, line, *announce.heard_first(state, event.home, knows))
        case Resumed():
            told = state.step in STEPS and STEPS[state.step].story  # words may stand in the broken recording alone
            return Move(state.but(quiet=0, recorded=state.recorded or told), (Say("resumed"),) if event.broken else ())
        case HungUp():
            return _hung_up(state, knows)
        case Silence():
            return _silence(state, knows)
        case Heard():
            return _heard(_attentive(state, event), event, knows)
        case Keyed():
            return _keyed(_attentive(state, event), event.keys, knows)
        case CaseOpened():
            return _opened(state, event)
        case AnnouncementJoined():
            return announce.joined(state, event)
        case AlikeFound():
            return alike.found(state, event)
        case DataFound():
            return consent.data_found(state, event)
        case DataErased():
            return consent.erased(state, event)
        case CasesFound():
            return status.found(state, event, knows)
        case CaseActed():
            return earlier.told(state, event) if state.step == "telling-outcome" else mine.acted(state, event)
        case ServiceAnswered():
            return services.answered(state, event, knows)
        case HandOverEnded():
            return people.came_back(state, event.answered, knows)


def _fitted(move: Move, event: Event) -> Move:
    """The same, spoken slower or faster, when the call shows that the caller needs that. Told once, and remembered."""
    after = move.state
    speaks = event.pace if isinstance(event, Heard) and len(event.text.split()) >= FEWEST_WORDS else 0
    pace = guessed(after.pace, after.own_pace, after.struggles, after.hurries, speaks)
    if pace is None or STEPS.get(after.step) is None or STEPS[after.step].waits or after.step.startswith("emergency"):
        return move
    told = Say("slower-guessed" if pace < STANDARD else "faster-guessed")
    return Move(after.but(pace=pace, own_pace=True), (*move.before, told, KeepPace(pace)), move.then)


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
    if state.granted:
        return Move(state.but(granted=False), (Say("waited"),))
    quiet = state.quiet + 1
    if quiet > QUIET_LIMIT:
        ended = _hung_up(state, knows)
        return Move(ended.state, (Say("goodbye"),), (*ended.then[:-1], HangUp("silent")))
    state = state.but(quiet=quiet)
    if quiet < QUIET_LIMIT:
        return _failed(state, Say("not-heard"), knows)
    return _waiting(state, "still-here", LAST_MS, knows)


def _waiting(state: State, prompt: str, wait_ms: int, knows: Knowledge) -> Move:
    """Say it and wait so long, without asking the question again."""
    question = expects(state, knows)
    return Move(state, (), (Say(prompt), replace(question, wait_ms=wait_ms) if question else HangUp("silent")))


def _failed(state: State, notice: Say, knows: Knowledge) -> Move:
    """One more try, each worded more helpfully; then a message for a person."""
    leave = STEPS[state.step].unanswered
    if leave and state.tries >= 1:
        return leave(state)
    state = state.but(struggles=state.struggles + 1, hurries=0)
    if state.step == "emergency-confirm" and state.tries >= 1:
        return people.to_emergency(state, state.heard, knows)  # in doubt, and no answer: better once too often
    if state.tries + 1 < TRIES:
        return Move(state.but(tries=state.tries + 1), (notice,))
    if state.step != "message":
        return go(state, "message", notice)
    return go(state, "opening", notice, review="pesan untuk petugas") if state.unfinished else go(state, "menu", notice)


def _attentive(state: State, event: Heard | Keyed) -> State:
    """The caller is there: silences are forgotten, interrupted prompts counted."""
    return state.but(quiet=0, granted=False, hurries=state.hurries + 1 if event.interrupted else 0)


def _heard(state: State, event: Heard, knows: Knowledge) -> Move:
    if state.step in NO_QUESTION:
        return Move(state)
    here = STEPS[state.step]
    if state.step != "emergency":
        told = f"{event.text} {event.free}" if event.free else event.text
        if understand.means(event.text, "emergency"):
            return people.to_emergency(state, event.text, knows)
        level, kind = knows.judge(event.free or event.text)
        if state.step == "emergency-confirm" and level == "sure":
            return people.to_emergency(state, told, knows)
        if level != "none" and state.step != "emergency-confirm":
            state = state.but(emergency=kind or "")
            if here.story or state.step == "menu":
                state = take_story(state.fresh_report(), event.free or event.text, knows)
            return people.to_emergency(state, told, knows) if level == "sure" else people.ask_emergency(state, told)
        if state.step == "menu":
            event = _wish(event, knows) or event
        command = _command(state, event.text, knows)
        if command:
            return command
    if event.cut and state.step in ("report", "message"):
        more = take_story(state.fresh_report(), event.text, knows)
        return _waiting(more, "story-goes-on", GRANTED_MS, knows)
    if not here.story and event.confidence < profile_of(state.pace).sure and state.step != "emergency":
        return _failed(state, Say("not-clear"), knows)
    move = here.hear(state, event, knows)
    if move is None and not here.story and (again := _reworded(event, LIKELY)):
        move = _command(state, again.text, knows) or here.hear(state, again, knows)
    if move is None:
        if here.story:
            state = state.but(recorded=True)
        return _failed(state, Say("not-understood"), knows)
    return move


def _wish(event: Heard, knows: Knowledge) -> Heard | None:
    """What is asked for at the menu, as the lists know it; None when it is nothing, or rather a report that is told."""
    likely, certain = _reworded(event, LIKELY), _reworded(event, CERTAIN)
    if certain or not likely:  # nearly always: what a story is about is worked out once, where it is needed
        return certain
    proposals = knows.propose(event.free or event.text)
    return None if proposals and proposals[0][1] >= LIKELY else likely


def _reworded(event: Heard, least: float) -> Heard | None:
    """The same wish as the lists know it; None when it is none, or less likely than `least`."""
    said = event.free or event.text
    wording = intents.nearest(said, least) if len(said.split()) <= LONGEST_WISH else None
    return replace(event, text=wording, free="") if wording else None


def _command(state: State, text: str, knows: Knowledge) -> Move | None:
    """What can be said at every step. In a story it counts only if it is all that was said."""
    story = STEPS[state.step].story
    match understand.means(text, *COMMANDS, whole=story):
        case "unrecorded":
            return consent.no_sound(state)
        case "repeat":
            return _again(state, knows)
        case "back":
            return _back(state, knows)
        case "cancel":
            return _cancel(state)
        case "help":
            return _helped(state)
        case "operator":
            return people.to_operator(state, text, knows)
        case "slower":
            return _pace(state, _near(state.pace, -1))
        case "faster":
            return _pace(state, _near(state.pace, +1))
        case "wait":
            return _granted(state, knows)
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


def _helped(state: State) -> Move:
    return Move(state, (Say(STEPS[state.step].help), Say("help"), Say("help-keys")))


def _granted(state: State, knows: Knowledge) -> Move:
    """The caller asks for time, and has it: a minute, without being asked anything."""
    return _waiting(state.but(granted=True), "waiting", GRANTED_MS, knows)


def _near(pace: int, by: int) -> int:
    """The next slower or faster pace; the same at the end of the scale."""
    place = min(max(PACES.index(pace) + by, 0), len(PACES) - 1)
    return PACES[place]


def _next_pace(pace: int) -> int:
    """What the key for it chooses: slower first, then faster and faster, then as usual."""
    order = (STANDARD, *(other for other in PACES if other != STANDARD))
    return order[(order.index(pace) + 1) % len(order)]


def _pace(state: State, pace: int) -> Move:
    if pace == state.pace:
        return Move(state, (Say("slowest" if pace == PACES[0] else "fastest"),))
    told = "usual-pace" if pace == STANDARD else "slower" if pace < state.pace else "faster"
    kept = (Say("pace-kept"),) if state.known and not state.own_pace else ()
    return Move(state.but(pace=pace, own_pace=True), (Say(told), *kept, KeepPace(pace)))


def _keyed(state: State, keys: str, knows: Knowledge) -> Move:
    """0 a person, 5 time, 6 help, 7 pace, 8 an emergency, 9 back, * again; where digits are entered, after a *."""
    if state.step in NO_QUESTION:
        return Move(state)
    here = STEPS[state.step]
    if state.step == "emergency":
        return people.call_off(state, knows) if keys in ("9", "*9") else people.dial(state, "emergency", knows)
    command = keys[1:] or keys if keys.startswith("*") else "" if here.digits or keys in tuple(here.own_keys) else keys
    match command:
        case "0":
            return people.to_operator(state, "0", knows)
        case "5":
            return _granted(state, knows)
        case "6":
            return _helped(state)
        case "7":
            return _pace(state, _next_pace(state.pace))
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
    passing = before.step in (*NO_QUESTION, "start") or any(s.step.startswith("emergency") for s in (before, after))
    if after.step == "menu":
        return after.but(trail=())
    if not moved or passing or before.step == after.step or after.step == "ended":
        return after
    return after.but(trail=(*after.trail, before.step)[-12:])
