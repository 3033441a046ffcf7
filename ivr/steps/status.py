"""What became of a report: by its number, or by the number that the caller calls from."""

from __future__ import annotations

from dataclasses import asdict

from ivr import understand
from ivr.effects import Effect, FindCases, HangUp, Say
from ivr.events import CasesFound, Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps import mine
from ivr.steps.base import Move, Step, go, listen, say, waiting

OVERDUE_STAGES = ("pengaduan", "proses", "pengerjaan", "diteruskan")


def look_up(state: State, ticket: str) -> Move:
    """Wait for the store to find the ticket; empty: the calling number's cases."""
    if not ticket and not state.known:
        return Move(state.but(step="status", tries=0), (Say("status-number-hidden"),))
    return go(state, "finding", asked=ticket)


def _ask_number(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    grammar = (*understand.NUMBER_WORDS, *understand.phrases("unknown"))
    prompt = say(state, "status")
    return (prompt, listen(state, "digits", grammar, keys=knows.ticket_length, wait_ms=10_000, limit_ms=20_000))


def _take_number(state: State, digits: str, knows: Knowledge) -> Move | None:
    if knows.valid_ticket(digits):
        return look_up(state, digits)
    if len(digits) >= knows.ticket_length - 2:  # nearly: say what was heard, so that the caller can mend it
        before = (Say("status-wrong-number", {"ticket": digits}),)
        return Move(state.but(tries=min(state.tries + 1, 3)), before)
    return None


def _hear_number(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if understand.means(event.text, "unknown"):
        return look_up(state, "")
    return _take_number(state, knows.digits(event.text), knows)


def _key_number(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys == "#":
        return look_up(state, "")
    return _take_number(state, keys, knows)


def found(state: State, event: CasesFound, knows: Knowledge) -> Move:
    """Say what the store found."""
    if event.cases:
        cases = tuple(asdict(case) for case in event.cases)
        return go(state, "after-status", *spoken_cases(cases), found=cases)
    if state.asked:
        return Move(state.but(step="status", tries=1), (Say("status-none", {"ticket": state.asked}),))
    return Move(state.but(step="status", tries=1), (Say("status-none-caller"),))


def spoken_cases(cases: tuple[dict[str, object], ...]) -> tuple[Say, ...]:
    """Each case in a sentence or three; nothing personal, "Bapak Ibu" only for the reporter's own number."""
    several = (Say("status-several", {"count": len(cases)}),) if len(cases) > 1 else ()
    return (*several, *(_spoken(case) for case in cases))


def _spoken(case: dict[str, object]) -> Say:
    stage = str(case["stage"])
    waiting_for_review = stage == "pengaduan" and not case["agency"]
    prompt = "stage-pengaduan-review" if waiting_for_review else f"stage-{stage}"
    due = Say("stage-overdue" if case["overdue"] else "stage-due", {"due": case["due"]})
    slots = {
        "ticket": case["ticket"],
        "category": case["category"],
        "stage": Say(prompt, {"since": case["since"], "agency": case["agency"] or "petugas ruang kendali"}),
        "said": Say("status-said", {"said": case["said"]}) if case.get("said") else "",
        "due": due if stage in OVERDUE_STAGES else "",
    }
    return Say("status-found-mine" if case["mine"] else "status-found", slots)


# -- what comes after: something else, again, or good-bye


def _ask_more(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    may = ("add", "withdraw") if state.step == "after-status" and mine.own(state) else ()
    grammar = (*understand.phrases("yes", "no", "done", *may), *understand.wish_phrases())
    prompt = "after-status-mine" if may else state.step
    return (say(state, prompt), listen(state, "yes-no", grammar))


def answer_again(state: State) -> Say:
    """The answer; what nobody of the city has confirmed is said to be so."""
    return Say("answer-unsure" if state.unsure else "answer", {"answer": state.answer})


def goodbye(state: State) -> Move:
    return Move(state.but(step="ended"), (Say("goodbye"),), (HangUp("goodbye"),))


def _enough(state: State) -> Move:
    """The caller has no other wish."""
    return go(state, "about-you") if state.step == "after-ticket" and state.may_be_asked else goodbye(state)


def _hear_more(state: State, event: Heard, knows: Knowledge) -> Move | None:
    if state.step == "after-status" and (move := mine.hear(state, event.text)):
        return move
    if understand.means(event.text, "add", "withdraw"):
        return Move(state, (Say("not-yours"),))
    meaning = understand.means(event.text, "done", "no", "yes")
    if meaning in ("done", "no"):
        return _enough(state)
    wish = understand.wish(event.text)
    steps = {"report": "report", "status": "status", "information": "menu"}
    if wish in steps:
        return go(state.fresh_report(), steps[wish])
    return go(state, "menu") if meaning == "yes" else None


def _key_more(state: State, keys: str, knows: Knowledge) -> Move | None:
    if keys in ("2", "#"):
        return _enough(state)
    if state.step == "after-status" and (move := mine.key(state, keys)):
        return move
    return go(state, "menu") if keys == "1" else None


def _ticket_again(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (Say("ticket-again", {"ticket": state.ticket}),)


STEPS = {
    "status": Step(_ask_number, _hear_number, _key_number, help="help-status", digits=True),
    "finding": waiting(lambda state, knows: (FindCases(state.asked),)),
    "after-status": Step(_ask_more, _hear_more, _key_more, again=lambda state, knows: spoken_cases(state.found)),
    "after-ticket": Step(_ask_more, _hear_more, _key_more, again=_ticket_again),
    "after-information": Step(_ask_more, _hear_more, _key_more, again=lambda state, knows: (answer_again(state),)),
}
