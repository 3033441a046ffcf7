"""What the worker does. Every job is given an id, reads the case anew, acts, and records; twice is harmless.

`worker.py` calls `use` once with the parts that jobs work with; functions must stay importable by name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import structlog
from redis import Redis
from rq.job import Job
from sqlalchemy import Engine

from models.base import utcnow
from models.cases import Case
from models.store.cases import CaseStore, Change, NewNotice, NoSuchCase
from models.store.deliveries import DeliveryStore
from models.store.exports import ExportStore
from models.store.notices import NoticeStore
from models.store.repair import RepairStore
from models.store.retention import RetentionStore
from routing import attention, notify, upkeep
from routing.broken import draft_of, something_said
from routing.cases import open_case
from routing.city import City
from routing.classify import SURE_ENOUGH, Classifier
from routing.gateways import Gateway, NotDelivered, deliver, turn_of
from routing.gateways.returns import poll
from routing.learnt import usable
from routing.life import Act, allowed, decide
from routing.queues import Queues
from routing.responsible import responsible
from routing.sla import answer_due_on, at_work, due_on, local_day

# A line that was silent so long will not come back. Twilio reconnects a stream within seconds, but a caller may
# speak for 90 s into a `<Record>`, after its prompt, and nothing is heard of the call meanwhile.
QUIET_S = 150.0
SETTLE_S = 15.0  # younger cases have their job already, most likely
JOB_FAILED = "pekerjaan gagal"  # review: a job gave up on the case
AGENCY_CLOSED = "instansi ditutup"  # reason: the agency that had the case is no more
HANDED = ("assigned", "sorted", "reviewed")  # kinds of events that give a case to somebody

log = structlog.get_logger(__name__)


class FetchFailed(Exception):
    """The provider did not give a recording; the job is tried again."""


@dataclass(frozen=True)
class Parts:
    """What jobs work with.

    Attributes:
        has_sound: whether a recording (id) holds sound after a moment (ms from its start).
        fetch_recording: brings a provider's recording (id) into the store; raises FetchFailed.
        delete_sound: removes a recording (id) from the disk; harmless when it is gone.
        tables: folder for the tables of each month; None: none are written.
        ways: how citizens and officials can be reached, by name: call, sms, whatsapp, email.
        gateways: agencies' own systems, by agency code; all others have the console.
        seal, open_sealed: encrypt an address for the store, and open it again.
        console_url: what officials find in their letters.
        quiet_s: a call that was heard longer ago has lost its line.
        settle_s: a case that is older should have been delivered.
    """

    engine: Engine
    city: City
    queues: Queues
    has_sound: Callable[[str, int], bool] = lambda recording_id, after_ms: False
    fetch_recording: Callable[[str], None] | None = None
    delete_sound: Callable[[str], None] = lambda recording_id: None
    tables: Path | None = None
    ways: Mapping[str, notify.Way] = field(default_factory=dict)
    gateways: Mapping[str, Gateway] = field(default_factory=dict)
    seal: Callable[[str], str] = lambda text: text
    open_sealed: Callable[[str], str] = lambda text: text
    console_url: str = ""
    quiet_s: float = QUIET_S
    settle_s: float = SETTLE_S

    @property
    def cases(self) -> CaseStore:
        return CaseStore(self.engine)

    @property
    def notices(self) -> NoticeStore:
        return NoticeStore(self.engine)

    @cached_property
    def classifier(self) -> Classifier:
        return Classifier(self.city, usable(self.city.folder))


_parts: Parts | None = None


def use(parts: Parts) -> None:
    """Give all jobs of this process their parts."""
    global _parts
    _parts = parts


def _ready() -> Parts:
    if _parts is None:
        raise RuntimeError("jobs have no parts yet: run them through worker.py, or call routing.jobs.use first")
    return _parts


def take_in(case_id: str) -> None:
    """A new case: classify it, give it to its agency, deliver it.

    One job and one transaction: a season brings 25,000 in an hour, and three of each took twice as long.
    """
    _decide(case_id, _proposals_for(case_id), _assigned, _forwarded, _delivered)
    _to_its_system(case_id)


def classify_case(case_id: str) -> None:
    """Keep what the words point to; change the category only where neither caller nor operator chose one."""
    _decide(case_id, _proposals_for(case_id))


def assign_case(case_id: str) -> None:
    """Give the case to the agency of its category; what needs a person first goes to the control room.

    Whoever was faster (an operator who sorted it or handed it on) is not overruled.
    """
    _decide(case_id, _assigned)


def deliver_case(case_id: str) -> None:
    """Put the case into its agency's inbox; what is not the city's own is forwarded, and the citizen told where to."""
    _decide(case_id, _forwarded, _delivered)
    _to_its_system(case_id)


def _to_its_system(case_id: str) -> None:
    """A job of its own gives the case to a system that may be slow or away."""
    parts = _ready()
    case = parts.cases.get(case_id) if parts.gateways else None
    if case and case.delivered_at is None and case.agency_code in parts.gateways:
        parts.queues.enqueue_hand_over(case_id)


def hand_over(case_id: str) -> None:
    """Give the case to its agency's own system. What that refuses for good is for a person to look at."""
    parts = _ready()
    try:
        deliver(parts.cases, DeliveryStore(parts.engine), parts.gateways, parts.city, case_id, utcnow())
    except NotDelivered as error:
        if not error.final:
            raise
        log.error("an agency's system refused a case", case=case_id, reason=str(error))
        _mark_failed(case_id, "hand_over", str(error))


