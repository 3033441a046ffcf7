"""The worker and the clock as programs of their own, killed, and left without Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from redis import Redis

from models.base import utcnow
from models.db import connect
from models.migrations import upgrade
from models.store.cases import CaseStore
from routing import queues
from routing.cases import open_case
from routing.city import City, store_city
from tests.conftest import ROOT
from tests.routing.test_cases import DRAFT
from tests.services.redis import private_redis

PATIENCE_S = 60.0


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.005)


class House:
    """A store, a Redis that can be killed, and the programs that work on them."""

    def __init__(self, folder: Path, city: City, database: str = "") -> None:
        self.folder = folder
        self.city = city
        self.redis_url = f"unix://{folder / 'redis.sock'}"
        database = database or f"sqlite:///{folder / 'house.db'}"
        engine = connect(database)
        upgrade(engine)
        store_city(engine, city)
        self.store = CaseStore(engine)
        self.processes: list[subprocess.Popen[bytes]] = []
        self._redis = ExitStack()
        self.environment = {
            **os.environ,
            "VAR_DIR": str(folder),
            "DATABASE_URL": database,
            "REDIS_URL": self.redis_url,
            "DATA_KEYS": Fernet.generate_key().decode(),
            "LOOKUP_KEY": "look-up",
        }

    def start_redis(self) -> None:
        self._redis.enter_context(private_redis(self.folder))

    def kill_redis(self) -> None:
        number = Redis.from_url(self.redis_url).info("server")["process_id"]
        os.kill(number, signal.SIGKILL)
        self._redis.close()

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([sys.executable, "worker.py", *arguments], cwd=ROOT, env=self.environment)
        self.processes.append(process)
        return process

    def open_case(self, origin: str) -> str:
        return open_case(self.store, self.city, replace(DRAFT, origin=origin), utcnow()).case_id

    def delivered(self, case_id: str) -> bool:
        case = self.store.get(case_id)
        return case is not None and case.events[-1].kind == "delivered"

    def close(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self._redis.close()


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory, city: City) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("h"), city)
    house.start_redis()
    yield house
    house.close()


def test_the_clock_and_the_worker_deliver_what_no_job_was_made_for(house: House) -> None:
    case_id = house.open_case("c:1")
    with connect(house.environment["DATABASE_URL"]).begin() as connection:  # opened a while ago
        connection.exec_driver_sql("UPDATE \"case\" SET opened_at = '2026-01-01 00:00:00.000000'")
    for arguments in (("--intake",), (), ("--clock",)):
        house.start(*arguments)
    until(lambda: house.delivered(case_id))


def test_a_worker_outlives_redis(house: House) -> None:
    house.start("--intake")
    first = house.open_case("c:1")
    assert queues.Queues(house.redis_url).enqueue_case(first)
    until(lambda: house.delivered(first))
    house.kill_redis()
    second = house.open_case("c:2")
    assert not queues.Queues(house.redis_url).enqueue_case(second)
    house.start_redis()
    assert queues.Queues(house.redis_url).enqueue_case(second)
    until(lambda: house.delivered(second))
    assert house.processes[0].poll() is None


def test_redis_wiped_amid_a_thousand_cases_loses_none_and_doubles_none(
    database_url: str, tmp_path_factory: pytest.TempPathFactory, city: City
) -> None:
    house = House(tmp_path_factory.mktemp("h"), city, database_url)
    house.environment |= {"SWEEP_S": "2", "CASE_LATE_S": "2"}
    house.start_redis()
    try:
        for arguments in (("--intake",), (), ("--clock",)):
            house.start(*arguments)
        until(lambda: len(Redis.from_url(house.redis_url).keys("rq:worker:*")) == 2)
        doors, store = queues.Queues(house.redis_url), house.store
        for number in range(1000):
            doors.enqueue_case(house.open_case(f"c:{number}"))
            if number in (400, 700):
                assert store.undelivered()  # in the middle indeed
                Redis.from_url(house.redis_url).flushall()
        until(lambda: not store.undelivered())
    finally:
        house.close()
    for number in range(1000):
        case = store.by_origin(f"c:{number}")
        assert case and [e.kind for e in case.events] == ["opened", "classified", "assigned", "delivered"]


def test_a_killed_worker_leaves_no_process_and_another_goes_on(house: House) -> None:
    worker = house.start("--intake")
    first = house.open_case("c:1")
    assert queues.Queues(house.redis_url).enqueue_case(first)
    until(lambda: house.delivered(first))
    children = subprocess.run(["pgrep", "-P", str(worker.pid)], capture_output=True, text=True).stdout.split()
    assert children  # the scheduler of retries
    worker.kill()
    worker.wait()
    until(lambda: not any(_runs(int(child)) for child in children))
    second = house.open_case("c:2")
    assert queues.Queues(house.redis_url).enqueue_case(second)
    house.start("--intake")
    until(lambda: house.delivered(second))


def _runs(number: int) -> bool:
    try:
        status = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return status != "Z"


@pytest.mark.parametrize("arguments", [(), ("--intake",), ("--clock",)])
@pytest.mark.parametrize("redis", ["there", "away"])
def test_all_end_when_told_to(house: House, arguments: tuple[str, ...], redis: str) -> None:
    connection = Redis.from_url(house.redis_url)
    if redis == "away":
        house.kill_redis()
    process = house.start(*arguments)
    if redis == "there":
        until(lambda: bool(connection.keys("rq:worker:*") or connection.keys("rq:cron_scheduler:*")))
    else:
        time.sleep(2)  # imports, then waiting; a signal before its handler is set ends it just as well
    process.terminate()
    assert process.wait(PATIENCE_S) in (0, -signal.SIGTERM)


FORKS_AND_IS_TOLD = """
import os, signal, time, worker
worker._stop_at_once()
os.register_at_fork(after_in_{side}=lambda: os.kill(os.getpid(), signal.SIGTERM))
if os.fork() == 0:
    time.sleep(100)
os.wait()
"""


@pytest.mark.parametrize("side", ["parent", "child"])
def test_a_signal_in_the_middle_of_a_fork_is_obeyed(side: str) -> None:
    program = FORKS_AND_IS_TOLD.format(side=side)
    process = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, start_new_session=True)
    try:
        assert process.wait(PATIENCE_S / 3) == 0
    finally:
        with suppress(ProcessLookupError):  # all have ended
            os.killpg(process.pid, signal.SIGKILL)


IS_TOLD_IN_THE_LOG = """
import logging, os, signal, sys, worker

class Told(logging.Handler):
    def emit(self, record):
        if record.getMessage().startswith("Enqueued"):
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            except Exception:
                print("swallowed", flush=True)

logging.getLogger("rq.cron").addHandler(Told())
sys.exit(worker.main(["--clock"]))
"""


def test_a_signal_while_a_line_of_the_log_is_written_is_obeyed(house: House) -> None:
    program = [sys.executable, "-c", IS_TOLD_IN_THE_LOG]
    told = subprocess.run(program, cwd=ROOT, env=house.environment, capture_output=True, timeout=PATIENCE_S / 3)
    assert told.returncode == 0
    assert b"swallowed" in told.stdout  # else this tried nothing


def test_a_wrong_setting_is_told_in_a_line(house: House) -> None:
    environment = {**house.environment, "CITY": "atlantis"}
    ended = subprocess.run([sys.executable, "worker.py"], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ended.returncode == 2
    assert "city.yaml: missing" in ended.stderr
    assert "Traceback" not in ended.stderr
