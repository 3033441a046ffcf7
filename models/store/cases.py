"""Cases by purpose: open one, find it again, append what happened, find what was forgotten.

Every change of a case is written in one transaction with the event that tells of it. Objects are returned
detached and whole, so that no caller holds a connection.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, and_, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from models.base import new_id, utcnow
from models.cases import Case, CaseEvent, Follower
from models.city import Agency
from models.notices import Notice

DRAWS = 20  # with 9 million numbers and a million cases, 20 collisions in a row happen once in 10^19 reports
OPEN_STAGES = ("pengaduan", "proses", "pengerjaan", "menunggu", "diteruskan")
CLOSED_STAGES = ("selesai", "ditolak", "digabung", "dicabut")  # solved, rejected, merged into another, withdrawn


class NoTicketFree(Exception):
    """Every drawn ticket number was taken: the numbers are used up, or the drawing is broken."""


class NoSuchCase(Exception):
    """No case has this identifier; it may come from another database."""


@dataclass(frozen=True)
class NewCase:
    """What a case is made of. `draw_ticket` gives a random ticket number each time it is called."""

    origin: str
    channel: str
    draw_ticket: Callable[[], str]
    category_code: str
    category_by: str  # caller, machine, operator
    severity: str
    agency_code: str | None
    due_on: dt.date
    call_id: str | None = None
    area_code: str | None = None
    landmark: str = ""
    description: str = ""
    review: str | None = None
    reporter_sealed: str | None = None
    reporter_lookup: str | None = None
    unit_code: str | None = None
    answer_due_on: dt.date | None = None  # None: with the solution
    disclosure: str = "open"
    disabled: bool = False
    notify: str = "call"
    opened_at: dt.datetime = field(default_factory=utcnow)


@dataclass(frozen=True)
class NewNotice:
    """What somebody is to be told; columns of `models.notices.Notice`."""

    key: str
    kind: str
    way: str
    to_sealed: str
    text: str
    subject: str = ""
    not_before: dt.datetime = field(default_factory=utcnow)


@dataclass(frozen=True)
class Change:
    """What happens to a case in one go: columns that get new values, the event that tells of it, who is to be told."""

    kind: str
    key: str
    actor: str
    channel: str
    reason: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    notices: tuple[NewNotice, ...] = ()
    at: dt.datetime = field(default_factory=utcnow)


class CaseStore:
    """The cases of one database. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def open(self, case: NewCase) -> Case:
        """Write the case with its first event; if its origin has a case already, return that one, untouched.

        Raises:
            NoTicketFree: when no free number was drawn.
            sqlalchemy.exc.IntegrityError: when category, agency, area or call is not in the store.
        """
        for _ in range(DRAWS):
            ticket = case.draw_ticket()
            try:  # without a look first: nearly every case is new, and a look costs a third of the time
                return self._insert(case, ticket)
            except IntegrityError:  # this origin or this number is taken; or a wrong reference
                found = self.by_origin(case.origin)
                if found is not None:
                    return found
                if self.by_ticket(ticket) is None:
                    raise
        raise NoTicketFree(f"{DRAWS} drawn ticket numbers were all taken")

    def _insert(self, case: NewCase, ticket: str) -> Case:
        row = Case(
            id=new_id(),
            ticket=ticket,
            origin=case.origin,
            channel=case.channel,
            call_id=case.call_id,
            category_code=case.category_code,
            category_by=case.category_by,
            severity=case.severity,
            area_code=case.area_code,
            landmark=case.landmark,
            description=case.description,
            agency_code=case.agency_code,
            unit_code=case.unit_code,
            stage="pengaduan",
            stage_since=case.opened_at,
            review=case.review,
            answer_due_on=case.answer_due_on or case.due_on,
            due_on=case.due_on,
            disclosure=case.disclosure,
            disabled=case.disabled,
            notify=case.notify,
            reporter_sealed=case.reporter_sealed,
            reporter_lookup=case.reporter_lookup,
            opened_at=case.opened_at,
            changed_at=case.opened_at,
        )
        details = {"category": case.category_code, "agency": case.agency_code, "due_on": case.due_on.isoformat()}
        opened = CaseEvent(
            number=1,
            kind="opened",
            key="opened",
            actor="caller",
            channel=case.channel,
            reason=case.review or "",
            details=details,
            at=case.opened_at,
        )
        row.events = [opened]
        with self._session() as session:
            session.add(row)
        return row

    def get(self, case_id: str) -> Case | None:
        return self._one(Case.id == case_id)

    def description(self, case_id: str) -> str | None:
        """What was said, or None when there is no such case."""
        with self._session() as session:
            return session.scalar(select(Case.description).where(Case.id == case_id))

    def by_ticket(self, ticket: str) -> Case | None:
        return self._one(Case.ticket == ticket)

    def by_origin(self, origin: str) -> Case | None:
        return self._one(Case.origin == origin)

    def _one(self, condition: Any) -> Case | None:
        with self._session() as session:
            return session.scalar(select(Case).where(condition).options(selectinload(Case.events)))

    def open_cases_of(self, caller_lookup: str, limit: int = 3) -> tuple[Case, ...]:
        """Cases of this reporter that are not closed, newest first."""
        query = (
            select(Case)
            .where(Case.reporter_lookup == caller_lookup, Case.stage.in_(OPEN_STAGES))
            .options(selectinload(Case.events))
            .order_by(Case.opened_at.desc(), Case.id)
            .limit(limit)
        )
        with self._session() as session:
            return tuple(session.scalars(query))

    def cases_of(self, caller_lookup: str, since: dt.datetime, limit: int = 3) -> tuple[Case, ...]:
        """Cases that this reporter opened since then, newest first."""
        return self._several(
            Case.opened_at.desc(), limit, Case.reporter_lookup == caller_lookup, Case.opened_at >= since
        )

    def solved_of(self, caller_lookup: str, since: dt.datetime, limit: int = 3) -> tuple[Case, ...]:
        """Cases of this reporter that were solved since then, the last one first."""
        mine = Case.reporter_lookup == caller_lookup
        return self._several(Case.stage_since.desc(), limit, mine, Case.stage == "selesai", Case.stage_since >= since)

    def alike(self, category: str, area: str, since: dt.datetime, limit: int) -> tuple[Case, ...]:
        """Open cases of this category in this area that were opened since then, newest first."""
        same = (Case.category_code == category, Case.area_code == area, Case.opened_at >= since)
        return self._several(Case.opened_at.desc(), limit, *same, Case.stage.in_(OPEN_STAGES))

    def _several(self, order: Any, limit: int, *conditions: Any) -> tuple[Case, ...]:
        query = select(Case).where(*conditions).options(selectinload(Case.events)).order_by(order, Case.id).limit(limit)
        with self._session() as session:
            return tuple(session.scalars(query))

    def last_area(self, caller_lookup: str) -> str | None:
        """Where this reporter's last case was."""
        query = select(Case.area_code).where(Case.reporter_lookup == caller_lookup, Case.area_code.is_not(None))
        with self._session() as session:
            return session.scalar(query.order_by(Case.opened_at.desc()).limit(1))

    def write(self, case_id: str, change: Change) -> bool:
        """`decide` without a look at the case."""
        return self.decide(case_id, lambda case: change)

    def decide(self, case_id: str, *decisions: Callable[[Case], Change | None]) -> bool:
        """Let each decision look at the case as it is then and say what happens; all is written together or not at all.

        The case's row is locked meanwhile, so that nobody acts on what has just changed, and events of two processes
        are numbered one after the other. What a decision raises, this raises, and nothing is written.

        Returns:
            Whether anything was written: a decision may give None, or an event whose key the case has already.

        Raises:
            NoSuchCase: when there is no such case.
        """
        locked = select(Case).where(Case.id == case_id).options(selectinload(Case.events)).with_for_update()
        written = False
        with self._session() as session, session.no_autoflush:
            case = session.scalar(locked)
            if case is None:
                raise NoSuchCase("no case has this identifier")
            for decision in decisions:
                change = decision(case)
                if change is not None and all(event.key != change.key for event in case.events):
                    _apply(session, case, change)
                    written = True
        return written

    def follow(self, case_id: str, origin: str, sealed: str | None, lookup: str | None, notify: str) -> bool:
        """Let somebody hear how the case ends; False when this origin follows it already.

        Args:
            origin: what made them follow, unique within the case.
            sealed, lookup: their number, encrypted and hashed; empty when hidden.
        """
        follower = Follower(
            case_id=case_id, origin=origin, follower_sealed=sealed, follower_lookup=lookup, notify=notify
        )
        try:
            with self._session() as session:
                known = session.scalar(select(exists().where(Follower.case_id == case_id, Follower.origin == origin)))
                if not known:
                    session.add(follower)
                return not known
        except IntegrityError:  # by another process, meanwhile; or there is no such case
            if self.get(case_id) is None:
                raise NoSuchCase("no case has this identifier") from None
            return False

    def followers(self, case_id: str) -> tuple[Follower, ...]:
        with self._session() as session:
            return tuple(session.scalars(select(Follower).where(Follower.case_id == case_id).order_by(Follower.at)))

    def undelivered(
        self, but_review: str = "", opened_before: dt.datetime | None = None, limit: int = 500
    ) -> tuple[str, ...]:
        """Ids of open cases that their agency does not have yet, oldest first: what the sweep takes up.

        Those that wait for a person for the reason `but_review` (a job that gave up) are left out.
        """
        others = or_(Case.review.is_(None), Case.review != but_review)
        query = select(Case.id).where(Case.delivered_at.is_(None), Case.stage.in_(OPEN_STAGES), others)
        if opened_before is not None:
            query = query.where(Case.opened_at < opened_before)
        with self._session() as session:
            return tuple(session.scalars(query.order_by(Case.opened_at).limit(limit)))

    def in_need(self, horizon: dt.date, after: str = "", limit: int = 500) -> tuple[Case, ...]:
        """Open cases with a promised day up to `horizon`, or that wait for the citizen; a page in order of ids.

        Args:
            after: id of the last case of the page before.
        """
        behind = or_(
            Case.due_on <= horizon,
            and_(Case.answered_at.is_(None), Case.answer_due_on <= horizon),
            Case.paused_on.is_not(None),
        )
        query = select(Case).where(Case.stage.in_(OPEN_STAGES), behind, Case.id > after)
        with self._session() as session:
            return tuple(session.scalars(query.order_by(Case.id).limit(limit)))

    def of_closed_agencies(self, limit: int = 500) -> tuple[str, ...]:
        """Ids of open cases whose agency the city no longer has."""
        query = (
            select(Case.id)
            .join(Agency, Agency.code == Case.agency_code)
            .where(~Agency.active, Case.stage.in_(OPEN_STAGES))
            .order_by(Case.opened_at)
            .limit(limit)
        )
        with self._session() as session:
            return tuple(session.scalars(query))


def _apply(session: Session, case: Case, change: Change) -> None:
    for name, value in change.values.items():
        setattr(case, name, value)
    case.changed_at = change.at
    case.events.append(
        CaseEvent(
            number=max((event.number for event in case.events), default=0) + 1,
            kind=change.kind,
            key=change.key,
            actor=change.actor,
            channel=change.channel,
            reason=change.reason,
            details=change.details,
            at=change.at,
        )
    )
    session.add_all(notice_row(case.id, notice) for notice in change.notices if not _told(session, notice.key))


def _told(session: Session, key: str) -> bool:
    return bool(session.scalar(select(exists().where(Notice.key == key))))


def notice_row(case_id: str, notice: NewNotice) -> Notice:
    """The row of a notice; an empty `case_id` is none."""
    return Notice(
        key=notice.key,
        case_id=case_id or None,
        kind=notice.kind,
        way=notice.way,
        to_sealed=notice.to_sealed,
        subject=notice.subject,
        text=notice.text,
        not_before=notice.not_before,
    )
