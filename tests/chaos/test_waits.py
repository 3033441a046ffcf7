"""What is slow rather than dead: a Redis that hangs, a database that is busy, a job that stands in no queue."""

from __future__ import annotations

import os
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue

from routing.queues import INTAKE, Queues
from tests.chaos.points import BETWEEN_TURNS, Happens, Point
from tests.chaos.strikes import SETTINGS, House, strike
from tests.chaos.verdict import faults_in, judge, kept
from tests.services.line import eventually, running_line

# Half a second is what a caller may be held up; a test machine that does other things too gets as much again.
HELD_UP_MS = 1000


@pytest.fixture(scope="module")
def house(prepared: Path) -> Iterator[House]:
    with (
        tempfile.TemporaryDirectory(prefix="sw-var-") as folder,
        running_line(prepared, Path(folder), **SETTINGS) as line,
    ):
        yield House(line)


def hold_the_database(house: House, seconds: float) -> None:
    """Keep everybody from writing for so long."""

    def hold() -> None:
        with closing(sqlite3.connect(house.line.var_dir / "suara-warga.db", isolation_level=None, timeout=60)) as busy:
            busy.execute("BEGIN IMMEDIATE")
            threading.Event().wait(seconds)
            busy.execute("ROLLBACK")

    threading.Thread(target=hold).start()


@pytest.mark.chaos
def test_a_hung_redis_holds_up_no_caller(house: House) -> None:
    redis = house.program("redis")
    awake = threading.Timer(10, os.kill, (redis, signal.SIGCONT))

    def hang() -> None:
        os.kill(redis, signal.SIGSTOP)
        awake.start()

    struck = strike(house, Point("hung", (), Happens("asked", "read-back")), hang)
    assert "ticket" in [heard.prompt for heard in struck.record.prompts]
    assert max(answer.ms for answer in struck.record.answer_times if answer.by == "keys") < HELD_UP_MS
    awake.join()
    judge(struck)


@pytest.mark.chaos
def test_a_busy_database_is_waited_for(house: House) -> None:
    struck = strike(house, Point("busy", (), BETWEEN_TURNS), lambda: hold_the_database(house, 5))
    judge(struck)
    assert kept(struck).call.end_reason == "goodbye"
    assert all(faults_in(log) == set() for log in house.logs().values())


@pytest.mark.chaos
def test_a_database_that_stays_busy_costs_no_word(house: House) -> None:
    struck = strike(house, Point("stuck", (), BETWEEN_TURNS), lambda: hold_the_database(house, 25))
    assert "trouble" in [heard.prompt for heard in struck.record.prompts]
    judge(struck, turns_are_whole=False)
    eventually(house.well, "all is well")


def test_a_job_that_stands_in_no_queue_is_put_back(redis_url: str) -> None:
    """A worker that is killed between taking and starting a job leaves it so."""
    connection = Redis.from_url(redis_url)
    connection.flushall()
    queues = Queues(redis_url)
    assert queues.enqueue_case("c1")
    queue = Queue(INTAKE, connection=connection)
    assert connection.lpop(queue.key) == b"take_in-c1"
    assert queue.job_ids == []
    assert queues.enqueue_case("c1") and queues.enqueue_case("c1")
    assert queue.job_ids == ["take_in-c1"]
