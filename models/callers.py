"""Table of what a number's callers have chosen. No number stands in it, only its keyed hash."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, utcnow


class Caller(Base):
    """How the line speaks to whoever calls from a number.

    Attributes:
        lookup: keyed hash of the number.
        pace: words per minute; 0 when nothing was chosen.
        asked: whether the caller was asked about themselves; disabled, elderly: what they chose to say.
    """

    __tablename__ = "caller"

    lookup: Mapped[str] = mapped_column(String(64), primary_key=True)
    pace: Mapped[int] = mapped_column(default=0)
    asked: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    elderly: Mapped[bool] = mapped_column(default=False)
    called_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
