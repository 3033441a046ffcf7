"""What the console reads: pages of cases and calls, one of each in full, and the numbers at the top.

Only reads, on connections that wait for no writer. Lists are paged by key ("older than this one"), so that
the thousandth page costs as much as the first. Objects are returned detached, with all that a page shows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Engine, Select, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, selectinload

from models.base import utcnow
from models.calls import Call, HandOver, Recording, Turn
from models.cases import Case
from models.city import Agency, Area, Category
from models.db import reading
from models.notices import Notice
from models.store.cases import OPEN_STAGES

Row = TypeVar("Row")
PAGE = 25  # rows; fits two screens, and a screen reader user leaves the table in one step anyway
LIVE_WITHIN = dt.timedelta(minutes=2)  # a line that gave no sign of life for longer is not called live


@dataclass(frozen=True)
class Cursor:
    """Where a page begins: rows older than the row `id`, or newer. An unknown or empty id is the first page."""

    id: str = ""
    newer: bool = False


@dataclass(frozen=True)
class CaseFilter:
    """Which cases are wanted; empty fields do not narrow. `ticket` holds its first digits."""

    ticket: str = ""
    stage: str = ""
    agency: str = ""
    review: bool = False
    late: bool = False
    settled: bool = False  # without those that a person has yet to see


@dataclass(frozen=True)
class CallFilter:
    """Which calls are wanted: `which` is empty, live, no-case, hand-over or review; `ticket` holds first digits."""

    ticket: str = ""
    which: str = ""


@dataclass(frozen=True)
class CaseRow:
    """A case with the names that belong to its codes (empty when it has none)."""

    case: Case
    category: str
    kelurahan: str
    kecamatan: str
    agency: str
    agency_short: str


@dataclass(frozen=True)
class CallRow:
    """A call with what became of it."""

    call: Call
    turns: int
    tickets: tuple[str, ...]
    hand_over: str  # target of the last hand-over, or empty
    live: bool


@dataclass(frozen=True)
class CallView:
    """One call in full."""

    call: Call
    turns: tuple[Turn, ...]  # with transcripts
    recordings: tuple[Recording, ...]
    hand_overs: tuple[HandOver, ...]
    cases: tuple[Case, ...]
    live: bool


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows newest first. `newer`, `older`: id of the row to go on from, or empty at an end."""

    rows: tuple[Row, ...]
    newer: str = ""
    older: str = ""


@dataclass(frozen=True)
class Counts:
    """The numbers at the top of the console."""

    review: int
    late: int
    cases_today: int
    calls_today: int
    live: int


class ConsoleStore:
    """Everything that the console reads, of one database. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)

    def _session(self) -> Session:
        return Session(self._engine, expire_on_commit=False)

    def cases(self, wanted: CaseFilter, cursor: Cursor, today: dt.date) -> Page[CaseRow]:
        conditions: list[ColumnElement[bool]] = []
        if wanted.ticket:
            conditions.append(_begins_with(wanted.ticket))
        if wanted.stage:
            conditions.append(Case.stage == wanted.stage)
        if wanted.agency:
            conditions.append(Case.agency_code == wanted.agency)
        if wanted.review:
            conditions += [Case.review.is_not(None), Case.stage.in_(OPEN_STAGES)]
        if wanted.settled:
            conditions.append(Case.review.is_(None))
        if wanted.late:
            conditions.append(_late(today))
        with self._session() as session:
            page = _page(session, _case_rows().where(*conditions), Case.opened_at, Case.id, cursor)
            return Page(tuple(_case_row(row) for row in page.rows), page.newer, page.older)

    def case(self, ticket: str) -> CaseRow | None:
        """The case with its events, or None."""
        with self._session() as session:
            row = session.execute(
                _case_rows().where(Case.ticket == ticket).options(selectinload(Case.events))
            ).one_or_none()
            return None if row is None else _case_row(row)

    def calls(self, wanted: CallFilter, cursor: Cursor) -> Page[CallRow]:
        conditions: list[ColumnElement[bool]] = []
        if wanted.ticket:
            conditions.append(_made(_begins_with(wanted.ticket)))
        match wanted.which:
            case "live":
                conditions.append(_live())
            case "no-case":
                conditions.append(~_made())
            case "hand-over":
                conditions.append(exists().where(HandOver.call_id == Call.id))
            case "review":
                conditions.append(_made(Case.review.is_not(None), Case.stage.in_(OPEN_STAGES)))
        with self._session() as session:
            page = _page(session, select(Call).where(*conditions), Call.started_at, Call.id, cursor)
            return Page(_call_rows(session, [row[0] for row in page.rows]), page.newer, page.older)

    def call(self, call_id: str) -> CallView | None:
        """The call with its turns, or None."""
        with self._session() as session:
            call = session.get(Call, call_id)
            if call is None:
                return None
            turns = session.scalars(
                select(Turn).where(Turn.call_id == call_id).order_by(Turn.number).options(selectinload(Turn.transcript))
            )
            recordings = session.scalars(
                select(Recording).where(Recording.call_id == call_id).order_by(Recording.started_at, Recording.id)
            )
            hand_overs = session.scalars(select(HandOver).where(HandOver.call_id == call_id).order_by(HandOver.number))
            cases = session.scalars(select(Case).where(Case.call_id == call_id).order_by(Case.opened_at, Case.id))
            return CallView(call, tuple(turns), tuple(recordings), tuple(hand_overs), tuple(cases), _is_live(call))

    def notices(self, case_id: str) -> tuple[Notice, ...]:
        """What the reporter and followers of a case were told or are to be told, oldest first."""
        query = select(Notice).where(Notice.case_id == case_id).order_by(Notice.created_at, Notice.id)
        with self._session() as session:
            return tuple(session.scalars(query))

    def cases_of_call(self, call_id: str) -> tuple[Case, ...]:
        with self._session() as session:
            return tuple(session.scalars(select(Case).where(Case.call_id == call_id)))

    def recording(self, recording_id: str) -> Recording | None:
        with self._session() as session:
            return session.get(Recording, recording_id)

    def agencies(self) -> tuple[Agency, ...]:
        """Agencies that stand in the filter, by name."""
        with self._session() as session:
            return tuple(session.scalars(select(Agency).where(Agency.active).order_by(Agency.name)))

    def counts(self, today: dt.date, midnight: dt.datetime) -> Counts:
        """`midnight`: when the city's `today` began."""
        open_case = Case.stage.in_(OPEN_STAGES)
        with self._session() as session:

            def count(model: type[Any], *conditions: ColumnElement[bool]) -> int:
                return session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0

            return Counts(
                review=count(Case, Case.review.is_not(None), open_case),
                late=count(Case, _late(today)),
                cases_today=count(Case, Case.opened_at >= midnight),
                calls_today=count(Call, Call.started_at >= midnight),
                live=count(Call, _live()),
            )


