"""The parts of one process's line, and what they do together for a call. Built in `app.py`."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

import phonenumbers
from sqlalchemy.exc import SQLAlchemyError

from ivr.conversation import Conversation
from ivr.effects import ActOnCase, FindCases, JoinAnnounced, OpenCase
from ivr.events import Announced, AnnouncementJoined, CaseActed, CaseFound, CaseOpened, CasesFound, Started
from ivr.knowledge import Knowledge
from ivr.prompts import Prompts
from ivr.session import Outlet, Screen, Session
from ivr.state import State
from models.crypto import Vault
from models.recordings import Recordings
from models.store.announcements import AnnouncementStore
from models.store.calls import CallStore
from models.store.cases import CaseStore
from models.store.notices import NoticeStore
from observability import CALLS_LIVE
from routing import announcements, cases
from routing.current_places import CurrentPlaces
from routing.life import Act, NotAllowed
from routing.lookups.ask import LookUps
from routing.sla import decent_time
from speech.clips import ClipStore
from speech.recognize import Recognizer

CALL_AGAIN_AFTER = dt.timedelta(hours=2)
UNHEARD = "Tidak ada kata yang dikenali; dengarkan rekaman panggilannya."
MOST_CALLS = 4  # two hours apart, so over a day: more would be a nuisance


class Enqueue(Protocol):
    """Tells the workers of a new case; never raises, never waits: what Redis loses, the sweep finds."""

    def enqueue_case(self, case_id: str) -> bool: ...


class CallGate:
    """Admission: counts live streams, so that live calls never suffer from new ones."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.live = 0
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """Whether one more may come in; if so it is counted."""
        with self._lock:
            if self.live >= self.most:
                return False
            self.live += 1
            CALLS_LIVE.inc()
            return True

    def leave(self) -> None:
        with self._lock:
            self.live -= 1
            CALLS_LIVE.dec()


