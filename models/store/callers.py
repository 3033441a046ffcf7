"""What a number's callers have chosen: find it, keep it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.base import utcnow
from models.callers import Caller
from models.calls import Call, Recording
from models.cases import Case, Follower
from models.notices import Notice
from models.store.forgetting import WITHOUT_NUMBER


@dataclass(frozen=True)
class Choice:
    """What is known of a number (see `models.callers.Caller`)."""

    pace: int = 0
    asked: bool = False
    disabled: bool = False


OFTEN = dt.timedelta(days=1)  # no row is written anew for every call


class CallerStore:
    """The callers of one database. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def recall(self, lookup: str) -> Choice:
        """What this number (its keyed hash) has chosen; it is kept as long as the number goes on calling."""
        now = utcnow()
        with Session(self._engine) as session, session.begin():
            row = session.get(Caller, lookup)
            if row is None:
                return Choice()
            if now - row.called_at > OFTEN:
                row.called_at = now
            return Choice(row.pace, row.asked, row.disabled)

    def keep(self, lookup: str, pace: int) -> None:
        """Remember how to speak to this number; the last choice counts."""
        self._write(lookup, pace=pace)

    def keep_about(self, lookup: str, *, disabled: bool, elderly: bool) -> None:
        """Remember what the caller said of themselves, and that they were asked."""
        self._write(lookup, asked=True, disabled=disabled, elderly=elderly)

    def _write(self, lookup: str, **values: int) -> None:
        for _ in range(2):  # two calls from one number at once: the second finds the first one's row
            try:
                with Session(self._engine) as session, session.begin():
                    row = session.get(Caller, lookup) or Caller(lookup=lookup)
                    row.called_at = utcnow()
                    for name, value in values.items():
                        setattr(row, name, value)
                    session.add(row)
                return
            except IntegrityError:
                continue

    def stored(self, lookup: str) -> tuple[int, int]:
        """How many cases and calls are stored under this number."""
        with Session(self._engine) as session:
            cases = select(func.count()).select_from(Case).where(Case.reporter_lookup == lookup)
            calls = select(func.count()).select_from(Call).where(Call.caller_lookup == lookup)
            return session.scalar(cases) or 0, session.scalar(calls) or 0

    def recordings(self, lookup: str) -> tuple[str, ...]:
        """Ids of this number's recordings whose sound is still there."""
        query = select(Recording.id).join(Call, Call.id == Recording.call_id)
        with Session(self._engine) as session:
            return tuple(session.scalars(query.where(Call.caller_lookup == lookup, Recording.deleted_at.is_(None))))

    def forget(self, lookup: str) -> None:
        """Take the number out of everything that has it. What the cases tell stays, without a number."""
        with Session(self._engine) as session, session.begin():
            cases = session.scalars(select(Case.id).where(Case.reporter_lookup == lookup)).all()
            for model, theirs, more in (
                (Case, Case.reporter_lookup, {"notify": "none"}),
                (Follower, Follower.follower_lookup, {"notify": "none"}),
                (Call, Call.caller_lookup, {}),
            ):
                session.execute(update(model).where(theirs == lookup).values(**WITHOUT_NUMBER[model], **more))
            waiting = and_(Notice.case_id.in_(cases), Notice.way != "email")
            session.execute(delete(Notice).where(waiting))
            session.execute(delete(Caller).where(Caller.lookup == lookup))
