"""Table of the keys with which other systems may report and answer through the programming interface."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, new_id, utcnow


class ApiKey(Base):
    """One system that may use the interface. The key itself is shown once and never kept.

    Attributes:
        key_hash: SHA-256 of the key (64 hexadecimal digits); a key has 256 random bits, so no salt is needed.
        scopes: what it may do; see `routing.open311.keys`.
        last_used_at: to the minute, so that not every request writes.
    """

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]]
    created_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    revoked_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
