"""Notices by purpose: write one, find what is due, claim it so that one worker alone sends it, note what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.base import utcnow
from models.notices import Notice
from models.store.cases import NewNotice, notice_row

# A worker that has claimed a notice must have sent it by then; later another takes it over.
LEASE = dt.timedelta(minutes=5)
PENDING = ("waiting", "sending")


@dataclass(frozen=True)
class Claimed:
    """What is to be sent to one person now: all that waits for them about one case, in one message.

    Attributes:
        ids: of the notices, oldest first.
        before: whether an earlier worker may have sent it: it claimed the same and never came back.
        since: when the first try began.
    """

    ids: tuple[str, ...]
    way: str
    to_sealed: str
    subject: str
    text: str
    case_id: str | None
    tries: int
    before: bool
    since: dt.datetime


class NoticeStore:
    """The notices of one database. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def write(self, notice: NewNotice) -> bool:
        """A notice that belongs to no case; False when there is one with this key."""
        try:
            with Session(self._engine) as session, session.begin():
                if session.scalar(select(Notice.id).where(Notice.key == notice.key)):
                    return False
                session.add(notice_row("", notice))
                return True
        except IntegrityError:  # by another process, meanwhile
            return False

    def due(self, now: dt.datetime, limit: int = 500) -> tuple[str, ...]:
        """Ids of notices that are to be sent, oldest first; those of workers that never came back among them."""
        query = (
            select(Notice.id)
            .where(Notice.state.in_(PENDING), Notice.not_before <= now)
            .order_by(Notice.not_before)
            .limit(limit)
        )
        with Session(self._engine) as session:
            return tuple(session.scalars(query))

    def claim(self, notice_id: str, now: dt.datetime) -> Claimed | None:
        """Take this notice, and whatever else waits for the same person about the same case; None when it is taken.

        Rows are locked while they are taken; the lease is written into `not_before`.
        """
        with Session(self._engine) as session, session.begin():
            one = session.scalar(select(Notice).where(Notice.id == notice_id).with_for_update())
            if one is None or one.state not in PENDING or one.not_before > now:
                return None
            alike = select(Notice).where(
                Notice.state == "waiting",
                Notice.case_id == one.case_id,
                Notice.to_sealed == one.to_sealed,
                Notice.way == one.way,
                Notice.id != one.id,
            )
            others = session.scalars(alike.with_for_update()).all() if one.case_id and one.state == "waiting" else []
            taken = sorted([one, *others], key=lambda notice: (notice.created_at, notice.id))
            claimed = Claimed(
                ids=tuple(notice.id for notice in taken),
                way=one.way,
                to_sealed=one.to_sealed,
                subject=one.subject,
                text="\n".join(dict.fromkeys(notice.text for notice in taken)),
                case_id=one.case_id,
                tries=one.tries + 1,
                before=one.state == "sending",
                since=min(notice.created_at for notice in taken),
            )
            for notice in taken:
                notice.state, notice.tries, notice.not_before = "sending", notice.tries + 1, now + LEASE
            return claimed

    def sent(self, claimed: Claimed, remote_id: str) -> None:
        self._set(claimed, state="sent", sent_at=utcnow(), remote_id=remote_id[:80], failure="")

    def try_again(self, claimed: Claimed, at: dt.datetime, failure: str) -> None:
        self._set(claimed, state="waiting", not_before=at, failure=failure[:160])

    def give_up(self, claimed: Claimed, failure: str, state: str = "failed") -> None:
        """`failed`: a person sees it; `dropped`: it is no longer wanted."""
        self._set(claimed, state=state, failure=failure[:160])

    def _set(self, claimed: Claimed, **values: object) -> None:
        with Session(self._engine) as session, session.begin():
            ours = Notice.id.in_(claimed.ids), Notice.state == "sending"
            session.execute(update(Notice).where(*ours).values(**values))

    def get(self, notice_id: str) -> Notice | None:
        with Session(self._engine, expire_on_commit=False) as session:
            return session.get(Notice, notice_id)

    def text_of_message(self, notice_id: str) -> str:
        """All that was claimed together with this notice, as it is said; empty for a notice that is not on its way."""
        with Session(self._engine) as session:
            one = session.get(Notice, notice_id)
            if one is None or one.state not in ("sending", "sent"):
                return ""
            alike = select(Notice.text).where(
                Notice.case_id == one.case_id,
                Notice.to_sealed == one.to_sealed,
                Notice.way == one.way,
                Notice.state == one.state,
                Notice.remote_id == one.remote_id,
                Notice.not_before == one.not_before,
            )
            return "\n".join(dict.fromkeys(session.scalars(alike.order_by(Notice.created_at, Notice.id))))

    def not_reached(self, remote_id: str, at: dt.datetime, most: int, failure: str) -> None:
        """A call that nobody took waits until `at`; after so many tries a person sees it. Harmless when repeated."""
        with Session(self._engine) as session, session.begin():
            taken = Notice.remote_id == remote_id, Notice.state == "sent"
            for notice in session.scalars(select(Notice).where(*taken).with_for_update()):
                notice.state = "waiting" if notice.tries < most else "failed"
                notice.not_before, notice.failure, notice.sent_at, notice.remote_id = at, failure, None, ""

    def of_case(self, case_id: str) -> tuple[Notice, ...]:
        """All that was told of a case, oldest first."""
        with Session(self._engine, expire_on_commit=False) as session:
            return tuple(session.scalars(select(Notice).where(Notice.case_id == case_id).order_by(Notice.created_at)))
