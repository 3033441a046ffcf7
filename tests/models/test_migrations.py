"""Migrations make exactly the tables that the code declares, on both databases."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect

from models.db import connect
from models.migrations import upgrade
from models.tables import Base


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_a_migrated_database_has_the_tables_of_the_code(database_url: str) -> None:
    upgrade(database_url)
    engine = connect(database_url)
    assert differences(engine) == []
    assert set(inspect(engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}


def test_the_comparison_notices_a_missing_column(database_url: str) -> None:
    upgrade(database_url)
    engine = connect(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql('ALTER TABLE "case" DROP COLUMN landmark')
    assert differences(engine)


def test_upgrading_again_changes_nothing(database_url: str) -> None:
    engine = connect(database_url)
    upgrade(engine)
    upgrade(engine)
    assert differences(engine) == []


def test_two_starts_at_once_migrate_once(database_url: str) -> None:
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        list(pool.map(upgrade, [database_url, database_url]))
    assert differences(connect(database_url)) == []
