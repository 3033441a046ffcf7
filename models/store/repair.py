"""What broken lines and broken machines left behind in the store: calls without an end, sound not yet fetched."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, and_, or_, select, update
from sqlalchemy.orm import Session

from models.base import utcnow
from models.calls import Call, Recording, Turn

# Ends after which something may be left untold. After a goodbye or a hand-over the dialogue itself saw to it.
UNTOLD_ENDS = ("hang-up", "lost")


@dataclass(frozen=True)
class BrokenCall:
    """A call that will not go on, as far as its repair needs it.

    Attributes:
        state: the dialogue's last state, as JSON.
        recordings: id of each recording, and up to where (ms) its sound was answered by a turn.
    """

    id: str
    channel: str
    state: dict[str, Any]
    caller_sealed: str | None
    caller_lookup: str | None
    recordings: tuple[tuple[str, int], ...]


class RepairStore:
    """Finds and claims what needs repair. All calls are harmless when repeated."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def broken_calls(self, heard_before: dt.datetime, limit: int = 200) -> tuple[str, ...]:
        """Ids of calls without an end and without a sign of life since, or ended in a way that may leave words."""
        query = select(Call.id).where(self._broken(heard_before)).order_by(Call.heard_at).limit(limit)
        with Session(self._engine) as session:
            return tuple(session.scalars(query))

    @staticmethod
    def _broken(heard_before: dt.datetime) -> Any:
        ended = or_(Call.ended_at.is_(None), Call.end_reason.in_(UNTOLD_ENDS))
        return and_(Call.repaired_at.is_(None), Call.heard_at < heard_before, ended)

    def claim(self, call_id: str, heard_before: dt.datetime) -> BrokenCall | None:
        """End the call as lost (if it has no end), and give what it left; None when it needs no repair.

        The row is locked and looked at again, so that a call that came back meanwhile stays untouched.
        """
        with Session(self._engine) as session, session.begin():
            query = select(Call).where(Call.id == call_id, self._broken(heard_before)).with_for_update()
            call = session.scalar(query)
            if call is None:
                return None
            if call.ended_at is None:
                call.ended_at, call.end_reason = utcnow(), "lost"
            turns = session.execute(select(Turn.recording_id, Turn.end_ms).where(Turn.call_id == call_id)).all()
            heard = session.scalars(
                select(Recording.id).where(Recording.call_id == call_id, Recording.deleted_at.is_(None))
            )
            answered = {
                recording: max((end or 0 for of, end in turns if of == recording), default=0) for recording in heard
            }
            return BrokenCall(
                call.id,
                call.channel,
                dict(call.state),
                call.caller_sealed,
                call.caller_lookup,
                tuple(answered.items()),
            )

    def repaired(self, call_id: str) -> None:
        """Nothing of this call is left untold."""
        with Session(self._engine) as session, session.begin():
            session.execute(
                update(Call).where(Call.id == call_id, Call.repaired_at.is_(None)).values(repaired_at=utcnow())
            )

    def unfetched_recordings(self, started_before: dt.datetime, limit: int = 200) -> tuple[str, ...]:
        """Ids of recordings whose sound a provider still holds."""
        query = (
            select(Recording.id)
            .where(
                Recording.remote_url.is_not(None),
                Recording.fetched_at.is_(None),
                Recording.deleted_at.is_(None),
                Recording.started_at < started_before,
            )
            .order_by(Recording.started_at)
            .limit(limit)
        )
        with Session(self._engine) as session:
            return tuple(session.scalars(query))
