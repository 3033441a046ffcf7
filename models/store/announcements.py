"""Announcements by purpose: make one, find those that hold now, end one early, see how many joined."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, and_, func, select, update
from sqlalchemy.orm import Session

from models.cases import Case, Follower
from models.notices import Announcement


@dataclass(frozen=True)
class Kept:
    """An announcement as the console shows it.

    Attributes:
        ticket: of the case that all who join follow.
        joined: how many do.
    """

    announcement: Announcement
    ticket: str
    joined: int


class AnnouncementStore:
    """The announcements of one database. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def make(
        self,
        *,
        key: str,
        text: str,
        category: str,
        area: str | None,
        begins_at: dt.datetime,
        ends_at: dt.datetime,
        case_id: str,
        made_by: str,
        sound_sealed: bytes | None = None,
        sound_ms: int = 0,
    ) -> None:
        """Write it; the same `key` again (a form that was sent twice) leaves the first as it is."""
        with Session(self._engine) as session, session.begin():
            if session.get(Announcement, key) is None:
                row = Announcement(id=key, text=text, category_code=category, area_code=area)
                row.begins_at, row.ends_at, row.case_id, row.made_by = begins_at, ends_at, case_id, made_by
                row.sound_sealed, row.sound_ms = sound_sealed, sound_ms
                session.add(row)

    def current(self, now: dt.datetime, limit: int = 50) -> tuple[Announcement, ...]:
        """Those that hold at this moment, the newest first."""
        query = (
            select(Announcement)
            .where(Announcement.begins_at <= now, Announcement.ends_at > now, Announcement.cancelled_at.is_(None))
            .order_by(Announcement.made_at.desc(), Announcement.id)
            .limit(limit)
        )
        with Session(self._engine, expire_on_commit=False) as session:
            return tuple(session.scalars(query))

    def get(self, announcement_id: str) -> Announcement | None:
        with Session(self._engine, expire_on_commit=False) as session:
            return session.get(Announcement, announcement_id)

    def sound_sealed(self, announcement_id: str) -> bytes | None:
        """What somebody spoke, as it is kept; None when it was typed, or there is none."""
        with Session(self._engine) as session:
            return session.scalar(select(Announcement.sound_sealed).where(Announcement.id == announcement_id))

    def end(self, announcement_id: str, by: str, now: dt.datetime) -> bool:
        """End it early; False when it is over, or there is none."""
        holds = and_(
            Announcement.id == announcement_id, Announcement.cancelled_at.is_(None), Announcement.ends_at > now
        )
        with Session(self._engine) as session, session.begin():
            found = session.scalar(select(Announcement.id).where(holds))
            session.execute(update(Announcement).where(holds).values(cancelled_at=now, cancelled_by=by))
            return found is not None

    def latest(self, limit: int = 50) -> tuple[Kept, ...]:
        """The newest, over or not."""
        joined = select(func.count()).where(Follower.case_id == Announcement.case_id).scalar_subquery()
        query = (
            select(Announcement, Case.ticket, joined)
            .outerjoin(Case, Case.id == Announcement.case_id)
            .order_by(Announcement.made_at.desc(), Announcement.id)
            .limit(limit)
        )
        with Session(self._engine, expire_on_commit=False) as session:
            return tuple(Kept(row, ticket or "", count) for row, ticket, count in session.execute(query))
