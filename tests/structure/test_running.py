"""What runs and what is written about it belong together."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from redis import Redis
from rq import Queue
from rq.cron import CronScheduler

from launch.processes import processes
from routing import queues, schedule
from settings import Settings
from tests.services.line import ROOT


def test_every_queue_that_is_used_has_a_worker(redis_url: str) -> None:
    """The worker listens to `queues.ALL`: whatever is enqueued must lie in one of these."""
    with Redis.from_url(redis_url) as connection:
        connection.flushdb()
        ours = queues.Queues(redis_url)
        verbs = [name for name in vars(queues.Queues) if name.startswith("enqueue_")]
        assert verbs
        for verb in verbs:
            needed = inspect.signature(getattr(ours, verb)).parameters
            assert getattr(ours, verb)(*("x" * 32 for _ in needed)), f"{verb} could not enqueue"
        assert {queue.name for queue in Queue.all(connection=connection)} <= set(queues.ALL)
        clock = CronScheduler(connection=connection)
        schedule.register(clock)
        assert {job.queue_name for job in clock.get_jobs()} <= set(queues.ALL)
        connection.flushdb()


def test_worker_and_clock_are_among_what_is_started(tmp_path: Path) -> None:
    started = {process.name: process.command for process in processes(Settings(var_dir=tmp_path))}
    assert list(started) == ["redis", "intake", "worker", "clock", "web"]
    assert started["worker"][-1].endswith("worker.py")
    assert (started["intake"][-1], started["clock"][-1]) == ("--intake", "--clock")


def test_a_redis_of_ones_own_is_not_started_twice(tmp_path: Path) -> None:
    started = [process.name for process in processes(Settings(var_dir=tmp_path, redis_url="redis://example"))]
    assert started == ["intake", "worker", "clock", "web"]


def test_every_setting_is_documented_and_no_other() -> None:
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = text.split("## Settings", 1)[1].split("\n## ", 1)[0]
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}