def ask_agencies() -> None:
    """Bring home what agencies' own systems say of their cases."""
    parts = _ready()
    poll(parts.cases, DeliveryStore(parts.engine), parts.gateways, parts.city, utcnow())


def _decide(case_id: str, *steps: Callable[[Parts, Case], Change | None]) -> None:
    parts = _ready()
    try:
        parts.cases.decide(case_id, *(partial(step, parts) for step in steps))
    except NoSuchCase:  # Redis outlived its database: nothing to do, and nothing to try again
        log.warning("job names a case that the store does not have")


def _proposals_for(case_id: str) -> Callable[[Parts, Case], Change]:
    """The step that classifies; the thinking is done here, before the case is locked."""
    classifier, said = _ready().classifier, _ready().cases.description(case_id) or ""
    proposals = classifier.propose(said)
    shown = [{"category": p.category, "score": round(p.score, 3), "words": list(p.words)} for p in proposals]
    if proposals:
        shown[0]["words"] = list(classifier.explain(said, proposals[0]))

    def classified(parts: Parts, case: Case) -> Change:
        values: dict[str, Any] = {}
        if proposals and proposals[0].score >= SURE_ENOUGH and _undecided(parts.city, case):
            values = _category_values(parts.city, case, proposals[0].category)
        return Change("classified", "classified", "machine", "worker", details={"proposals": shown}, values=values)

    return classified


def _category_values(city: City, case: Case, code: str) -> dict[str, Any]:
    category = city.categories[code]
    severity = category.usual_severity
    return {
        "category_code": code,
        "category_by": "machine",
        "severity": severity,
        "due_on": due_on(case.opened_at, category, severity, city),
        "answer_due_on": answer_due_on(case.opened_at, category, severity, city),
    }


def _undecided(city: City, case: Case) -> bool:
    return case.category_by == "machine" and case.category_code == city.other_category


def _assigned(parts: Parts, case: Case) -> Change | None:
    if any(event.kind in HANDED for event in case.events):
        return None
    owner = responsible(parts.city, case.category_code, case.area_code, review=bool(case.review))
    unit = owner.unit.code if owner.unit else None
    values = {"agency_code": owner.agency.code, "unit_code": unit}
    details = {"agency": owner.agency.code, "unit": unit, "disabled": case.disabled}
    return Change("assigned", "assigned", "machine", "worker", case.review or "rule", details, values)


def _forwarded(parts: Parts, case: Case) -> Change | None:
    agency = parts.city.agencies.get(case.agency_code or "")
    if agency is None or not agency.external or case.review or not allowed(case, "forward"):
        return None
    return decide(case, Act("forward", "machine", "worker", key="rule", agency=agency.code), parts.city, utcnow())


def _delivered(parts: Parts, case: Case) -> Change | None:
    """Once for each time that the case was handed to somebody: it may come back to an agency that had it before."""
    if case.agency_code is None or case.delivered_at is not None:
        return None
    if case.agency_code in parts.gateways:
        return None  # only when its own system has taken it: see hand_over
    turn = turn_of(case)
    now = utcnow()
    details = {"agency": case.agency_code, "way": "inbox", "disabled": case.disabled}
    key = f"delivered:{turn}:{case.agency_code}"
    return Change("delivered", key, "machine", "worker", details=details, values={"delivered_at": now}, at=now)


def repair_call(call_id: str) -> None:
    """A call that lost its line: what was said and is in no case becomes a case for review."""
    parts = _ready()
    store = RepairStore(parts.engine)
    call = store.claim(call_id, utcnow() - dt.timedelta(seconds=parts.quiet_s))
    if call is None:
        return
    report = int(call.state.get("report") or 1)
    if report not in (call.state.get("opened") or ()) and something_said(call, parts.has_sound):
        opened = open_case(parts.cases, parts.city, draft_of(call, report), utcnow())
        parts.queues.enqueue_case(opened.case_id)
    store.repaired(call_id)


def fetch_recording(recording_id: str) -> None:
    """Bring a recording home that a provider still holds."""
    parts = _ready()
    if parts.fetch_recording is not None:
        parts.fetch_recording(recording_id)


