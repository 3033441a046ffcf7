"""What agencies' own systems were given, by purpose: begin, note what came of it, find what to ask about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.db import reading
from models.gateways import Delivery


class DeliveryStore:
    """The deliveries of one database. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, case_id: str, turn: int, agency: str, way: str, now: dt.datetime) -> tuple[Delivery, bool]:
        """The one delivery of this turn, and whether it had begun before: then it may have arrived."""
        known = self._of(case_id, turn)
        if known is not None:
            return known, True
        try:
            with Session(self._engine, expire_on_commit=False) as session, session.begin():
                row = Delivery(case_id=case_id, turn=turn, agency_code=agency, way=way, began_at=now)
                session.add(row)
            return row, False
        except IntegrityError:  # by another process, meanwhile
            known = self._of(case_id, turn)
            if known is None:
                raise
            return known, True

    def _of(self, case_id: str, turn: int) -> Delivery | None:
        with Session(self._engine, expire_on_commit=False) as session:
            return session.scalar(select(Delivery).where(Delivery.case_id == case_id, Delivery.turn == turn))

    def sent(self, delivery_id: str, remote_id: str, token: str, now: dt.datetime) -> None:
        self._set(delivery_id, state="sent", remote_id=remote_id[:160], token=token[:160], sent_at=now)

    def numbered(self, delivery_id: str, remote_id: str) -> None:
        """The other system has exchanged its token for a number."""
        self._set(delivery_id, remote_id=remote_id[:160])

    def over(self, delivery_id: str) -> None:
        """Nothing more is asked about it."""
        self._set(delivery_id, state="over")

    def polled(self, delivery_ids: Sequence[str], at: dt.datetime) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(update(Delivery).where(Delivery.id.in_(delivery_ids)).values(polled_at=at))

    def _set(self, delivery_id: str, **values: object) -> None:
        with Session(self._engine) as session, session.begin():
            session.execute(update(Delivery).where(Delivery.id == delivery_id).values(**values))

    def out(self, agency: str, limit: int = 500) -> tuple[Delivery, ...]:
        """What this agency's system has and may have news of; what was asked about longest ago comes first."""
        query = (
            select(Delivery)
            .where(Delivery.agency_code == agency, Delivery.state == "sent")
            .order_by(Delivery.polled_at.is_not(None), Delivery.polled_at, Delivery.id)
            .limit(limit)
        )
        with Session(reading(self._engine), expire_on_commit=False) as session:
            return tuple(session.scalars(query))
