"""How much the store and the workers carry: cases opened a second, a burst worked off, look-ups among a million.

`script/bench store --database URL` needs an empty database that may be filled: PostgreSQL in earnest, with fsync on, as
what is answered must be on the disk. It starts a Redis of its own.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import Engine, func, insert, select
from sqlalchemy.orm import Session
from tqdm import tqdm

from models.base import new_id, utcnow
from models.cases import Case, CaseEvent
from models.db import connect
from models.migrations import upgrade
from models.store.cases import CaseStore
from models.store.console import CaseFilter, ConsoleStore, Cursor
from routing.cases import CaseDraft, open_case, status
from routing.city import City, load_city, store_city
from routing.queues import Queues
from settings import ROOT, Settings

WRITERS = 16  # threads that open cases: what a web process has at hand
PORTION = 5000  # rows of one insert
DRAFT = CaseDraft("", "bench", None, "pju", "caller", None, "depan masjid", "lampu jalan mati", None, None, None)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="script/bench store", description="Measure the store and the workers; 0 leaves a part out."
    )
    parser.add_argument("--database", required=True, help="SQLAlchemy URL of an empty database; it is filled")
    parser.add_argument("--seconds", type=float, default=60, help="of opening cases as fast as it goes")
    parser.add_argument("--burst", type=int, default=25_000, help="cases that come within an hour")
    parser.add_argument("--hour", type=float, default=3600, help="seconds in which the burst comes")
    parser.add_argument("--cases", type=int, default=1_000_000, help="cases among which is looked up")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    parser.add_argument("--intake", action="store_true", help="of the kind that does not fork")
    options = parser.parse_args(arguments)
    city = load_city(ROOT / "cities" / Settings().city)
    engine = connect(options.database)
    upgrade(engine)
    store_city(engine, city)
    if options.seconds:
        intake(engine, city, options.seconds)
    with tempfile.TemporaryDirectory(prefix="sw-bench-") as folder, _redis(Path(folder)) as redis_url:
        if options.burst:
            burst(engine, city, redis_url, options)
    if options.cases:
        lookups(engine, city, options.cases)
    return 0


def intake(engine: Engine, city: City, seconds: float) -> None:
    """Threads that open cases without a pause: each is on the disk, with its ticket, before the next begins."""
    store, until = CaseStore(engine), time.monotonic() + seconds

    def write(writer: int) -> list[float]:
        took: list[float] = []
        while (began := time.monotonic()) < until:
            open_case(store, city, replace(DRAFT, origin=f"intake:{writer}:{len(took)}"), utcnow())
            took.append(time.monotonic() - began)
        return took

    with ThreadPoolExecutor(WRITERS) as pool:
        took = [one for part in pool.map(write, range(WRITERS)) for one in part]
    print(f"opened: {len(took) / seconds:.0f} cases a second for {seconds:.0f} s, each {_spread(took)}")


def burst(engine: Engine, city: City, redis_url: str, options: argparse.Namespace) -> None:
    """Cases at the pace of a season's worst hour, and how old each is when its agency has it."""
    store, queues = CaseStore(engine), Queues(redis_url)
    with _workers(redis_url, options):
        began, step = time.monotonic(), options.hour / options.burst
        for number in tqdm(range(options.burst), unit="case", desc="burst", mininterval=5):
            time.sleep(max(0.0, began + number * step - time.monotonic()))
            queues.enqueue_case(open_case(store, city, replace(DRAFT, origin=f"burst:{number}"), utcnow()).case_id)
        came = time.monotonic() - began
        mine = Case.origin.startswith("burst:")
        with Session(engine) as session:
            while session.scalar(select(func.count()).where(mine, Case.delivered_at.is_(None))):
                time.sleep(0.5)
            rows = session.execute(select(Case.opened_at, Case.delivered_at).where(mine)).all()
        kind = "intake" if options.intake else "forking"
        ages = [(delivered - opened).total_seconds() for opened, delivered in rows if delivered]
    print(
        f"burst: {options.burst} cases in {came:.0f} s, {options.workers} {kind} worker(s): "
        f"age at delivery {_spread(ages)}, longest {max(ages):.1f} s, "
        f"all done {time.monotonic() - began - came:.1f} s after the last"
    )