def sweep() -> None:
    """Find what has no job: cases not delivered, calls without an end, sound not fetched, notices not sent."""
    parts = _ready()
    now = utcnow()
    queues = parts.queues
    young = now - dt.timedelta(seconds=parts.settle_s)
    quiet = now - dt.timedelta(seconds=parts.quiet_s)
    for case_id in parts.cases.undelivered(JOB_FAILED, opened_before=young):
        queues.enqueue_case(case_id)
    for call_id in RepairStore(parts.engine).broken_calls(quiet):
        queues.enqueue_call_repair(call_id)
    for notice_id in parts.notices.due(now):
        queues.enqueue_notice(notice_id)
    if parts.fetch_recording is not None:
        for recording_id in RepairStore(parts.engine).unfetched_recordings(young):
            queues.enqueue_recording_fetch(recording_id)


def send_notice(notice_id: str) -> None:
    """Tell a citizen or an official what a notice says."""
    parts = _ready()
    notify.send_notice(parts.notices, parts.ways, parts.open_sealed, parts.city, notice_id, utcnow())


def mind_clocks() -> None:
    """In service hours: note what gets late, and write everybody's digest of the day; take home orphaned cases.

    The city's clock may jump: everything is decided by the day that it shows now, and written once a day and person.
    """
    parts = _ready()
    now = utcnow()
    for case_id in parts.cases.of_closed_agencies():
        _take_home(parts, case_id)
    if not at_work(now, parts.city):
        return
    today = local_day(now, parts.city)
    found = []
    for case in _in_need(parts, attention.horizon(today, parts.city)):
        one = attention.concern(case, today, parts.city)
        if one is not None:
            parts.cases.write(case.id, attention.change(one, now))
            found.append(one)
    for address, concerns in attention.digests(found, parts.city).items():
        subject, text = attention.digest_text(concerns, parts.city, parts.console_url)
        key = f"digest:{today.isoformat()}:{hashlib.sha256(address.encode()).hexdigest()[:32]}"
        parts.notices.write(NewNotice(key, "digest", "email", parts.seal(address), text, subject, now))


def _in_need(parts: Parts, horizon: dt.date) -> Iterator[Case]:
    after = ""
    while page := parts.cases.in_need(horizon, after):
        yield from page
        after = page[-1].id


def _take_home(parts: Parts, case_id: str) -> None:
    """The agency of a case is no more: its category's present agency gets it, or the control room."""

    def decision(case: Case) -> Change | None:
        known = parts.city.categories.get(case.category_code)
        owner = responsible(parts.city, case.category_code, case.area_code, review=known is None)
        if owner.agency.code == case.agency_code:
            return None
        unit = owner.unit.code if owner.unit else None
        values = {"agency_code": owner.agency.code, "unit_code": unit, "delivered_at": None}
        details = {"agency": owner.agency.code, "unit": unit}
        key = f"taken-home:{case.agency_code}"
        return Change("assigned", key, "machine", "worker", AGENCY_CLOSED, details, values)

    if parts.cases.decide(case_id, decision):
        parts.queues.enqueue_case(case_id)


def keep_time() -> None:
    """Once a day: sound, events and numbers whose time is over go."""
    parts = _ready()
    gone = upkeep.forget(RetentionStore(parts.engine), parts.delete_sound, parts.city, utcnow())
    if any(gone):
        log.info(
            "personal data deleted after their time", recordings=gone.sounds, events=gone.events, numbers=gone.numbers
        )


def write_tables() -> None:
    """The tables of the month that is over, unless they are there."""
    parts = _ready()
    if parts.tables is not None:
        upkeep.write_month(ExportStore(parts.engine), parts.city, parts.tables, utcnow())


def note_failure(job: Job, connection: Redis, kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """When a job's last try failed, its case shows it: an operator sees it and decides.

    Calls and recordings need no mark: they stay unrepaired and unfetched, and the sweep takes them up again.
    """
    if job.retries_left:
        return
    name = str(job.func_name).rpartition(".")[2]
    log.error("job gave up", job=name, failure=kind.__name__)
    if name in ("take_in", "hand_over"):
        _mark_failed(str(job.args[0]), name, kind.__name__)


def _mark_failed(case_id: str, job: str, failure: str) -> None:
    def decision(case: Case) -> Change | None:
        if case.review == JOB_FAILED:
            return None
        before = sum(event.kind == "failed" for event in case.events)
        details, values = {"job": job, "failure": failure}, {"review": JOB_FAILED}
        return Change("failed", f"failed:{job}:{before}", "machine", "worker", failure, details, values)

    try:
        _ready().cases.decide(case_id, decision)
    except NoSuchCase:
        log.warning("job names a case that the store does not have")
