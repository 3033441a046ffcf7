"""Open a case, act on it, tell what became of it: used from a call, a console, any channel alike."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from dataclasses import dataclass, replace

from models.base import utcnow
from models.cases import Case
from models.store.cases import CLOSED_STAGES, CaseStore, Change, NewCase
from routing.city import City
from routing.life import Act, NotAllowed, decide, key_of
from routing.responsible import responsible
from routing.sla import answer_due_on, due_on, local_day
from routing.tickets import new_ticket

CONFIDENTIAL = "rahasia"  # review: a person takes out of the words what tells who reports, before an agency reads them
LONGEST_REPORT = 20_000  # letters: nobody says more in a call; an API that sends more has the rest in its own system
MERGES = 5  # a merged case that was merged again; more in a row would be a fault
SPOKEN = frozenset({"answer", "ask", "solve", "reject", "forward"})  # acts whose text a caller hears with the status

_rng = random.SystemRandom()


@dataclass(frozen=True)
class CaseDraft:
    """What a channel knows of a report. `origin` is unique to it: opening the same one twice finds the first."""

    origin: str
    channel: str
    call_id: str | None
    category: str  # code; unknown or empty: the city's category for what fits nowhere
    category_by: str  # caller, machine, operator
    area: str | None  # kelurahan or kecamatan code
    landmark: str
    description: str
    review: str | None  # why a person must look first, or None
    reporter_sealed: str | None
    reporter_lookup: str | None
    disclosure: str = "open"  # open; confidential: agencies never get voice or number; anonymous: no number is kept
    disabled: bool = False
    notify: str = "call"  # call, sms, whatsapp, none


@dataclass(frozen=True)
class OpenedCase:
    """What the reporter is told. `agency_spoken` is empty when a person has to decide."""

    case_id: str
    ticket: str
    due_on: dt.date
    agency_spoken: str
    category_name: str


@dataclass(frozen=True)
class CaseStatus:
    """What may be said of a case to anybody who has its number: nothing personal."""

    ticket: str
    stage: str  # pengaduan, proses, pengerjaan, selesai, ditolak
    since: dt.date
    due: dt.date
    category_name: str
    agency_spoken: str  # empty when a person has to decide
    mine: bool  # the asking number is the reporter's
    overdue: bool
    said: str = ""  # the last answer or question of an officer, as the citizen may hear it


def open_case(store: CaseStore, city: City, draft: CaseDraft, now: dt.datetime) -> OpenedCase:
    """Write the case: agency and promised day are decided here, by rule, so that the caller hears them at once.

    What needs a person's eye first stays with the control room. Opening an origin again returns its first
    case; if the words differ by then (a line that broke and came back), they are kept as a note on it.
    """
    category = city.categories.get(draft.category) or city.categories[city.other_category]
    severity = category.usual_severity
    area = draft.area if draft.area and city.area(draft.area) else None
    review = draft.review or (None if draft.disclosure == "open" else CONFIDENTIAL)
    owner = responsible(city, category.code, area, review=bool(review))
    anonymous = draft.disclosure == "anonymous"
    new = NewCase(
        origin=draft.origin,
        channel=draft.channel,
        draw_ticket=lambda: new_ticket(_rng),
        category_code=category.code,
        category_by=draft.category_by,
        severity=severity,
        agency_code=owner.agency.code,
        unit_code=owner.unit.code if owner.unit else None,
        answer_due_on=answer_due_on(now, category, severity, city),
        due_on=due_on(now, category, severity, city),
        call_id=draft.call_id,
        area_code=area,
        landmark=draft.landmark[:LONGEST_REPORT],
        description=draft.description[:LONGEST_REPORT],
        review=review,
        disclosure=draft.disclosure,
        disabled=draft.disabled,
        notify="none" if anonymous else draft.notify,
        reporter_sealed=None if anonymous else draft.reporter_sealed,
        reporter_lookup=None if anonymous else draft.reporter_lookup,
        opened_at=now,
    )
    case = store.open(new)
    _keep_new_words(store, case, replace(draft, area=new.area_code))
    return OpenedCase(case.id, case.ticket, case.due_on, _agency(city, case), _category(city, case))


def _keep_new_words(store: CaseStore, case: Case, draft: CaseDraft) -> None:
    """If the case was there already and tells less than the draft, note what the draft adds."""
    told = {"description": draft.description, "landmark": draft.landmark, "area": draft.area or ""}
    known = {"description": case.description, "landmark": case.landmark, "area": case.area_code or ""}
    news = {name: text for name, text in told.items() if text and text != known[name]}
    if news:
        key = "again:" + hashlib.sha256(repr(sorted(news.items())).encode()).hexdigest()[:16]
        store.write(case.id, Change("note", key, "caller", draft.channel, "said again", news))


def act_on(store: CaseStore, city: City, case_id: str, act: Act, now: dt.datetime | None = None) -> bool:
    """Do something with a case; False when this very act was done before.

    Raises:
        NotAllowed: when the case as it stands does not permit it.
        NoSuchCase: when there is no such case.
    """
    moment = now or utcnow()
    if act.verb == "merge":
        act = _merging(store, case_id, act)

    def decision(case: Case) -> Change | None:
        done = any(event.key == key_of(act) for event in case.events)  # asked first: the stage may forbid it by now
        return None if done else decide(case, act, city, moment)

    return store.decide(case_id, decision)


def _merging(store: CaseStore, case_id: str, act: Act) -> Act:
    """Merge into where the other case has itself gone, and let its followers hear of this reporter's wish."""
    case, other = store.get(case_id), _goes_on(store, store.get(act.other))
    if case is None or other is None or other.stage in CLOSED_STAGES or other.id == case_id:
        raise NotAllowed("Laporan tujuan tidak ada, sudah ditutup, atau laporan ini sendiri.")
    if not case.reporter_lookup or case.reporter_lookup != other.reporter_lookup:  # nobody is told twice
        store.follow(other.id, f"case:{case.id}", case.reporter_sealed, case.reporter_lookup, case.notify)
    return replace(act, other=other.id)


