"""Tables of what becomes of a report: the case and its append-only events."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, new_id, utcnow

_UNDELIVERED = text("delivered_at IS NULL")
_TO_REVIEW = text("review IS NOT NULL")


class Case(Base):
    """A citizen's report, from whichever channel, with the ticket number that the citizen holds.

    `origin` names what made it (a call's id and the report's number in that call), and is unique:
    opening the same report twice finds the first.
    """

    __tablename__ = "case"
    __table_args__ = (
        # What the sweep looks for every minute: nearly always empty, however many cases there are.
        Index("ix_case_undelivered", "opened_at", sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED),
        # What waits for a person: few among many.
        Index("ix_case_review", "opened_at", sqlite_where=_TO_REVIEW, postgresql_where=_TO_REVIEW),
        # What the clocks look through every morning: open cases, the next due first.
        Index("ix_case_stage_due_on", "stage", "due_on"),
        Index("ix_case_stage_answer_due_on", "stage", "answer_due_on"),
        Index("ix_case_category_code_area_code_opened_at", "category_code", "area_code", "opened_at"),
        Index("ix_case_agency_code_opened_at", "agency_code", "opened_at"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    ticket: Mapped[str] = mapped_column(String(12), unique=True)
    origin: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(20))
    call_id: Mapped[str | None] = mapped_column(ForeignKey("call.id"), index=True)
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"))
    category_by: Mapped[str] = mapped_column(String(12))  # caller, machine, operator
    severity: Mapped[str] = mapped_column(String(8))  # ringan, sedang, berat
    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    landmark: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")  # what was said, as recognised
    agency_code: Mapped[str | None] = mapped_column(ForeignKey("agency.code"), index=True)
    unit_code: Mapped[str | None] = mapped_column(String(32), index=True)  # of the city's units, within the agency
    stage: Mapped[str] = mapped_column(String(16), default="pengaduan", index=True)  # see routing/life.py
    stage_since: Mapped[dt.datetime] = mapped_column(default=utcnow)
    review: Mapped[str | None] = mapped_column(String(40))  # why a person must look first, else empty
    answer_due_on: Mapped[dt.date]  # by when the citizen is promised a first answer
    answered_at: Mapped[dt.datetime | None]  # when somebody first answered
    due_on: Mapped[dt.date]  # by when the problem is promised to be solved
    paused_on: Mapped[dt.date | None]  # since when it waits for the citizen and the clocks stand
    delivered_at: Mapped[dt.datetime | None]  # into the inbox of its present agency; empty: still to be done
    merged_into: Mapped[str | None] = mapped_column(String(32), index=True)  # id of the case that goes on instead
    disclosure: Mapped[str] = mapped_column(String(12), default="open")  # open, confidential, anonymous
    disabled: Mapped[bool] = mapped_column(default=False)  # the reporter chose to say so
    notify: Mapped[str] = mapped_column(String(10), default="call")  # call, sms, whatsapp, none
    reporter_sealed: Mapped[str | None] = mapped_column(Text)
    reporter_lookup: Mapped[str | None] = mapped_column(String(64), index=True)
    opened_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    changed_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)  # of the last event

    events: Mapped[list[CaseEvent]] = relationship(back_populates="case", order_by="CaseEvent.number")
    followers: Mapped[list[Follower]] = relationship(order_by="Follower.at")


class CaseEvent(Base):
    """One thing that happened to a case. Append-only; `key` makes writing it twice harmless."""

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "number"), UniqueConstraint("case_id", "key"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))  # opened, classified, assigned, delivered ...: see routing/life.py
    key: Mapped[str] = mapped_column(String(80))
    actor: Mapped[str] = mapped_column(String(80))  # caller, machine, an account's id
    channel: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    details: Mapped[dict[str, Any]]
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    case: Mapped[Case] = relationship(back_populates="events")


class Follower(Base):
    """Somebody beside the reporter who has the same problem, and hears how it ended."""

    __tablename__ = "follower"
    __table_args__ = (UniqueConstraint("case_id", "origin"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"))
    origin: Mapped[str] = mapped_column(String(64))  # what made them follow: a call and its report, or a merged case
    notify: Mapped[str] = mapped_column(String(10), default="call")
    follower_sealed: Mapped[str | None] = mapped_column(Text)
    follower_lookup: Mapped[str | None] = mapped_column(String(64), index=True)
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)
