"""A city's tables, written from plain values (the store knows nothing of files)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from models.city import Agency, Area, Category

Row = dict[str, Any]


def load_into_store(engine: Engine, agencies: Sequence[Row], categories: Sequence[Row], areas: Sequence[Row]) -> None:
    """Insert or update rows by their code, in one transaction; harmless when repeated.

    What is no longer among the rows is set inactive, never deleted: old cases still refer to it.

    Args:
        agencies, categories, areas: column values of the tables of `models.city`; parents before their children.
    """
    with Session(engine) as session, session.begin():
        for table, rows in ((Agency, agencies), (Category, categories), (Area, areas)):
            for row in rows:
                session.merge(table(**row, active=True))
            session.flush()
            codes = [row["code"] for row in rows]
            session.execute(update(table).where(table.code.not_in(codes)).values(active=False))
