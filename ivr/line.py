"""The parts of one process's line, and what they do together for a call. Built in `app.py`."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol
from zoneinfo import ZoneInfo

import phonenumbers
import structlog
from sqlalchemy.exc import SQLAlchemyError

from ivr.conversation import Conversation
from ivr.effects import ActOnCase, FindAlike, FindCases, JoinAnnounced, KeepAbout, NoteAsked, OpenCase, TellOutcome
from ivr.events import (
    AlikeFound,
    Announced,
    AnnouncementJoined,
    Broken,
    CaseActed,
    CaseFound,
    CaseOpened,
    CasesFound,
    DataErased,
    DataFound,
    Solved,
    Started,
)
from ivr.knowledge import Knowledge
from ivr.profiles import PACES
from ivr.prompts import Prompts
from ivr.session import Outlet, Screen, Session
from ivr.state import State
from models.crypto import UnreadableSecret, Vault
from models.recordings import Recordings
from models.store.announcements import AnnouncementStore
from models.store.callers import CallerStore, Choice
from models.store.calls import CallStore
from models.store.cases import CaseStore, Change
from models.store.notices import NoticeStore
from observability import CALLS_LIVE
from routing import announcements, cases, outcome
from routing.alike import find_alike
from routing.cases import OpenedCase
from routing.current_places import CurrentPlaces
from routing.life import Act, NotAllowed
from routing.lookups.ask import LookUps
from routing.sla import decent_time, local_day
from speech.clips import ClipStore
from speech.recognize import UNKNOWN, Recognizer

log = structlog.get_logger(__name__)

CALL_AGAIN_AFTER = dt.timedelta(hours=2)
UNHEARD = "Tidak ada kata yang dikenali; dengarkan rekaman panggilannya."
MOST_TURNS = 64  # that are worked out at once; threads begin as they are needed
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
    callers: CallerStore
    recordings: Recordings
    vault: Vault
    queues: Enqueue
    gate: CallGate
    lookups: LookUps = field(default_factory=lambda: LookUps({}, lambda name: ""))
    turns: Executor = field(default_factory=lambda: ThreadPoolExecutor(MOST_TURNS, thread_name_prefix="turn"))
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
            notify="none" if wanted.tell_number and e164(wanted.tell_number) else "call",
        )
        opened = cases.open_case(self.cases, self.knows.city, draft, dt.datetime.now(dt.UTC))
        if wanted.tell_number:
            self._tell_instead(opened.case_id, wanted.tell_number)
        if wanted.continues:
            self._finish_broken(wanted, opened, call_id)
        if wanted.disclosure == "anonymous":
            self.calls.forget_caller(call_id)
        self.queues.enqueue_case(opened.case_id)
        agency = "" if wanted.review else opened.agency_spoken
        return CaseOpened(opened.ticket, opened.due_on.isoformat(), agency)

    def _tell_instead(self, case_id: str, number: str) -> None:
        """Somebody else than the caller hears of the outcome."""
        told = e164(number)
        if told:
            self.cases.follow(case_id, "behalf", self.vault.seal_text(told), self.vault.lookup(told), "call")

    def _finish_broken(self, wanted: OpenCase, opened: OpenedCase, call_id: str) -> None:
        """The case of the broken-off report goes into the one that finishes it: nothing is worked on twice."""
        broken = self.cases.by_ticket(wanted.continues)
        act = outcome.continue_with(self.cases, broken, opened.ticket, call_id) if broken else None
        if broken and act:
            try:
                cases.act_on(self.cases, self.knows.city, broken.id, act)
            except NotAllowed:  # somebody has taken it up meanwhile: both are looked at by a person
                log.warning("a broken-off report was taken up twice", case=broken.id)

    def find_alike(self, wanted: FindAlike) -> AlikeFound:
        """Open cases that seem to be the same problem."""
        now = dt.datetime.now(dt.UTC)
        same = find_alike(self.cases, wanted.category, wanted.area, wanted.landmark, now)
        return AlikeFound(same.case.ticket, same.count) if same else AlikeFound()

    def tell_outcome(self, wanted: TellOutcome, call_id: str, lookup: str | None) -> CaseActed:
        """Whether the solved case really is, by its reporter."""
        words = UNHEARD if wanted.words == UNKNOWN else wanted.words
        act = outcome.outcome(f"{call_id}:{wanted.number}", words, wanted.score)
        case_id = self._act_on_own(wanted.ticket, lookup, act, words or "Beres.")
        if case_id:
            self.queues.enqueue_case(case_id)
        return CaseActed(bool(case_id))

    def _act_on_own(self, ticket: str, lookup: str | None, act: Act, otherwise: str) -> str:
        """Do it, if the case is this number's; the case's id, empty when it could not be done.

        What the case no longer permits, for it changed meanwhile, is kept as a note: `otherwise` are its words.
        """
        case = self.cases.by_ticket(ticket)
        if case is None or not lookup or case.reporter_lookup != lookup:
            return ""
        try:
            cases.act_on(self.cases, self.knows.city, case.id, act)
        except NotAllowed:
            note = Act("note", act.actor, act.channel, act.key, otherwise, by_citizen=True)
            cases.act_on(self.cases, self.knows.city, case.id, note)
            return ""
        return case.id

    def note_asked(self, asked: NoteAsked, call_id: str) -> None:
        """Keep that this call asked whether the case is solved."""
        case = self.cases.by_ticket(asked.ticket)
        if case:
            self.cases.write(case.id, Change("asked", f"asked:{call_id}", "machine", "call"))

    def _left_open(self, lookup: str, now: dt.datetime) -> tuple[Broken | None, Solved | None]:
        city = self.knows.city
        broken, solved = outcome.broken_off(self.cases, lookup, now), outcome.to_confirm(self.cases, lookup, now)
        left = taken = None
        if broken and broken.call_id:
            known = broken.category_code != city.other_category and broken.category_code in city.categories
            category = self.knows.category(broken.category_code) if known else ""
            left = Broken(broken.ticket, category, self.calls.get(broken.call_id).state)
        if solved and solved.category_code in city.categories:
            since = local_day(solved.stage_since, city).isoformat()
            taken = Solved(solved.ticket, self.knows.category(solved.category_code), since)
        return left, taken

    def started(self, lookup: str | None) -> Started:
        """What a call begins with: whether its number is known, where its last report was, what is announced now."""
        now, zone = dt.datetime.now(dt.UTC), ZoneInfo(self.knows.city.time_zone)
        announced = []
        for one in self.announcements.current(now):
            ends = one.ends_at.astimezone(zone)
            day, place = ends.date().isoformat(), one.area_code or ""
            announced.append(
                Announced(one.id, one.text, one.category_code, place, day, ends.hour, ends.minute, one.sound_ms > 0)
            )
        home = (self.cases.last_area(lookup) or "") if lookup and announced else ""
        choice = self.callers.recall(lookup) if lookup else Choice()
        pace = choice.pace if choice.pace in PACES else 0
        broken, solved = self._left_open(lookup, now) if lookup else (None, None)
        today = self.today()
        stale = tuple(i.code for i in self.knows.city.information if i.valid_until and i.valid_until < today)
        return Started(
            lookup is not None, pace, home, tuple(announced), broken, solved, stale, choice.asked, choice.disabled
        )

    def announcement_sound(self, announcement_id: str) -> bytes | None:
        """What somebody has recorded (16-bit, 8 kHz); None when it cannot be had: the line's voice reads it then."""
        failures: tuple[type[Exception], ...] = (*self.store_errors, UnreadableSecret)
        try:
            sealed = self.announcements.sound_sealed(announcement_id)
            return self.vault.open(sealed) if sealed else None
        except failures:
            log.exception("an announcement could not be played", announcement=announcement_id)
            return None

    def keep_no_sound(self, call_id: str) -> None:
        """Delete this call's sound. `Session` writes none from now on."""
        self._delete_sound(self.calls.recordings_of(call_id))

    def _delete_sound(self, recording_ids: Iterable[str]) -> None:
        """The file goes first: a row never says "deleted" of sound that is still there."""
        for recording_id in recording_ids:
            self.recordings.delete(recording_id)
            self.calls.recording_deleted(recording_id)

    def keep_about(self, wanted: KeepAbout, lookup: str | None) -> None:
        """Remember what the caller said of themselves, and that they were asked."""
        if lookup:
            self.callers.keep_about(lookup, disabled=wanted.disabled, elderly=wanted.elderly)

    def find_data(self, lookup: str | None) -> DataFound:
        """What is stored under a number."""
        cases_, calls = self.callers.stored(lookup) if lookup else (0, 0)
        return DataFound(cases_, calls, self.knows.city.keep.sound_days)

    def erase_data(self, call_id: str, lookup: str | None) -> DataErased:
        """Forget the number wherever it stands, with its sound; this call's as well."""
        if not lookup:
            return DataErased(False)
        self._delete_sound(self.callers.recordings(lookup))
        self.callers.forget(lookup)
        log.info("a caller's number and sound are erased", call=call_id)
        return DataErased(True)

    def keep_pace(self, lookup: str | None, pace: int) -> None:
        """Remember how to speak to this number. A store that does not take it costs no call."""
        try:
            if lookup:
                self.callers.keep(lookup, pace)
        except self.store_errors:
            log.exception("a pace was not remembered")

    def join(self, wanted: JoinAnnounced, call_id: str, reporter: tuple[str | None, str | None]) -> AnnouncementJoined:
        """Let the caller follow the announced case, with what they said; the same number twice follows once."""
        if wanted.anonymous:
            reporter = (None, None)
            self.calls.forget_caller(call_id)
        origin = f"{call_id}:{wanted.report}"
        words = {"description": wanted.description, "landmark": wanted.landmark, "area": wanted.area}
        now = dt.datetime.now(dt.UTC)
        case_id = self._case_to_join(wanted)
        done = announcements.join(self.cases, case_id, origin, reporter, words, now)
        return AnnouncementJoined(done.ticket, done.due_on.isoformat()) if done else AnnouncementJoined("")

    def _case_to_join(self, wanted: JoinAnnounced) -> str:
        if wanted.ticket:
            case = self.cases.by_ticket(wanted.ticket)
            return case.id if case else ""
        announcement = self.announcements.get(wanted.announcement)
        return (announcement.case_id or "") if announcement else ""

    def act(self, wanted: ActOnCase, call_id: str, lookup: str | None) -> CaseActed:
        """What a reporter does with the own case, from the number that it was reported from."""
        words = wanted.text or ("" if wanted.verb == "withdraw" else UNHEARD)
        act = Act(wanted.verb, "caller", "call", f"{call_id}:{wanted.number}", words, by_citizen=True)
        done = self._act_on_own(wanted.ticket, lookup, act, words or "Pelapor ingin mencabut laporan.")
        return CaseActed(bool(done))

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