def _begins_with(digits: str) -> ColumnElement[bool]:
    """The ticket's first digits; a range, since a pattern finds no index of PostgreSQL's."""
    return Case.ticket.between(digits, digits.ljust(12, "9"))


def _late(today: dt.date) -> ColumnElement[bool]:
    return and_(Case.due_on < today, Case.stage.in_(OPEN_STAGES))


def _live() -> ColumnElement[bool]:
    return and_(Call.ended_at.is_(None), Call.heard_at > utcnow() - LIVE_WITHIN)


def _is_live(call: Call) -> bool:
    return call.ended_at is None and call.heard_at > utcnow() - LIVE_WITHIN


def _made(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The call made a case (of this kind)."""
    return exists().where(Case.call_id == Call.id, *conditions)


def _case_rows() -> Select[*tuple[Any, ...]]:
    area, parent = aliased(Area), aliased(Area)
    return (
        select(Case, Category.name, area, parent, Agency.name, Agency.short)
        .join(Category, Category.code == Case.category_code)
        .outerjoin(area, area.code == Case.area_code)
        .outerjoin(parent, parent.code == area.parent_code)
        .outerjoin(Agency, Agency.code == Case.agency_code)
    )


def _case_row(row: Any) -> CaseRow:
    case, category, area, parent, agency, short = row
    kelurahan = area.name if area and parent else ""
    kecamatan = (parent or area).name if area else ""
    return CaseRow(case, category, kelurahan, kecamatan, agency or "", short or "")


def _call_rows(session: Session, calls: Sequence[Call]) -> tuple[CallRow, ...]:
    ids = [call.id for call in calls]
    counted = select(Turn.call_id, func.count()).where(Turn.call_id.in_(ids)).group_by(Turn.call_id)
    turns: dict[str, int] = {row[0]: row[1] for row in session.execute(counted)}
    tickets: dict[str, list[str]] = {}
    opened = select(Case.call_id, Case.ticket).where(Case.call_id.in_(ids)).order_by(Case.opened_at)
    for call_id, ticket in session.execute(opened):
        tickets.setdefault(call_id or "", []).append(ticket)
    handed = select(HandOver.call_id, HandOver.target).where(HandOver.call_id.in_(ids)).order_by(HandOver.number)
    hand_overs: dict[str, str] = {row[0]: row[1] for row in session.execute(handed)}
    return tuple(
        CallRow(
            call, turns.get(call.id, 0), tuple(tickets.get(call.id, ())), hand_overs.get(call.id, ""), _is_live(call)
        )
        for call in calls
    )


def _page(
    session: Session,
    query: Select[*tuple[Any, ...]],
    at: InstrumentedAttribute[dt.datetime],
    key: InstrumentedAttribute[str],
    cursor: Cursor,
) -> Page[Any]:
    """Rows on one side of the cursor's row; the table is the first entity of `query`."""
    here = session.execute(select(at, key).where(key == cursor.id)).one_or_none() if cursor.id else None
    newer = cursor.newer and here is not None
    if here is not None:
        moment, own = here
        query = query.where(
            or_(at > moment, and_(at == moment, key > own))
            if newer
            else or_(at < moment, and_(at == moment, key < own))
        )
    order = (at.asc(), key.asc()) if newer else (at.desc(), key.desc())
    rows = list(session.execute(query.order_by(*order).limit(PAGE + 1)))
    more = len(rows) > PAGE
    rows = rows[:PAGE][::-1] if newer else rows[:PAGE]
    has_newer, has_older = (more, True) if newer else (here is not None, more)
    if not rows:
        return Page(())
    return Page(tuple(rows), rows[0][0].id if has_newer else "", rows[-1][0].id if has_older else "")
