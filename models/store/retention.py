"""What is kept no longer: sound, events and numbers whose time is over. All calls are harmless when repeated."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, Engine, and_, delete, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.callers import Caller
from models.calls import Call, Recording, Turn
from models.cases import Case, Follower
from models.notices import Notice
from models.store.cases import OPEN_STAGES
from models.store.forgetting import WITHOUT_NUMBER, sound_deleted

PORTION = 500
DONE = ("sent", "failed", "dropped")


class RetentionStore:
    """Finds what is older than it may be, and takes it out."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def old_sound(self, before: dt.datetime, limit: int = PORTION) -> tuple[str, ...]:
        """Ids of recordings from before, oldest first; not those of calls with a case that is still worked on.

        Nor those that a provider still holds: they are fetched first.
        """
        here = or_(Recording.remote_url.is_(None), Recording.fetched_at.is_not(None))
        query = (
            select(Recording.id)
            .where(Recording.started_at < before, Recording.deleted_at.is_(None), here, ~_worked_on(Recording.call_id))
            .order_by(Recording.started_at)
            .limit(limit)
        )
        with Session(self._engine) as session:
            return tuple(session.scalars(query))

    def sound_deleted(self, recording_id: str) -> None:
        with Session(self._engine) as session, session.begin():
            sound_deleted(session, recording_id)

    def forget_events(self, before: dt.datetime, limit: int = PORTION) -> int:
        """Take the events of turns out of calls from before; how many. A portion each, as with numbers.

        They hold what was keyed and what other services told, so they go when the sound goes.
        """
        found = (
            select(Turn.id)
            .join(Call, Call.id == Turn.call_id)
            .where(Call.started_at < before, Turn.replay_sealed.is_not(None), ~_worked_on(Call.id))
            .limit(limit)
        )
        with Session(self._engine) as session, session.begin():
            ids = session.scalars(found).all()
            session.execute(update(Turn).where(Turn.id.in_(ids)).values(replay_sealed=None))
            return len(ids)

    def forget_numbers(self, before: dt.datetime, limit: int = PORTION) -> int:
        """Take numbers out of cases that were closed before, their followers, calls and notices; how many rows.

        A portion each; whoever calls goes on until nothing is left. What the case tells stays, without a number.
        """
        closed = and_(Case.stage.not_in(OPEN_STAGES), Case.changed_at < before)
        known = or_(Case.reporter_sealed.is_not(None), Case.reporter_lookup.is_not(None))
        cases = select(Case.id).where(closed, known)
        followers = (
            select(Follower.id)
            .join(Case, Case.id == Follower.case_id)
            .where(closed, or_(Follower.follower_sealed.is_not(None), Follower.follower_lookup.is_not(None)))
        )
        numbered = or_(Call.caller_sealed.is_not(None), Call.caller_lookup.is_not(None))
        calls = select(Call.id).where(Call.started_at < before, numbered, ~_worked_on(Call.id))
        notices = select(Notice.id).where(Notice.created_at < before, Notice.state.in_(DONE), Notice.to_sealed != "")
        with Session(self._engine) as session, session.begin():
            old = session.scalars(select(Caller.lookup).where(Caller.called_at < before).limit(limit)).all()
            session.execute(delete(Caller).where(Caller.lookup.in_(old)))
            forgotten = len(old)
            for model, found, values in (
                (Case, cases, WITHOUT_NUMBER[Case]),
                (Follower, followers, WITHOUT_NUMBER[Follower]),
                (Call, calls, WITHOUT_NUMBER[Call]),
                (Notice, notices, {"to_sealed": ""}),
            ):
                ids = session.scalars(found.limit(limit)).all()
                session.execute(update(model).where(model.id.in_(ids)).values(**values))
                forgotten += len(ids)
            return forgotten


def _worked_on(call_id: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """A case of this call is open."""
    return exists().where(Case.call_id == call_id, Case.stage.in_(OPEN_STAGES))
