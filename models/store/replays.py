"""Calls as they were stored, to be replayed. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.calls import Call, Turn
from models.db import reading

PORTION = 100  # calls


@dataclass(frozen=True)
class StoredTurn:
    """A turn: what was said in answer to it, and its sealed event and effects (None: not kept, or no more)."""

    number: int
    answer: str
    sealed: str | None


@dataclass(frozen=True)
class StoredCall:
    """A call with its turns, in order."""

    id: str
    channel: str
    started_at: dt.datetime
    end_reason: str | None
    turns: tuple[StoredTurn, ...]


class ReplayStore:
    """Calls of one database, on connections that wait for no writer."""

    def __init__(self, engine: Engine, portion: int = PORTION) -> None:
        self._engine = reading(engine)
        self._portion = portion

    def call(self, call_id: str) -> StoredCall | None:
        with Session(self._engine) as session:
            call = session.get(Call, call_id)
            return _stored(session, call) if call else None

    def calls(self, since: dt.datetime | None = None) -> Iterator[StoredCall]:
        """All that began since, oldest first."""
        after = (since or dt.datetime.min.replace(tzinfo=dt.UTC), "")
        while True:
            later = (Call.started_at > after[0]) | ((Call.started_at == after[0]) & (Call.id > after[1]))
            query = select(Call).where(later).order_by(Call.started_at, Call.id).limit(self._portion)
            with Session(self._engine) as session:
                page = [_stored(session, call) for call in session.scalars(query)]
            yield from page
            if len(page) < self._portion:
                return
            after = (page[-1].started_at, page[-1].id)


def _stored(session: Session, call: Call) -> StoredCall:
    query = select(Turn.number, Turn.said, Turn.replay_sealed).where(Turn.call_id == call.id).order_by(Turn.number)
    rows = session.execute(query).all()
    # A row holds what was said before it; what was said last stands in the state.
    answers = (*(said for _, said, _ in rows[1:]), str(call.state.get("prompted", "")))
    turns = tuple(StoredTurn(row[0], answer, row[2]) for row, answer in zip(rows, answers, strict=False))
    return StoredCall(call.id, call.channel, call.started_at, call.end_reason, turns)
