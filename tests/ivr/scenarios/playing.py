"""Plays a scenario on a real line and store, and holds against it what its file expects."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, selectinload

from ivr import understand
from ivr.effects import KeepAbout
from ivr.jobs import has_speech
from ivr.line import Line
from ivr.replay import first_difference, outline, read_kept
from models.base import utcnow
from models.cases import Case
from models.store.repair import RepairStore
from models.store.replays import ReplayStore
from routing import jobs
from routing.announcements import NewAnnouncement, announce
from routing.cases import act_on
from routing.life import Act as OfficersAct
from routing.queues import Queues
from routing.tickets import valid
from speech import spoken
from tests.ivr.scenarios.callers import Caller, CannotPlay
from tests.ivr.scenarios.reading import Act, Announce, Call, CaseHeld, Officer, Scenario

NUMBER = "+6281234567890"
CALLERS_TURNS = ("speech", "no-match", "key", "silence")

MakeCaller = Callable[[Line, str, str | None, bool], Caller]


class NotAsExpected(AssertionError):
    """The line did something else than the scenario says; the message has the place and both."""


def _expect(true: object, place: str, told: str) -> None:
    if not true:
        raise NotAsExpected(f"{place}: {told}")


class Play:
    """One scenario on one line, whose store is empty.

    Raises (from `run`):
        NotAsExpected, CannotPlay
    """

    def __init__(self, scenario: Scenario, line: Line, engine: Engine, make_caller: MakeCaller) -> None:
        self._scenario, self._line, self._engine, self._make = scenario, line, engine, make_caller
        self._replays = ReplayStore(engine)
        self._calls: list[str] = []

    def run(self) -> None:
        for number, entry in enumerate(self._scenario.story, 1):
            place = f"{self._scenario.name}, story {number}"
            if entry.call:
                self._call(entry.call, place)
            elif entry.officer:
                self._officer(entry.officer)
            elif entry.announce:
                self._announce(entry.announce, f"announcement{number}")
            else:
                self._sweep()
        self._hand_overs()
        self._cases_held()
        self._goes_the_same_again()

    # -- what happens

    def _call(self, call: Call, place: str) -> None:
        number = {"known": NUMBER, "hidden": None}.get(call.number, call.number)
        if number and self._scenario.asked_about:
            self._line.keep_about(KeepAbout(disabled=False, elderly=False), self._line.vault.lookup(number))
        caller = self._make(self._line, f"CA{len(self._calls) + 1}", number, call.recogniser == "here")
        self._calls.append(caller.call_id)
        for at, act in enumerate(call.acts, 1):
            self._act(caller, self._filled(act), f"{place}, act {at} ({act})")
        _in_order(call.hears, caller.prompts, place)
        self._never(call.never, caller.prompts, place)
        self._words(call.words, caller.call_id, 0, place)
        turns = [turn for turn in self._line.calls.turns(caller.call_id) if turn.kind in CALLERS_TURNS]
        _expect(call.turns is None or len(turns) <= call.turns, place, f"took {len(turns)} turns of the caller")

    def _act(self, caller: Caller, act: Act, place: str) -> None:
        if act.store:
            self._store(away=act.store == "away")
            return
        heard, turns = len(caller.prompts), self._line.calls.last_turn(caller.call_id) if self._stored() else 0
        try:
            caller.does(act)
        except CannotPlay as error:
            raise NotAsExpected(f"{place}: {error}") from None
        answer = caller.prompts[heard:]
        call = self._line.calls.get(caller.call_id)
        at = "ended" if call.ended_at else call.state["step"]
        _expect(act.at in (None, at), place, f"is at {at} and not at {act.at}; the caller heard {', '.join(answer)}")
        for prompt in act.hears:
            _expect(prompt in answer, place, f"{prompt} was not heard, but {', '.join(answer) or 'nothing'}")
        self._never(act.never, answer, place)
        if self._stored():
            self._words(act.words, caller.call_id, turns, place)

    def _stored(self) -> bool:
        with self._engine.connect() as connection:
            tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE name = 'turn'")
            return tables.first() is not None

    def _store(self, away: bool) -> None:
        """A real fault: the table of turns is not there."""
        names = ("turn", "turn_away") if away else ("turn_away", "turn")
        with self._engine.begin() as connection:
            connection.exec_driver_sql('ALTER TABLE "{}" RENAME TO "{}"'.format(*names))

    def _officer(self, wanted: Officer) -> None:
        case = self._cases()[wanted.case - 1]
        act = OfficersAct(wanted.verb, "sari", "console", text=wanted.text)
        act_on(self._line.cases, self._line.knows.city, case.id, act)

    def _announce(self, wanted: Announce, key: str) -> None:
        now = utcnow()
        area = self._area(wanted.area) if wanted.area else None
        until = now + dt.timedelta(hours=2)
        new = NewAnnouncement(key, wanted.text, wanted.category, area, now, until)
        announce(self._line.announcements, self._line.cases, self._line.knows.city, new, "sari", now)

    def _sweep(self) -> None:
        parts = jobs.Parts(self._engine, self._line.knows.city, _queues(self._line), quiet_s=0.0, settle_s=0.0)
        sound = self._line.recordings
        jobs.use(dataclasses.replace(parts, has_sound=lambda one, after_ms: has_speech(sound, one, after_ms)))
        for call_id in RepairStore(self._engine).broken_calls(utcnow()):
            jobs.repair_call(call_id)

    # -- what a script may name

    def _filled(self, act: Act) -> Act:
        """The act with the numbers of cases in place of {ticket}, as words where they are said."""
        words = None if act.say is None else self._fill(act.say, spoken.say_digits)
        keys = None if act.press is None else self._fill(act.press, str)
        return act.model_copy(update={"say": words, "press": keys})

    def _fill(self, text: str, told: Callable[[str], str]) -> str:
        def number(match: re.Match[str]) -> str:
            wrong, place = match[1], int(match[2] or 1)
            ticket = self._cases()[place - 1].ticket
            others = (ticket[:-1] + digit for digit in "0123456789")
            return told(next(other for other in others if not valid(other)) if wrong else ticket)

        return re.sub(r"\{(wrong )?ticket(?: (\d))?\}", number, text)

    def _area(self, name: str) -> str:
        city = self._line.knows.city
        return next(area.code for area in (*city.kelurahan, *city.kecamatan) if area.name == name)

    # -- what is expected

    def _never(self, never: Sequence[str], prompts: Sequence[str], place: str) -> None:
        for prompt in never:
            _expect(prompt not in prompts, place, f"{prompt} was heard")

    def _words(self, words: Sequence[str], call_id: str, after: int, place: str) -> None:
        """Each of them was said since that turn, letters and digits compared."""
        if not words:
            return
        said = self._said(call_id, after)
        for text in words:
            wanted = understand.tidy(self._fill(text, spoken.say_digits))
            _expect(f" {wanted} " in f" {said} ", place, f"{text!r} was not said, but: {said}")

    def _said(self, call_id: str, after: int = 0) -> str:
        call = self._replays.call(call_id)
        return understand.tidy(" ".join(turn.answer for turn in call.turns[after:])) if call else ""

    def _hand_overs(self) -> None:
        found = [f"{o.target} {o.outcome}" for call in self._calls for o in self._line.calls.hand_overs(call)]
        wanted = list(self._scenario.hand_overs)
        _expect(found == wanted, self._scenario.name, f"hand_overs are {found} and not {wanted}")

    def _cases(self) -> list[Case]:
        query = select(Case).order_by(Case.opened_at, Case.id)
        with Session(self._engine, expire_on_commit=False) as session:
            return list(session.scalars(query.options(selectinload(Case.events), selectinload(Case.followers))))

    def _cases_held(self) -> None:
        cases, wanted = self._cases(), self._scenario.cases
        name = self._scenario.name
        told = ", ".join(f"{case.category_code} ({case.description})" for case in cases) or "none"
        _expect(len(cases) == len(wanted), name, f"the store holds {len(cases)} cases and not {len(wanted)}: {told}")
        said = " | ".join(map(self._said, self._calls))
        for number, (case, held) in enumerate(zip(cases, wanted, strict=True), 1):
            heard = f" {understand.tidy(spoken.say_digits(case.ticket))} " in f" {said} "
            for problem in _differences(case, held, self._line, heard):
                raise NotAsExpected(f"{name}, case {number}: {problem}")

    def _goes_the_same_again(self) -> None:
        """Every call that a scenario makes can be replayed from what the store holds of it."""
        for call_id in self._calls:
            call = self._replays.call(call_id)
            assert call is not None
            kept = [read_kept(self._line.vault.open_text(turn.sealed or "")) for turn in call.turns]
            turn = first_difference(kept, self._line.knows)
            if turn is not None:
                both = f"{', '.join(outline(turn.was))}; now {', '.join(outline(turn.now))}"
                raise NotAsExpected(f"{self._scenario.name}: the replay differs at turn {turn.number}: {both}")


def _differences(case: Case, held: CaseHeld, line: Line, heard: bool) -> Iterator[str]:
    area = line.knows.area(case.area_code).name if case.area_code else ""
    reporter = "known" if case.reporter_lookup else "none"
    plain = {
        "category": (case.category_code, held.category),
        "category_by": (case.category_by, held.category_by),
        "area": (area, held.area),
        "review": (case.review or "", held.review),
        "agency": (case.agency_code, held.agency),
        "stage": (case.stage, held.stage),
        "disclosure": (case.disclosure, held.disclosure),
        "disabled": (case.disabled, held.disabled),
        "ticket": ("heard" if heard else "unheard", held.ticket),
        "reporter": (reporter, held.reporter),
        "followers": (len(case.followers), held.followers),
    }
    for name, (found, wanted) in plain.items():
        if wanted is not None and found != wanted:
            yield f"{name} is {found!r} and not {wanted!r}"
    events = " | ".join(f"{event.reason} {event.details}" for event in case.events)
    for name, text, pieces in (
        ("description", case.description, held.description),
        ("landmark", case.landmark, held.landmark),
        ("told", events, held.told),
    ):
        for piece in pieces or ():
            if piece not in text:
                yield f"{name} has no {piece!r}: {text!r}"
        if name != "told" and pieces == () and text:
            yield f"{name} is {text!r} and not empty"


def _in_order(wanted: Sequence[str], heard: Sequence[str], place: str) -> None:
    rest = iter(heard)
    for prompt in wanted:
        _expect(prompt in rest, place, f"{prompt} was not heard, or not in this order: {', '.join(heard)}")


def _queues(line: Line) -> Queues:
    assert isinstance(line.queues, Queues)
    return line.queues
