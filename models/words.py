"""Table of the words that people of the city add to what the recogniser knows."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, new_id, utcnow

KINDS = ("street", "place", "name", "other")
_PRESENT = text("removed_at IS NULL")


class SpokenWord(Base):
    """A word or phrase that callers say, such as a street. Removed ones stay, as a record of who knew what when.

    Attributes:
        key: `text` as the recogniser writes it; among the present ones each stands once.
        said: how it is said, where the spelling does not tell; empty otherwise.
        areas: codes of the kelurahan that a street or place lies in, apart by blanks; empty where nobody told.
    """

    __tablename__ = "spoken_word"
    __table_args__ = (
        Index("uq_spoken_word_present", "key", unique=True, sqlite_where=_PRESENT, postgresql_where=_PRESENT),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    key: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(12))  # one of KINDS
    said: Mapped[str] = mapped_column(String(160), default="")
    areas: Mapped[str] = mapped_column(String(400), default="", server_default="")
    added_by: Mapped[str] = mapped_column(String(160))
    added_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    removed_by: Mapped[str | None] = mapped_column(String(160))
    removed_at: Mapped[dt.datetime | None]
