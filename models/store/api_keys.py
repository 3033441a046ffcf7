"""Keys of other systems by purpose: make one, find who shows one, take one back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from models.api_keys import ApiKey
from models.base import utcnow
from models.db import reading

USED_TO_S = 60  # a key's last use is kept to the minute


class ApiKeyStore:
    """The keys of one database. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, name: str, key_hash: str, scopes: Sequence[str]) -> ApiKey:
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            key = ApiKey(name=name, key_hash=key_hash, scopes=list(scopes))
            session.add(key)
        return key

    def find(self, key_hash: str, now: dt.datetime | None = None) -> ApiKey | None:
        """The key with this hash, unless it was taken back; its use is noted."""
        moment = now or utcnow()
        with Session(reading(self._engine), expire_on_commit=False) as session:
            key = session.scalar(select(ApiKey).where(ApiKey.key_hash == key_hash, ApiKey.revoked_at.is_(None)))
        if key and (key.last_used_at is None or (moment - key.last_used_at).total_seconds() >= USED_TO_S):
            with Session(self._engine) as session, session.begin():
                session.execute(update(ApiKey).where(ApiKey.id == key.id).values(last_used_at=moment))
        return key

    def all(self) -> tuple[ApiKey, ...]:
        """Every key, oldest first, those that were taken back among them."""
        with Session(reading(self._engine), expire_on_commit=False) as session:
            return tuple(session.scalars(select(ApiKey).order_by(ApiKey.created_at, ApiKey.id)))

    def revoke(self, name_or_id: str) -> int:
        """Take back the keys of this name, or the one with this id, from now on; how many there were."""
        named = (ApiKey.name == name_or_id) | (ApiKey.id == name_or_id)
        with Session(self._engine) as session, session.begin():
            keys = session.scalars(select(ApiKey).where(named, ApiKey.revoked_at.is_(None))).all()
            for key in keys:
                key.revoked_at = utcnow()
            return len(keys)
