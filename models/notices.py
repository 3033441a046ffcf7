"""Tables of what is told: notices to citizens and officials, and announcements to all who call."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, new_id, utcnow


class Notice(Base):
    """One message to one person. Written with the event that it tells of; sent later, once, by a job.

    Attributes:
        key: what it tells whom; unique, so that it is written once however often the job runs.
        way: call, sms, whatsapp to a citizen; email to an official.
        to_sealed: the number or address, encrypted.
        state: waiting, sending, sent, failed (tries are used up: an operator sees it), dropped (no longer true, or
            not wanted; `failure` says why).
        not_before: calls and messages wait for decent hours.
    """

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_state_not_before", "state", "not_before"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    way: Mapped[str] = mapped_column(String(10))
    to_sealed: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(String(160), default="")
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
    not_before: Mapped[dt.datetime] = mapped_column(default=utcnow)
    tries: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str] = mapped_column(String(160), default="")
    remote_id: Mapped[str] = mapped_column(String(80), default="")  # the provider's
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[dt.datetime | None]


class Announcement(Base):
    """What callers from an area hear first: water is off until six. They may add themselves to its case.

    Attributes:
        area_code: a kelurahan or a kecamatan with all of its kelurahan; empty: the whole city.
        case_id: the one case that all who add themselves follow.
        sound_sealed: the text as somebody spoke it, encrypted (16-bit samples at 8 kHz); sound_ms: its length.
    """

    __tablename__ = "announcement"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    text: Mapped[str] = mapped_column(Text)
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"))
    area_code: Mapped[str | None] = mapped_column(ForeignKey("area.code"))
    begins_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime] = mapped_column(index=True)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    cancelled_by: Mapped[str | None] = mapped_column(String(80))
    cancelled_at: Mapped[dt.datetime | None]
    case_id: Mapped[str | None] = mapped_column(ForeignKey("case.id"))
    sound_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # no list of them needs it
    sound_ms: Mapped[int] = mapped_column(default=0)