def lookups(engine: Engine, city: City, count: int) -> None:
    """A ticket's status and the console's pages, among so many cases."""
    tickets = _fill(engine, city, count)
    store, console, today = CaseStore(engine), ConsoleStore(engine), utcnow().date()
    chance = random.Random(1)  # noqa: S311  the same look-ups every time
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")
    print(f"among {count} cases:")
    _time("status by ticket", lambda: status(store, city, chance.choice(tickets)))
    _time("status by number", lambda: store.open_cases_of(f"caller {chance.randrange(count)}"))
    pages = {
        "all": CaseFilter(),
        "an agency's": CaseFilter(agency="dishub"),
        "of a stage": CaseFilter(stage="proses"),
        "to be reviewed": CaseFilter(review=True),
        "late": CaseFilter(late=True),
        "by first digits": CaseFilter(ticket="123"),
    }
    for name, wanted in pages.items():
        _time(f"page: {name}", lambda wanted=wanted: console.cases(wanted, Cursor(), today))  # type: ignore[misc]
    _time("numbers at the top", lambda: console.counts(today, utcnow().replace(hour=0)), times=10)
    _time("sweep: not delivered", lambda: store.undelivered())
    _time("clocks: first page", lambda: store.in_need(today))


def _fill(engine: Engine, city: City, count: int) -> list[str]:
    """Cases of two years, nearly all closed; their tickets."""
    with Session(engine) as session:
        there = dict(session.execute(select(Case.ticket, Case.origin)).all())
    filled = [ticket for ticket, origin in there.items() if origin.startswith("fill:")]
    count = max(0, count - len(filled))  # what an earlier run filled in is used again
    chance = random.Random(len(there))  # noqa: S311
    categories, areas = list(city.categories.values()), [area.code for area in city.kelurahan]
    drawn = (str(number) for number in chance.sample(range(10_000_000, 99_999_999), count + len(there)))
    tickets = [ticket for ticket in drawn if ticket not in there][:count]
    now = utcnow()
    for at in tqdm(range(0, count, PORTION), unit=f" x {PORTION} cases", desc="filling", mininterval=5):
        rows: list[dict[str, Any]] = []
        events: list[dict[str, Any]] = []
        for number in range(at, min(at + PORTION, count)):
            category = chance.choice(categories)
            opened = now - chance.random() * 730 * (now - now.replace(year=now.year - 1)) / 365
            open_one = chance.random() < 0.02
            row = {
                "id": new_id(), "ticket": tickets[number], "origin": f"fill:{new_id()}", "channel": "bench",
                "category_code": category.code, "category_by": "caller", "severity": "sedang",
                "area_code": chance.choice(areas), "landmark": "", "description": "lampu jalan mati",
                "agency_code": category.agency, "stage": "proses" if open_one else "selesai", "stage_since": opened,
                "review": "belum jelas" if open_one and chance.random() < 0.02 else None,
                "answer_due_on": opened.date(), "due_on": opened.date(), "delivered_at": opened, "disclosure": "open",
                "disabled": False, "notify": "call", "reporter_lookup": f"caller {number}", "opened_at": opened,
                "changed_at": opened,
            }  # fmt: skip
            rows.append(row)
            events.append(
                {"id": new_id(), "case_id": row["id"], "number": 1, "kind": "opened", "key": "opened", "actor": "x",
                 "channel": "bench", "reason": "", "details": {}, "at": opened}
            )  # fmt: skip
        with engine.begin() as connection:
            connection.execute(insert(Case), rows)
            connection.execute(insert(CaseEvent), events)
    return filled + tickets


def _time(name: str, ask: Callable[[], object], times: int = 200) -> None:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        took.append(time.perf_counter() - began)
    print(f"  {name:24}{_spread(took)}")


def _spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    median, p95 = statistics.median(ordered), ordered[int(0.95 * (len(ordered) - 1))]
    unit, factor = ("ms", 1000) if p95 < 1 else ("s", 1)
    return f"median {median * factor:.1f} {unit}, p95 {p95 * factor:.1f} {unit}"


@contextmanager
def _redis(folder: Path) -> Iterator[str]:
    socket = folder / "redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--appendonly", "yes"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        while not socket.exists():
            time.sleep(0.05)
        Redis(unix_socket_path=str(socket)).ping()
        yield f"unix://{socket}"
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _workers(redis_url: str, options: argparse.Namespace) -> Iterator[None]:
    environment = {**os.environ, "REDIS_URL": redis_url, "DATABASE_URL": options.database, "LOG_LEVEL": "ERROR"}
    command = [sys.executable, str(ROOT / "worker.py"), *(["--intake"] if options.intake else [])]
    workers = [subprocess.Popen(command, env=environment, cwd=ROOT) for _ in range(options.workers)]
    try:
        yield
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()


if __name__ == "__main__":
    sys.exit(main())