@dataclass
class Line:
    """Everything that calls share.

    `hearing` gives the newest recogniser that is loaded, or None when there is none: the line then works with keys
    and recordings. A call asks once and keeps what it got.
    """

    knows: Knowledge
    places: CurrentPlaces  # what `knows` finds places by
    prompts: Prompts
    voice: ClipStore
    hearing: Callable[[], Recognizer | None]
    calls: CallStore
    cases: CaseStore
    notices: NoticeStore
    announcements: AnnouncementStore
    recordings: Recordings
    vault: Vault
    queues: Enqueue
    gate: CallGate
    lookups: LookUps = field(default_factory=lambda: LookUps({}, lambda name: ""))
    numbers: dict[str, str] = field(default_factory=dict)
    today: Callable[[], dt.date] = dt.date.today
    store_errors: tuple[type[Exception], ...] = (SQLAlchemyError,)

    def begin(self, channel: str, provider_id: str, caller: str | None) -> str:
        """Write a call before anything else is done; the id of the one that the provider names so."""
        number = e164(caller)
        sealed = self.vault.seal_text(number) if number else None
        lookup = self.vault.lookup(number) if number else None
        call_id = self.calls.begin(channel, provider_id, State().to_json(), sealed, lookup)
        self.places.look()
        return call_id

    def conversation(self, call_id: str) -> Conversation:
        return Conversation(self, call_id)

    def session(self, call_id: str, outlet: Outlet, screen: Screen | None = None) -> Session:
        return Session(self, call_id, outlet, screen)

    def open_case(
        self, wanted: OpenCase, call_id: str, channel: str, reporter: tuple[str | None, str | None]
    ) -> CaseOpened:
        """Write the case, then tell the workers; the same report twice is one case."""
        draft = cases.CaseDraft(
            origin=f"{call_id}:{wanted.report}",
            channel=channel,
            call_id=call_id,
            category=wanted.category,
            category_by=wanted.category_by,
            area=wanted.area,
            landmark=wanted.landmark,
            description=wanted.description,
            review=wanted.review,
            reporter_sealed=reporter[0],
            reporter_lookup=reporter[1],
            disclosure=wanted.disclosure,
            disabled=wanted.disabled,
        )
        opened = cases.open_case(self.cases, self.knows.city, draft, dt.datetime.now(dt.UTC))
        if wanted.disclosure == "anonymous":
            self.calls.forget_caller(call_id)
        self.queues.enqueue_case(opened.case_id)
        agency = "" if wanted.review else opened.agency_spoken
        return CaseOpened(opened.ticket, opened.due_on.isoformat(), agency)

    def started(self, lookup: str | None) -> Started:
        """What a call begins with: whether its number is known, where its last report was, what is announced now."""
        now, zone = dt.datetime.now(dt.UTC), ZoneInfo(self.knows.city.time_zone)
        announced = []
        for one in self.announcements.current(now):
            ends = one.ends_at.astimezone(zone)
            day, place = ends.date().isoformat(), one.area_code or ""
            announced.append(Announced(one.id, one.text, one.category_code, place, day, ends.hour, ends.minute))
        home = (self.cases.last_area(lookup) or "") if lookup and announced else ""
        return Started(known=lookup is not None, home=home, announced=tuple(announced))

    def join(self, wanted: JoinAnnounced, call_id: str, reporter: tuple[str | None, str | None]) -> AnnouncementJoined:
        """Let the caller follow the announced case, with what they said; the same number twice follows once."""
        if wanted.anonymous:
            reporter = (None, None)
            self.calls.forget_caller(call_id)
        origin = f"{call_id}:{wanted.report}"
        words = {"description": wanted.description, "landmark": wanted.landmark, "area": wanted.area}
        now = dt.datetime.now(dt.UTC)
        done = announcements.join(self.announcements, self.cases, wanted.announcement, origin, reporter, words, now)
        return AnnouncementJoined(done.ticket, done.due_on.isoformat()) if done else AnnouncementJoined("")

    def act(self, wanted: ActOnCase, call_id: str, lookup: str | None) -> CaseActed:
        """What a reporter does with the own case, from the number that it was reported from."""
        case = self.cases.by_ticket(wanted.ticket)
        if case is None or not lookup or case.reporter_lookup != lookup:
            return CaseActed(False)
        words = wanted.text or ("" if wanted.verb == "withdraw" else UNHEARD)
        key = f"{call_id}:{wanted.number}"
        act = Act(wanted.verb, "caller", "call", key, words, by_citizen=True)
        try:
            cases.act_on(self.cases, self.knows.city, case.id, act)
        except NotAllowed:  # closed meanwhile; the words are kept
            note = Act("note", "caller", "call", key, words or "Pelapor ingin mencabut laporan.", by_citizen=True)
            cases.act_on(self.cases, self.knows.city, case.id, note)
            return CaseActed(False)
        return CaseActed(True)

    def call_not_taken(self, remote_id: str) -> None:
        """A call of ours reached nobody: it is tried again, later and not for ever."""
        now = dt.datetime.now(dt.UTC)
        again = decent_time(now + CALL_AGAIN_AFTER, self.knows.city)
        self.notices.not_reached(remote_id, again, MOST_CALLS, "telepon tidak diangkat")

    def find_cases(self, wanted: FindCases, lookup: str | None) -> CasesFound:
        """A ticket's case, or the running cases of the calling number."""
        city = self.knows.city
        if wanted.ticket:
            one = cases.status(self.cases, city, wanted.ticket, lookup)
            return CasesFound((_spoken(one),) if one else ())
        several = cases.statuses_of(self.cases, city, lookup) if lookup else ()
        return CasesFound(tuple(_spoken(status) for status in several))


def _spoken(status: cases.CaseStatus) -> CaseFound:
    return CaseFound(
        ticket=status.ticket,
        stage=status.stage,
        since=status.since.isoformat(),
        due=status.due.isoformat(),
        category=status.category_name.lower(),
        agency=status.agency_spoken,
        mine=status.mine,
        overdue=status.overdue,
        said=status.said,
    )


def e164(number: str | None) -> str | None:
    """A caller's number in one spelling (+62...); None when it is withheld or none at all."""
    if not number:
        return None
    try:
        parsed = phonenumbers.parse(number, "ID")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
