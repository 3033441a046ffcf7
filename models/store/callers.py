"""What a number's callers have chosen: find it, keep it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.base import utcnow
from models.callers import Caller


@dataclass(frozen=True)
class Choice:
    """What is known of a number. `pace`: words per minute, 0 when nothing was chosen."""

    pace: int = 0


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
            return Choice(row.pace)

    def keep(self, lookup: str, pace: int) -> None:
        """Remember it; the last choice counts."""
        for _ in range(2):  # two calls from one number at once: the second finds the first one's row
            try:
                with Session(self._engine) as session, session.begin():
                    row = session.get(Caller, lookup) or Caller(lookup=lookup)
                    row.pace, row.called_at = pace, utcnow()
                    session.add(row)
                return
            except IntegrityError:
                continue
