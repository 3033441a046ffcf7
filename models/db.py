"""The connection to the store: SQLite by default, PostgreSQL in earnest."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url


def connect(url: str) -> Engine:
    """An engine for `url`, set up so that both databases behave alike.

    Errors never show their parameters: these are what citizens said.

    SQLite gets write-ahead logging (readers never wait for the writer), foreign keys, and a wait of
    10 s for a lock; every transaction begins IMMEDIATE, so that two writers queue instead of failing
    half-way ("database is locked" on upgrade from read to write).
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True, pool_size=20, max_overflow=20)
    engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": 10})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")

    return engine


def reading(engine: Engine) -> Engine:
    """The same connections for transactions that only read: on SQLite they wait for no writer, and hold up none."""
    return engine.execution_options(reading=True)
