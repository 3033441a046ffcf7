"""What broken lines and broken machines left behind in the store: calls without an end, sound not yet fetched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, and_, or_, select, update
from sqlalchemy.orm import Session

from models.base import utcnow
from models.calls import Call, Recording, Turn

# Ends after which something may be left untold. After a goodbye or a hand-over the dialogue itself saw to it.
UNTOLD_ENDS = ("hang-up", "lost")
LONGEST_TALK = dt.timedelta(hours=4)  # Twilio ends every call then


@dataclass(frozen=True)
class KeptSound:
    """One recording of a call.

    Attributes:
        answered_ms: up to where a turn has answered it.
        step: the question that was open when it broke off, or the call's last one.
        awaited: a provider still holds it.
    """

    recording_id: str
    answered_ms: int
    step: str
    awaited: bool


@dataclass(frozen=True)
class BrokenCall:
    """A call that will not go on, as far as its repair needs it.

    Attributes:
        state: the dialogue's last state, as JSON.
        sound: its recordings, in order.
    """

    id: str
    channel: str
    state: dict[str, Any]
    caller_sealed: str | None
    caller_lookup: str | None
    sound: tuple[KeptSound, ...]


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
        # While the caller talks to a person nothing is heard of the call; then it comes back, or its end is told.
        talking = and_(Call.state["step"].as_string() == "handed", Call.heard_at >= heard_before - LONGEST_TALK)
        return and_(Call.repaired_at.is_(None), Call.heard_at < heard_before, ended, ~talking)

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
            return BrokenCall(
                call.id, call.channel, dict(call.state), call.caller_sealed, call.caller_lookup, _sound(session, call)
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


def _sound(session: Session, call: Call) -> tuple[KeptSound, ...]:
    kept = select(Recording).where(Recording.call_id == call.id, Recording.deleted_at.is_(None))
    turns = session.scalars(select(Turn).where(Turn.call_id == call.id).order_by(Turn.number)).all()
    return tuple(_kept(recording, turns, call) for recording in session.scalars(kept.order_by(Recording.started_at)))


def _kept(recording: Recording, turns: Sequence[Turn], call: Call) -> KeptSound:
    own = [turn for turn in turns if turn.recording_id == recording.id]
    # The line broke where a later turn took the call up again; if this sound has no turn, in the first after it began.
    later = [t for t in turns if (t.number > own[-1].number if own else t.at >= recording.started_at)]
    broke_at = next((turn.step for turn in later if turn.kind == "resume"), None)
    return KeptSound(
        recording.id,
        answered_ms=max((turn.end_ms or 0 for turn in own), default=0),
        step=broke_at or str(call.state.get("step") or ""),
        awaited=recording.remote_url is not None and recording.fetched_at is None,
    )
