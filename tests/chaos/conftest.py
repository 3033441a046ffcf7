"""Lines that calls are placed on while things die. Several at once: a call takes its time, and little else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue

import pytest

from tests.chaos.points import POINTS, Point
from tests.chaos.strikes import SETTINGS, House, Struck, strike
from tests.services.line import running_line
from tests.services.postgres import Postgres

LINES = 3  # at once; a line is five programs, and on a busy machine the sound of more is stored too late for a kill
BY_NAME = {point.name: point for point in POINTS}


class Chaos:
    """All points that this run asks for, on their way. `of(name)` waits for one."""

    def __init__(self, houses: list[House], points: list[Point]) -> None:
        self.houses = houses
        self._free: SimpleQueue[House] = SimpleQueue()
        for house in houses:
            self._free.put(house)
        self._pool = ThreadPoolExecutor(len(houses))
        slow = {"intake", "worker"}
        slow_first = sorted(points, key=lambda point: slow.isdisjoint((*point.victims, *(point.also or ()))))
        self._struck: dict[str, Future[Struck]] = {p.name: self._pool.submit(self._strike, p) for p in slow_first}

    def _strike(self, point: Point) -> Struck:
        house = self._free.get()
        try:
            return strike(house, point)
        finally:
            self._free.put(house)

    def of(self, name: str) -> Struck:
        return self._struck[name].result()

    def all(self) -> list[Struck]:
        return [future.result() for future in self._struck.values() if not future.exception()]

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


def _asked_for(request: pytest.FixtureRequest, test: str) -> list[Point]:
    """Points whose tests were chosen for this run."""
    chosen = [item for item in request.session.items if item.name.startswith(f"{test}[")]
    return [BY_NAME[item.callspec.params["name"]] for item in chosen]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def chaos(prepared: Path, request: pytest.FixtureRequest) -> Iterator[Chaos]:
    """Every chosen point, on SQLite."""
    points = _asked_for(request, "test_no_word_is_lost_and_none_is_doubled") or list(POINTS[-1:])
    with _chaos(prepared, points, [""] * min(LINES, len(points))) as chaos:
        yield chaos


@pytest.fixture(scope="module")
def chaos_on_postgres(prepared: Path, postgres: Postgres, request: pytest.FixtureRequest) -> Iterator[Chaos]:
    """Some points, on PostgreSQL."""
    points = _asked_for(request, "test_postgres_keeps_every_word_as_well")
    with ExitStack() as stack:
        urls = [stack.enter_context(postgres.database()) for _ in range(min(LINES, len(points)))]
        yield stack.enter_context(_chaos(prepared, points, urls))


@contextmanager
def _chaos(prepared: Path, points: list[Point], databases: list[str]) -> Iterator[Chaos]:
    """A line for each database, all started and stopped side by side."""
    stacks = [ExitStack() for _ in databases]

    def start(stack: ExitStack, database: str) -> House:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sw-var-")))
        line = stack.enter_context(running_line(prepared, folder, DATABASE_URL=database, **SETTINGS))
        return House(line, database)

    with ThreadPoolExecutor(len(databases)) as pool:
        try:
            chaos = Chaos(list(pool.map(start, stacks, databases)), points)
            yield chaos
            chaos.close()
        finally:
            list(pool.map(ExitStack.close, stacks))
