"""What the worker does. Every job is given an id, reads the case anew, acts, and records; twice is harmless.

`worker.py` calls `use` once with the parts that jobs work with; functions must stay importable by name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from redis import Redis
from rq.job import Job
from sqlalchemy import Engine

from models.base import utcnow
from models.cases import Case
from models.store.cases import CaseStore, Change, NoSuchCase
from models.store.repair import BrokenCall, RepairStore
from routing.cases import CaseDraft, open_case
from routing.city import City
from routing.classify import Classifier
from routing.queues import Queues
from routing.sla import due_on

# A line that was silent so long will not come back. Twilio reconnects a stream within seconds, but a caller may
# speak for 90 s into a `<Record>`, after its prompt, and nothing is heard of the call meanwhile.
QUIET_S = 150.0
SETTLE_S = 15.0  # younger cases have their job already, most likely
LOST_CALL = "telepon terputus"  # review: the line broke before the caller had finished
JOB_FAILED = "pekerjaan gagal"  # review: a job gave up on the case
SURE_ENOUGH = 0.6  # score from which a category that nobody chose is changed; see tests/routing/test_classify.py

# Questions of a call that are answered by no report: sound alone, without a word of a report, makes no case there.
UNTELLING = ("status", "finding", "after-status", "after-ticket", "information", "after-information", "handed", "ended")

log = structlog.get_logger(__name__)


class FetchFailed(Exception):
    """The provider did not give a recording; the job is tried again."""


@dataclass(frozen=True)
class Parts:
    """What jobs work with.

    Attributes:
        has_sound: whether a recording (id) holds sound after a moment (ms from its start).
        fetch_recording: brings a provider's recording (id) into the store; raises FetchFailed.
        quiet_s: a call that was heard longer ago has lost its line.
        settle_s: a case that is older should have been delivered.
    """

    engine: Engine
    city: City
    queues: Queues
    has_sound: Callable[[str, int], bool] = lambda recording_id, after_ms: False
    fetch_recording: Callable[[str], None] | None = None
    quiet_s: float = QUIET_S
    settle_s: float = SETTLE_S

    @property
    def cases(self) -> CaseStore:
        return CaseStore(self.engine)


_parts: Parts | None = None


def use(parts: Parts) -> None:
    """Give all jobs of this process their parts."""
    global _parts
    _parts = parts


def _ready() -> Parts:
    if _parts is None:
        raise RuntimeError("jobs have no parts yet: run them through worker.py, or call routing.jobs.use first")
    return _parts


def _find(parts: Parts, case_id: str) -> Case | None:
    case = parts.cases.get(case_id)
    if case is None:  # Redis outlived its database: nothing to do, and nothing to try again
        log.warning("job names a case that the store does not have")
    return case


def classify_case(case_id: str) -> None:
    """Keep what the words point to; change the category only where neither caller nor operator chose one."""
    parts = _ready()
    case = _find(parts, case_id)
    if case is None:
        return
    proposals = Classifier(parts.city).propose(case.description)
    values: dict[str, Any] = {}
    if proposals and proposals[0].score >= SURE_ENOUGH and _undecided(parts.city, case):
        category = parts.city.categories[proposals[0].category]
        values = {
            "category_code": category.code,
            "category_by": "machine",
            "severity": category.usual_severity,
            "due_on": due_on(case.opened_at, category, category.usual_severity, parts.city),
        }
        if not case.review:
            values["agency_code"] = category.agency
    details = {"proposals": [{"category": p.category, "score": round(p.score, 3)} for p in proposals]}
    parts.cases.write(case_id, Change("classified", "classified", "machine", "worker", details=details, values=values))
    parts.queues.enqueue_assignment(case_id)


def _undecided(city: City, case: Case) -> bool:
    return case.category_by == "machine" and case.category_code == city.other_category


def assign_case(case_id: str) -> None:
    """Give the case to the agency of its category; what needs a person first goes to the control room."""
    parts = _ready()
    case = _find(parts, case_id)
    if case is None:
        return
    category = parts.city.categories.get(case.category_code)
    agency = parts.city.control_room if case.review or category is None else category.agency
    values, details = {"agency_code": agency}, {"agency": agency}
    reason = case.review or "rule"
    parts.cases.write(case_id, Change("assigned", "assigned", "machine", "worker", reason, details, values))
    parts.queues.enqueue_delivery(case_id)


def deliver_case(case_id: str) -> None:
    """Put the case into its agency's inbox: the console lists what has this event."""
    parts = _ready()
    case = _find(parts, case_id)
    if case is None or case.agency_code is None:
        return
    details = {"agency": case.agency_code, "way": "inbox"}
    key = f"delivered:{case.agency_code}"
    parts.cases.write(case_id, Change("delivered", key, "machine", "worker", details=details))


