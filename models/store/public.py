"""Cases and what happened to them as other systems ask for them: by time, category and state, in pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Select, and_, or_, select
from sqlalchemy.orm import Session, contains_eager, selectinload

from models.cases import Case, CaseEvent
from models.db import reading
from models.store.cases import CLOSED_STAGES


@dataclass(frozen=True)
class Wanted:
    """Which cases are asked for; what is None or empty does not matter.

    Attributes:
        numbers: tickets or ids; all else is then left aside, pages but for.
        since, until: of the report; both ends count.
        updated_after, updated_before: of the last change; both ends count.
        closed: True: only closed cases; False: only open ones.
    """

    numbers: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    updated_after: dt.datetime | None = None
    updated_before: dt.datetime | None = None
    closed: bool | None = None
    limit: int = 1000
    offset: int = 0


class PublicStore:
    """Reads only. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)

    def cases(self, wanted: Wanted) -> tuple[Case, ...]:
        """Newest first, with their events."""
        query = _wanted(wanted).options(selectinload(Case.events))
        query = query.order_by(Case.opened_at.desc(), Case.id).limit(wanted.limit).offset(wanted.offset)
        with Session(self._engine, expire_on_commit=False) as session:
            return tuple(session.scalars(query))

    def events(
        self, kinds: Collection[str], since: dt.datetime, until: dt.datetime, limit: int
    ) -> tuple[CaseEvent, ...]:
        """What happened in a time (both ends count), oldest first, each with its case.

        A case whose last change is older has no event in it: that is how the index on it helps.
        """
        query = (
            select(CaseEvent)
            .join(CaseEvent.case)
            .where(Case.changed_at >= since, CaseEvent.at >= since, CaseEvent.at <= until, CaseEvent.kind.in_(kinds))
            .options(contains_eager(CaseEvent.case))
            .order_by(CaseEvent.at, CaseEvent.case_id, CaseEvent.number)
            .limit(limit)
        )
        with Session(self._engine, expire_on_commit=False) as session:
            return tuple(session.scalars(query))


def _wanted(wanted: Wanted) -> Select[Any]:
    if wanted.numbers:
        return select(Case).where(or_(Case.ticket.in_(wanted.numbers), Case.id.in_(wanted.numbers)))
    conditions = [
        Case.category_code.in_(wanted.categories) if wanted.categories else None,
        Case.opened_at >= wanted.since if wanted.since else None,
        Case.opened_at <= wanted.until if wanted.until else None,
        Case.changed_at >= wanted.updated_after if wanted.updated_after else None,
        Case.changed_at <= wanted.updated_before if wanted.updated_before else None,
    ]
    if wanted.closed is not None:
        conditions.append(Case.stage.in_(CLOSED_STAGES) if wanted.closed else Case.stage.not_in(CLOSED_STAGES))
    return select(Case).where(and_(True, *(condition for condition in conditions if condition is not None)))
