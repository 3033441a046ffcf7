"""Open a case, and tell what became of it: used from a call, a console, any channel alike."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from dataclasses import dataclass, replace

from models.base import utcnow
from models.cases import Case
from models.store.cases import CLOSED_STAGES, CaseStore, Change, NewCase
from routing.city import City
from routing.sla import due_on, local_day
from routing.tickets import new_ticket

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


def open_case(store: CaseStore, city: City, draft: CaseDraft, now: dt.datetime) -> OpenedCase:
    """Write the case: agency and promised day are decided here, by rule, so that the caller hears them at once.

    What needs a person's eye first stays with the control room. Opening an origin again returns its first
    case; if the words differ by then (a line that broke and came back), they are kept as a note on it.
    """
    category = city.categories.get(draft.category) or city.categories[city.other_category]
    severity = category.usual_severity
    new = NewCase(
        origin=draft.origin,
        channel=draft.channel,
        draw_ticket=lambda: new_ticket(_rng),
        category_code=category.code,
        category_by=draft.category_by,
        severity=severity,
        agency_code=city.control_room if draft.review else category.agency,
        due_on=due_on(now, category, severity, city),
        call_id=draft.call_id,
        area_code=draft.area if draft.area and city.area(draft.area) else None,
        landmark=draft.landmark,
        description=draft.description,
        review=draft.review,
        reporter_sealed=draft.reporter_sealed,
        reporter_lookup=draft.reporter_lookup,
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


def status(
    store: CaseStore, city: City, ticket: str, caller_lookup: str | None = None, now: dt.datetime | None = None
) -> CaseStatus | None:
    """What became of a ticket; None when there is no such ticket."""
    case = store.by_ticket(ticket)
    return None if case is None else _status(city, case, caller_lookup, now or utcnow())


def statuses_of(
    store: CaseStore, city: City, caller_lookup: str, now: dt.datetime | None = None
) -> tuple[CaseStatus, ...]:
    """The open cases of a calling number, newest first, three at most: more cannot be listened to."""
    moment = now or utcnow()
    return tuple(_status(city, case, caller_lookup, moment) for case in store.open_cases_of(caller_lookup))


def _status(city: City, case: Case, caller_lookup: str | None, now: dt.datetime) -> CaseStatus:
    return CaseStatus(
        ticket=case.ticket,
        stage=case.stage,
        since=local_day(case.stage_since, city),
        due=case.due_on,
        category_name=_category(city, case),
        agency_spoken=_agency(city, case),
        mine=bool(caller_lookup) and case.reporter_lookup == caller_lookup,
        overdue=case.stage not in CLOSED_STAGES and case.due_on < local_day(now, city),
    )


def _agency(city: City, case: Case) -> str:
    agency = city.agencies.get(case.agency_code or "")
    return agency.spoken if agency and not case.review else ""


def _category(city: City, case: Case) -> str:
    return (city.categories.get(case.category_code) or city.categories[city.other_category]).name
