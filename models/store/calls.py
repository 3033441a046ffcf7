"""Queries about calls: beginning, every turn, recordings, hand-overs, the end."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from models.base import utcnow
from models.calls import Call, HandOver, Recording, Transcript, Turn
from models.store.forgetting import WITHOUT_NUMBER, sound_deleted


class CallMissing(Exception):
    """There is no such call."""


class TurnTaken(Exception):
    """Another process has written this turn already: it carries the call now, we must let go of it."""


@dataclass(frozen=True)
class NewTurn:
    """One turn to be written. `number` counts from 1 within the call; times in ms within the recording.

    `replay_sealed`: event and effects, encrypted.
    """

    number: int
    step: str
    kind: str
    said: str = ""
    keys: str = ""
    recording_id: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    replay_sealed: str | None = None


@dataclass(frozen=True)
class NewTranscript:
    """What the recogniser made of the turn. `words`: {"text", "start_ms", "end_ms", "confidence"} each."""

    text: str
    words: list[Any]
    confidence: float
    recogniser: str


class CallStore:
    """What the line writes of calls. Objects that it returns are detached copies."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def _session(self) -> Session:
        return Session(self._engine, expire_on_commit=False)

    def begin(
        self,
        channel: str,
        provider_id: str,
        state: dict[str, Any],
        sealed: str | None = None,
        lookup: str | None = None,
    ) -> str:
        """The id of the call that the provider names so; made if it is new (providers repeat webhooks)."""
        with self._session() as session:
            known = session.scalar(select(Call.id).where(Call.provider_id == provider_id))
            if known:
                return known
            call = Call(
                channel=channel, provider_id=provider_id, state=state, caller_sealed=sealed, caller_lookup=lookup
            )
            session.add(call)
            try:
                session.commit()
            except IntegrityError:  # the same webhook, at the same moment, in another thread
                session.rollback()
                return session.scalars(select(Call.id).where(Call.provider_id == provider_id)).one()
            return call.id

    def get(self, call_id: str) -> Call:
        """The call without its turns.

        Raises:
            CallMissing
        """
        with self._session() as session:
            call = session.get(Call, call_id)
            if call is None:
                raise CallMissing("no such call")
            return call

    def by_provider(self, provider_id: str) -> Call | None:
        with self._session() as session:
            return session.scalar(select(Call).where(Call.provider_id == provider_id))

    def turns(self, call_id: str) -> list[Turn]:
        """All turns with their transcripts, in order."""
        query = select(Turn).where(Turn.call_id == call_id).order_by(Turn.number)
        with self._session() as session:
            return list(session.scalars(query.options(selectinload(Turn.transcript))))

    def last_turn(self, call_id: str) -> int:
        """Number of the last turn; 0 when there is none."""
        with self._session() as session:
            return session.scalar(select(func.max(Turn.number)).where(Turn.call_id == call_id)) or 0

    def record(self, call_id: str, turn: NewTurn, transcript: NewTranscript | None, state: dict[str, Any]) -> None:
        """Write a turn, what was recognised, and the dialogue's new state: all or nothing.

        Raises:
            TurnTaken: when this turn's number exists; the call is carried elsewhere.
        """
        with self._session() as session:
            row = Turn(call_id=call_id, **turn.__dict__)
            if transcript:
                row.transcript = Transcript(**transcript.__dict__)
            session.add(row)
            try:
                session.execute(update(Call).where(Call.id == call_id).values(state=state, heard_at=utcnow()))
                session.commit()
            except IntegrityError as error:
                raise TurnTaken("another process goes on with this call") from error

    def forget_caller(self, call_id: str) -> None:
        """The caller wants no number kept."""
        with self._session() as session:
            session.execute(update(Call).where(Call.id == call_id).values(**WITHOUT_NUMBER[Call]))
            session.commit()

    def touch(self, call_id: str) -> None:
        """The line is alive: no repair yet."""
        with self._session() as session:
            session.execute(update(Call).where(Call.id == call_id).values(heard_at=utcnow()))
            session.commit()

    def end(self, call_id: str, reason: str) -> None:
        """The first end counts."""
        with self._session() as session:
            ended = {"ended_at": utcnow(), "end_reason": reason}
            session.execute(update(Call).where(Call.id == call_id, Call.ended_at.is_(None)).values(**ended))
            session.commit()

    def start_recording(self, call_id: str) -> str:
        """Announce a recording before its first sound; returns its id."""
        return self._recording(Recording(call_id=call_id))

    def remote_recording(self, call_id: str, url: str) -> str:
        """Sound that the provider holds, to be fetched; the same URL twice is one recording.

        If the call was given up meanwhile, it is looked at once more: this sound may tell of something.
        """
        with self._session() as session:
            query = select(Recording.id).where(Recording.call_id == call_id, Recording.remote_url == url)
            known = session.scalar(query)
            if not known:
                session.execute(update(Call).where(Call.id == call_id).values(repaired_at=None))
                session.commit()
        return known or self._recording(Recording(call_id=call_id, remote_url=url))

    def _recording(self, recording: Recording) -> str:
        with self._session() as session:
            session.add(recording)
            session.commit()
            return recording.id

    def recording(self, recording_id: str) -> Recording | None:
        with self._session() as session:
            return session.get(Recording, recording_id)

    def recordings_of(self, call_id: str) -> tuple[str, ...]:
        """Ids of the call's recordings that are not deleted."""
        with self._session() as session:
            mine = (Recording.call_id == call_id, Recording.deleted_at.is_(None))
            return tuple(session.scalars(select(Recording.id).where(*mine)))

    def recording_deleted(self, recording_id: str) -> None:
        """Its sound is gone for good."""
        with self._session() as session:
            sound_deleted(session, recording_id)
            session.commit()

    def recording_fetched(self, recording_id: str) -> None:
        with self._session() as session:
            session.execute(update(Recording).where(Recording.id == recording_id).values(fetched_at=utcnow()))
            session.commit()

    def note_hand_over(self, call_id: str, number: int, target: str, heard: str, outcome: str) -> None:
        """Write a hand-over or what became of it; `number` is 1, 2 ... within the call."""
        with self._session() as session:
            query = select(HandOver).where(HandOver.call_id == call_id, HandOver.number == number)
            row = session.scalar(query)
            if row is None:
                session.add(HandOver(call_id=call_id, number=number, target=target, heard=heard, outcome=outcome))
            else:
                row.outcome = outcome
            session.commit()

    def hand_overs(self, call_id: str) -> list[HandOver]:
        with self._session() as session:
            return list(session.scalars(select(HandOver).where(HandOver.call_id == call_id).order_by(HandOver.number)))

    def silent_since(self, moment: dt.datetime) -> list[str]:
        """Calls that have not ended and gave no sign of life since `moment`."""
        with self._session() as session:
            return list(session.scalars(select(Call.id).where(Call.ended_at.is_(None), Call.heard_at < moment)))
