"""Tables of what was said: calls, their turns, recordings, transcripts, hand-overs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, new_id, utcnow


class Call(Base):
    """One conversation, over whatever channel, from greeting to hang-up.

    `state` is the dialogue after the last turn (see `ivr.dialogue`); any process can go on from it.
    A call whose `ended_at` is empty and whose `heard_at` is old has lost its line: the sweep repairs it.
    """

    __tablename__ = "call"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    channel: Mapped[str] = mapped_column(String(20))  # twilio, browser, ...
    provider_id: Mapped[str] = mapped_column(String(64), unique=True)  # Twilio's CallSid
    caller_sealed: Mapped[str | None] = mapped_column(Text)  # number, encrypted
    caller_lookup: Mapped[str | None] = mapped_column(String(64), index=True)  # number, keyed hash
    state: Mapped[dict[str, Any]]
    started_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)
    heard_at: Mapped[dt.datetime] = mapped_column(default=utcnow, index=True)  # last sign of life
    ended_at: Mapped[dt.datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(20))  # goodbye, hang-up, hand-over, lost
    repaired_at: Mapped[dt.datetime | None]

    turns: Mapped[list[Turn]] = relationship(back_populates="call", order_by="Turn.number")
    recordings: Mapped[list[Recording]] = relationship(back_populates="call", order_by="Recording.started_at")


class Turn(Base):
    """What we said, and what the caller did then. Written before it is answered."""

    __tablename__ = "turn"
    __table_args__ = (UniqueConstraint("call_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int]  # 1, 2, 3 ... within the call
    step: Mapped[str] = mapped_column(String(40))  # the dialogue's step that was answered
    kind: Mapped[str] = mapped_column(String(20))  # speech, key, silence, no-match, hang-up, result, resume
    said: Mapped[str] = mapped_column(Text, default="")  # our words before this answer
    keys: Mapped[str] = mapped_column(String(40), default="")
    recording_id: Mapped[str | None] = mapped_column(ForeignKey("recording.id"))
    start_ms: Mapped[int | None]  # where in the recording the answer begins and ends
    end_ms: Mapped[int | None]
    # Event and effects, encrypted (see `ivr.replay`); empty when its time is over. Only replays read it.
    replay_sealed: Mapped[str | None] = mapped_column(Text, deferred=True)
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    call: Mapped[Call] = relationship(back_populates="turns")
    transcript: Mapped[Transcript | None] = relationship(back_populates="turn")


class Transcript(Base):
    """What the recogniser made of a turn. Never overwritten: corrections are rows of their own."""

    __tablename__ = "transcript"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    turn_id: Mapped[str] = mapped_column(ForeignKey("turn.id"), unique=True)
    text: Mapped[str] = mapped_column(Text)
    words: Mapped[list[Any]]  # [{"text", "start_ms", "end_ms", "confidence"}], times within the recording
    confidence: Mapped[float]
    recogniser: Mapped[str] = mapped_column(String(80))
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)

    turn: Mapped[Turn] = relationship(back_populates="transcript")


class Recording(Base):
    """Sound of the caller's side, encrypted, written while it is heard (see `models.recordings`).

    The row exists before the first sound. `remote_url` is set while a provider still holds the
    sound and we have to fetch it (`fetched_at` empty).
    """

    __tablename__ = "recording"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"), index=True)
    started_at: Mapped[dt.datetime] = mapped_column(default=utcnow)
    remote_url: Mapped[str | None] = mapped_column(Text)
    fetched_at: Mapped[dt.datetime | None]
    deleted_at: Mapped[dt.datetime | None]

    call: Mapped[Call] = relationship(back_populates="recordings")


class HandOver(Base):
    """A caller given to a person: an emergency, or a wish to speak to somebody."""

    __tablename__ = "hand_over"
    __table_args__ = (Index("ix_hand_over_at", "at"), UniqueConstraint("call_id", "number"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    call_id: Mapped[str] = mapped_column(ForeignKey("call.id"))
    number: Mapped[int]  # 1, 2 ... within the call, so that writing it twice is harmless
    target: Mapped[str] = mapped_column(String(20))  # emergency, operator
    heard: Mapped[str] = mapped_column(Text, default="")  # the words or key that led to it
    outcome: Mapped[str] = mapped_column(
        String(20), default="announced"
    )  # announced, cancelled, dialled, answered, failed
    at: Mapped[dt.datetime] = mapped_column(default=utcnow)
