"""Words of the city by purpose: which are there, add some, remove some."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.base import utcnow
from models.db import reading
from models.words import SpokenWord


class WordPresent(Exception):
    """One of the words is there already, perhaps added by somebody else just now."""


@dataclass(frozen=True)
class NewWord:
    """A word to add; the fields are those of `models.words.SpokenWord`."""

    key: str
    text: str
    kind: str
    said: str = ""
    areas: tuple[str, ...] = ()


def _nothing() -> None:
    pass


class WordStore:
    """The words of one database. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ready(self) -> bool:
        """Whether the table is there; it is not before the first start, nor before that of a new release."""
        return inspect(self._engine).has_table(SpokenWord.__tablename__)

    def present(self) -> list[SpokenWord]:
        """All words that count now, oldest first."""
        with Session(reading(self._engine), expire_on_commit=False) as session:
            query = select(SpokenWord).where(SpokenWord.removed_at.is_(None))
            return list(session.scalars(query.order_by(SpokenWord.added_at, SpokenWord.id)))

    def mark(self) -> tuple[int, int]:
        """How often words were ever added and removed: changes when what is present does, and costs little."""
        changes = select(func.count(), func.count(SpokenWord.removed_at)).select_from(SpokenWord)
        with Session(reading(self._engine)) as session:
            ever, removed = session.execute(changes).one()
            return ever, removed

    def add(self, words: Sequence[NewWord], by: str, before_commit: Callable[[], None] = _nothing) -> None:
        """Add all of them or, if anything fails, `before_commit` included, none.

        Raises:
            WordPresent: when one is there already.
        """
        with Session(self._engine) as session, session.begin():
            session.add_all(
                SpokenWord(
                    key=word.key,
                    text=word.text,
                    kind=word.kind,
                    said=word.said,
                    areas=" ".join(word.areas),
                    added_by=by,
                )
                for word in words
            )
            try:
                session.flush()
            except IntegrityError as error:
                raise WordPresent("a word with this key is present") from error
            before_commit()

    def remove(self, keys: Collection[str], by: str, before_commit: Callable[[], None] = _nothing) -> int:
        """Let these words no longer count; all or, if `before_commit` fails, none. How many there were."""
        with Session(self._engine) as session, session.begin():
            present = select(SpokenWord).where(SpokenWord.key.in_(keys), SpokenWord.removed_at.is_(None))
            found = list(session.scalars(present.with_for_update()))
            for word in found:
                word.removed_at, word.removed_by = utcnow(), by
            session.flush()
            before_commit()
            return len(found)
