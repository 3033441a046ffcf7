"""Bringing a database to the present tables; harmless when it is there already."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from models.db import connect

FOLDER = Path(__file__).resolve().parent
_turn = threading.Lock()  # alembic keeps its context in module variables: two threads would hang in each other's


def upgrade(database: Engine | str) -> None:
    """Apply every migration that the database lacks, in one transaction.

    Args:
        database: an engine of `models.db.connect`, or a SQLAlchemy URL.

    Raises:
        sqlalchemy.exc.SQLAlchemyError: when the database cannot be reached or changed; nothing is half done.
    """
    engine = connect(database) if isinstance(database, str) else database
    try:
        with _turn, engine.begin() as connection:
            configuration = Config()
            configuration.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, "head")
    finally:
        if isinstance(database, str):
            engine.dispose()
