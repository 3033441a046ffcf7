"""What leaves the store as tables: cases of a time, acts of officers. In portions: a year fits into no memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlalchemy import ColumnElement, Engine, select
from sqlalchemy.orm import Session, selectinload

from models.accounts import Account
from models.cases import Case, CaseEvent
from models.db import reading

PORTION = 500  # cases


class ExportStore:
    """Reads of one database, on connections that wait for no writer."""

    def __init__(self, engine: Engine, portion: int = PORTION) -> None:
        self._engine = reading(engine)
        self._portion = portion

    def cases(self, since: dt.datetime, until: dt.datetime) -> Iterator[Case]:
        """Cases opened in [since, until), oldest first, with their events."""
        after = (since, "")
        while True:
            query = (
                select(Case)
                .where(Case.opened_at < until, (Case.opened_at > after[0]) | _same(after))
                .options(selectinload(Case.events))
                .order_by(Case.opened_at, Case.id)
                .limit(self._portion)
            )
            with Session(self._engine, expire_on_commit=False) as session:
                page = session.scalars(query).all()
            yield from page
            if len(page) < self._portion:
                return
            after = (page[-1].opened_at, page[-1].id)

    def acts(self, since: dt.datetime, until: dt.datetime) -> Iterator[tuple[CaseEvent, Case]]:
        """What officers did in [since, until), oldest first: events of the console that name a verb."""
        query = (
            select(CaseEvent, Case)
            .join(Case, Case.id == CaseEvent.case_id)
            .where(CaseEvent.at >= since, CaseEvent.at < until, CaseEvent.channel == "console")
            .order_by(CaseEvent.at, CaseEvent.id)
        )
        with Session(self._engine) as session:
            for event, case in session.execute(query.execution_options(yield_per=self._portion)):
                if event.details.get("verb"):
                    yield event, case

    def accounts(self) -> dict[str, Account]:
        """Everybody who may act, by id."""
        with Session(self._engine, expire_on_commit=False) as session:
            return {account.id: account for account in session.scalars(select(Account))}


def _same(after: tuple[dt.datetime, str]) -> ColumnElement[bool]:
    return (Case.opened_at == after[0]) & (Case.id > after[1])