def repair_call(call_id: str) -> None:
    """A call that lost its line: what was said and is in no case becomes a case for review."""
    parts = _ready()
    store = RepairStore(parts.engine)
    call = store.claim(call_id, utcnow() - dt.timedelta(seconds=parts.quiet_s))
    if call is None:
        return
    report = int(call.state.get("report") or 1)
    if report not in (call.state.get("opened") or ()) and _something_said(parts, call):
        opened = open_case(parts.cases, parts.city, _draft(call, report), utcnow())
        parts.queues.enqueue_case(opened.case_id)
    store.repaired(call_id)


def _something_said(parts: Parts, call: BrokenCall) -> bool:
    """Words of a report, a category that the caller chose by keys, or sound that no turn has answered."""
    state = call.state
    if state.get("said") or state.get("recorded") or state.get("category_by") == "caller":
        return True
    telling = (sound for sound in call.sound if sound.step not in UNTELLING)
    return any(sound.awaited or parts.has_sound(sound.recording_id, sound.answered_ms) for sound in telling)


def _draft(call: BrokenCall, report: int) -> CaseDraft:
    state = call.state
    return CaseDraft(
        origin=f"{call.id}:{report}",
        channel=call.channel,
        call_id=call.id,
        category=str(state.get("category") or ""),
        category_by="machine",
        area=state.get("area") or state.get("guess") or None,
        landmark=str(state.get("landmark") or ""),
        description=". ".join(text for text in state.get("said") or () if text),
        review=LOST_CALL,
        reporter_sealed=call.caller_sealed,
        reporter_lookup=call.caller_lookup,
    )


def fetch_recording(recording_id: str) -> None:
    """Bring a recording home that a provider still holds."""
    parts = _ready()
    if parts.fetch_recording is not None:
        parts.fetch_recording(recording_id)


def sweep() -> None:
    """Find what has no job: cases that were never delivered, calls without an end, sound not yet fetched."""
    parts = _ready()
    now = utcnow()
    queues = parts.queues
    young = now - dt.timedelta(seconds=parts.settle_s)
    quiet = now - dt.timedelta(seconds=parts.quiet_s)
    for case_id in parts.cases.without_event("delivered", "failed", opened_before=young):
        queues.enqueue_case(case_id)
    for call_id in RepairStore(parts.engine).broken_calls(quiet):
        queues.enqueue_call_repair(call_id)
    if parts.fetch_recording is not None:
        for recording_id in RepairStore(parts.engine).unfetched_recordings(young):
            queues.enqueue_recording_fetch(recording_id)


def note_failure(job: Job, connection: Redis, kind: type[BaseException], error: BaseException, trace: Any) -> None:
    """When a job's last try failed, its case shows it: an operator sees it and decides.

    Calls and recordings need no mark: they stay unrepaired and unfetched, and the sweep takes them up again.
    """
    if job.retries_left:
        return
    name = str(job.func_name).rpartition(".")[2]
    log.error("job gave up", job=name, failure=kind.__name__)
    if name in ("classify_case", "assign_case", "deliver_case"):
        _mark_failed(str(job.args[0]), name, kind.__name__)


def _mark_failed(case_id: str, job: str, failure: str) -> None:
    try:
        details = {"job": job, "failure": failure}
        values = {"review": JOB_FAILED}
        change = Change("failed", f"failed:{job}", "machine", "worker", failure, details, values)
        _ready().cases.write(case_id, change)
    except NoSuchCase:
        log.warning("job names a case that the store does not have")
