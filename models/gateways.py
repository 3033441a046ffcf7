"""Table of what was given to agencies' own systems, and under which number they know it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, new_id, utcnow


class Delivery(Base):
    """One case, given to one agency's own system. Written before it is sent, so that a dead worker leaves a trace.

    Attributes:
        turn: number of the case's event that gave it to the agency; a case may come back to an agency.
        state: sending, sent, over (nothing more is asked about it).
        remote_id: the other system's number; empty while it has given a token only, or gives none.
        token: what the other system gave in place of a number, to be exchanged later.
        began_at: before the first try.
        polled_at: up to when the other system was asked for news.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("case_id", "turn"),
        Index("ix_delivery_agency_code_state", "agency_code", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    turn: Mapped[int]
    agency_code: Mapped[str] = mapped_column(String(32))
    way: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10), default="sending")
    remote_id: Mapped[str] = mapped_column(String(160), default="", index=True)
    token: Mapped[str] = mapped_column(String(160), default="")
    began_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[dt.datetime | None]
    polled_at: Mapped[dt.datetime | None]
