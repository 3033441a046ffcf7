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

from sqlalchemy import Engine, exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from models.base import new_id, utcnow
from models.cases import Case, CaseEvent

DRAWS = 20  # with 9 million numbers and a million cases, 20 collisions in a row happen once in 10^19 reports
CLOSED_STAGES = ("selesai", "ditolak")


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
    opened_at: dt.datetime = field(default_factory=utcnow)


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
            found = self.by_origin(case.origin)
            if found is not None:
                return found
            ticket = case.draw_ticket()
            try:
                return self._insert(case, ticket)
            except IntegrityError:  # somebody was faster with this origin or this number; or a wrong reference
                if self.by_origin(case.origin) is None and self.by_ticket(ticket) is None:
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
            stage="pengaduan",
            stage_since=case.opened_at,
            review=case.review,
            due_on=case.due_on,
            reporter_sealed=case.reporter_sealed,
            reporter_lookup=case.reporter_lookup,
            opened_at=case.opened_at,
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
            .where(Case.reporter_lookup == caller_lookup, Case.stage.not_in(CLOSED_STAGES))
            .options(selectinload(Case.events))
            .order_by(Case.opened_at.desc(), Case.id)
            .limit(limit)
        )
        with self._session() as session:
            return tuple(session.scalars(query))

    def record(
        self,
        case_id: str,
        kind: str,
        key: str,
        actor: str,
        channel: str,
        reason: str = "",
        details: dict[str, Any] | None = None,
    ) -> bool:
        """Append an event; False (and nothing written) when the case has one with this key already.

        Raises:
            NoSuchCase: when there is no such case.
        """
        return self.change(case_id, {}, kind, key, actor, channel, reason, details)

    def set_stage(
        self,
        case_id: str,
        stage: str,
        key: str,
        actor: str,
        channel: str,
        reason: str = "",
        at: dt.datetime | None = None,
    ) -> bool:
        """Move the case to a stage (pengaduan, proses, pengerjaan, selesai, ditolak), with its event."""
        values = {"stage": stage, "stage_since": at or utcnow()}
        return self.change(case_id, values, "stage", key, actor, channel, reason, {"stage": stage})

    def assign(self, case_id: str, agency_code: str, key: str, actor: str, channel: str, reason: str = "") -> bool:
        """Give the case to an agency, with its event."""
        details = {"agency": agency_code}
        return self.change(case_id, {"agency_code": agency_code}, "assigned", key, actor, channel, reason, details)

    def change(
        self,
        case_id: str,
        values: dict[str, Any],
        kind: str,
        key: str,
        actor: str,
        channel: str,
        reason: str = "",
        details: dict[str, Any] | None = None,
    ) -> bool:
        """Set columns of the case and append the event that tells of it, together or not at all.

        The case's row is locked meanwhile, so that events of two processes are numbered one after the other.

        Returns:
            False, and nothing is written, when the case has an event with this key already.

        Raises:
            NoSuchCase: when there is no such case.
        """
        with self._session() as session:
            case = session.scalar(select(Case).where(Case.id == case_id).with_for_update())
            if case is None:
                raise NoSuchCase("no case has this identifier")
            if session.scalar(select(exists().where(CaseEvent.case_id == case_id, CaseEvent.key == key))):
                return False
            last = session.scalar(select(func.max(CaseEvent.number)).where(CaseEvent.case_id == case_id))
            for name, value in values.items():
                setattr(case, name, value)
            event = CaseEvent(
                case_id=case_id,
                number=(last or 0) + 1,
                kind=kind,
                key=key,
                actor=actor,
                channel=channel,
                reason=reason,
                details=details or {},
            )
            session.add(event)
            return True

    def without_event(self, *kinds: str, opened_before: dt.datetime | None = None, limit: int = 500) -> tuple[str, ...]:
        """Ids of cases that have no event of any of these kinds, oldest first: what the sweep takes up."""
        query = select(Case.id).where(~exists().where(CaseEvent.case_id == Case.id, CaseEvent.kind.in_(kinds)))
        if opened_before is not None:
            query = query.where(Case.opened_at < opened_before)
        with self._session() as session:
            return tuple(session.scalars(query.order_by(Case.opened_at).limit(limit)))
