"""Words that people add: present once, removed but remembered, all or none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from models.db import connect
from models.migrations import FOLDER, upgrade
from models.store.words import NewWord, WordPresent, WordStore
from models.words import SpokenWord

MENCONG = NewWord("jalan haji mencong", "Jalan Haji Mencong", "street")
GREEN = NewWord("cluster dgreen", "Cluster D'Green", "place", "klaster di grin")


def filled(url: str) -> WordStore:
    upgrade(url)
    store = WordStore(connect(url))
    store.add([MENCONG, GREEN], "Sari")
    return store


def test_what_is_added_is_present(database_url: str) -> None:
    rows = {row.key: row for row in filled(database_url).present()}
    assert set(rows) == {MENCONG.key, GREEN.key}
    green = rows[GREEN.key]
    assert (green.text, green.kind, green.said, green.added_by) == (GREEN.text, "place", "klaster di grin", "Sari")
    assert green.added_at.tzinfo is not None and green.removed_at is None


def test_a_word_stands_once_and_a_second_one_takes_none_of_its_companions(database_url: str) -> None:
    store = filled(database_url)
    with pytest.raises(WordPresent):
        store.add([NewWord("gang mawar", "Gang Mawar", "street"), MENCONG], "Budi")
    assert {row.key for row in store.present()} == {MENCONG.key, GREEN.key}


def test_two_people_who_add_the_same_word_add_it_once(database_url: str) -> None:
    store = filled(database_url)

    def add(by: str) -> bool:
        try:
            store.add([NewWord("gang mawar", "Gang Mawar", "street")], by)
        except WordPresent:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(add, "abcd")) == [False, False, False, True]


def test_a_removed_word_is_remembered_and_may_come_back(database_url: str) -> None:
    store = filled(database_url)
    assert store.remove([MENCONG.key, "never added"], "Budi") == 1
    assert store.remove([MENCONG.key], "Budi") == 0
    assert [row.key for row in store.present()] == [GREEN.key]
    store.add([MENCONG], "Sari")
    with Session(connect(database_url)) as session:
        rows = session.scalars(select(SpokenWord).where(SpokenWord.key == MENCONG.key)).all()
    assert sorted((row.removed_by or "") for row in rows) == ["", "Budi"]


def test_nothing_is_written_when_what_belongs_to_it_fails(database_url: str) -> None:
    store = filled(database_url)

    def fail() -> None:
        raise OSError("the link cannot be made")

    with pytest.raises(OSError, match="link"):
        store.add([NewWord("gang mawar", "Gang Mawar", "street")], "Sari", fail)
    with pytest.raises(OSError, match="link"):
        store.remove([MENCONG.key], "Sari", fail)
    assert {row.key for row in store.present()} == {MENCONG.key, GREEN.key}


def test_a_database_of_the_first_release_gets_the_table_and_keeps_its_rows(database_url: str) -> None:
    engine = connect(database_url)
    configuration = Config()
    configuration.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, "0001")
        connection.exec_driver_sql("INSERT INTO role (id, name) VALUES ('r', 'operator')")
    store = WordStore(engine)
    assert not store.ready() and not inspect(engine).has_table("spoken_word")
    upgrade(engine)
    assert store.ready() and store.present() == []
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM role").scalar() == 1
