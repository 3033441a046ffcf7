"""What forgetting a number or a recording does to the rows that have it: for a caller who asks, and for time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.base import Base, utcnow
from models.calls import Call, Recording
from models.cases import Case, Follower

WITHOUT_NUMBER: dict[type[Base], dict[str, Any]] = {
    Case: {"reporter_sealed": None, "reporter_lookup": None},
    Follower: {"follower_sealed": None, "follower_lookup": None},
    Call: {"caller_sealed": None, "caller_lookup": None},
}


def sound_deleted(session: Session, recording_id: str) -> None:
    """Write that the sound is gone for good; the first time counts."""
    gone = (Recording.id == recording_id, Recording.deleted_at.is_(None))
    session.execute(update(Recording).where(*gone).values(deleted_at=utcnow()))