def still_open(store: CaseStore, case_id: str) -> Case | None:
    """The case, or the one that it was merged into; None when that is closed or there is none."""
    case = _goes_on(store, store.get(case_id))
    return None if case is None or case.stage in CLOSED_STAGES else case


def _goes_on(store: CaseStore, case: Case | None) -> Case | None:
    """The case that goes on in place of a merged one."""
    for _ in range(MERGES):
        if case is None or not case.merged_into:
            return case
        case = store.get(case.merged_into)
    return case


def status(
    store: CaseStore, city: City, ticket: str, caller_lookup: str | None = None, now: dt.datetime | None = None
) -> CaseStatus | None:
    """What became of a ticket; None when there is no such ticket."""
    case = store.by_ticket(ticket)
    return None if case is None else _status(store, city, case, caller_lookup, now or utcnow())


def statuses_of(
    store: CaseStore, city: City, caller_lookup: str, now: dt.datetime | None = None
) -> tuple[CaseStatus, ...]:
    """The open cases of a calling number, newest first, three at most: more cannot be listened to."""
    moment = now or utcnow()
    return tuple(_status(store, city, case, caller_lookup, moment) for case in store.open_cases_of(caller_lookup))


def _status(store: CaseStore, city: City, case: Case, caller_lookup: str | None, now: dt.datetime) -> CaseStatus:
    """A merged case has its own number and the fate of the one that goes on."""
    mine = bool(caller_lookup) and case.reporter_lookup == caller_lookup
    ticket, case = case.ticket, _goes_on(store, case) or case
    return CaseStatus(
        ticket=ticket,
        stage=case.stage,
        since=local_day(case.stage_since, city),
        due=case.due_on,
        category_name=_category(city, case),
        agency_spoken=_agency(city, case),
        mine=mine,
        overdue=case.stage not in CLOSED_STAGES and case.paused_on is None and case.due_on < local_day(now, city),
        said=_last_said(case) if mine or case.disclosure == "open" else "",
    )


def _last_said(case: Case) -> str:
    """What an officer last said to the citizen; an officer is told not to put personal things there."""
    said = (event.details.get("text", "") for event in reversed(case.events) if event.details.get("verb") in SPOKEN)
    return next(said, "")


def _agency(city: City, case: Case) -> str:
    agency = city.agencies.get(case.agency_code or "")
    return agency.spoken if agency and not case.review else ""


def _category(city: City, case: Case) -> str:
    return (city.categories.get(case.category_code) or city.categories[city.other_category]).name
