"""The workers: `worker.py --intake` takes new cases, `worker.py` all other jobs; `worker.py --clock` is the clock that
starts the sweep every minute.

All wait for Redis when it is away, and go on when it is back; all may be killed at any moment, for all
that they do is found again by the sweep.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker, Worker
from rq.cron import CronScheduler
from rq.exceptions import StopRequested
from rq.job import Job
from sqlalchemy import Engine
from twilio.rest import Client

from ivr.jobs import TwilioRecordings, has_speech
from models.crypto import Vault
from models.db import connect
from models.recordings import Recordings
from models.store.calls import CallStore
from observability import configure_logging
from routing import jobs, notify, queues, schedule
from routing.city import City, load_city
from routing.city_files import CityDataError
from routing.gateways.configured import gateways
from routing.gateways.contract import Gateway
from routing.ways.mail import MailWay
from routing.ways.twilio import CallWay, MessageWay
from settings import BadSettings, Settings, load_settings, named_secret

# A worker says every 5 s that its job lives. A killed worker's job is given up after 3 times as long, and taken up
# by the next look around, which also revives a dead scheduler of retries.
ALIVE_S = 5
JOB_LOST_S = 3 * ALIVE_S
MAINTENANCE_S = 15
WAIT_FOR_REDIS_S = 1.0

log = structlog.get_logger(__name__)


class _Patient:
    """A worker of rq that comes back soon after Redis does and knows whether it was told to stop."""

    max_connection_wait_time = 2.0
    told_to_stop = False

    def request_stop(self, signum: Any, frame: FrameType | None) -> None:
        self.told_to_stop = True
        self._stop_requested = True  # rq's loop ends by it where its exception is swallowed (`PatientClock`)
        super().request_stop(signum, frame)  # type: ignore[misc]

    def get_heartbeat_ttl(self, job: Job, working_time: float = 0.0) -> int:
        return JOB_LOST_S  # rq's own is 60 s more: a citizen's case would wait for minutes


class PatientWorker(_Patient, Worker):
    """A fork a job: one that hangs or dies harms no other. For jobs that talk to the world."""


class IntakeWorker(_Patient, SimpleWorker):
    """All jobs in one process, which takes eight times as many new cases a second (docs/routing-results.md).

    They talk to the database alone and take some 20 ms; one that takes longer than `JOB_LOST_S` may run twice, which
    is harmless.
    """


class PatientClock(CronScheduler):
    """A clock that ends when told to, whatever it is doing.

    rq's own raises an exception at once, which is swallowed where a line of the log is just being written, and goes on.
    """

    told_to_stop = False

    def _request_stop(self, signum: Any, frame: FrameType | None) -> None:
        self.told_to_stop = True
        super()._request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def calculate_sleep_interval(self) -> float:
        if self.told_to_stop:
            raise StopRequested
        return float(super().calculate_sleep_interval())


def build_parts(settings: Settings) -> jobs.Parts:
    """The parts that jobs work with, from the settings."""
    engine = connect(settings.database)
    _mind_forks(engine)
    vault = Vault(settings.keys, settings.lookup_key)
    recordings = Recordings(settings.var_dir / "recordings", vault)
    account = (settings.twilio_account_sid, settings.twilio_auth_token)
    city = load_city(settings.city_dir)
    return jobs.Parts(
        engine=engine,
        city=city,
        queues=queues.Queues(settings.redis),
        has_sound=partial(has_speech, recordings),
        fetch_recording=TwilioRecordings(CallStore(engine), recordings, *account).fetch,
        delete_sound=recordings.delete,
        tables=settings.var_dir / "tables",
        quiet_s=settings.call_lost_s,
        ways=_ways(settings),
        gateways=_gateways(settings, city),
        seal=vault.seal_text,
        open_sealed=vault.open_text,
        console_url=f"{settings.base_url}/admin/laporan",
        settle_s=settings.case_late_s,
    )


def _ways(settings: Settings) -> dict[str, notify.Way]:
    """How people can be reached from here: what has its number or server in the settings."""
    ways: dict[str, notify.Way] = {}
    client = Client(settings.twilio_account_sid, settings.twilio_auth_token)
    if settings.twilio_number:
        ways["call"] = CallWay(client, settings.twilio_number, settings.base_url)
        ways["sms"] = MessageWay(client, settings.twilio_number)
    if settings.twilio_whatsapp:
        ways["whatsapp"] = MessageWay(client, settings.twilio_whatsapp, "whatsapp:")
    if settings.smtp_url:
        ways["email"] = MailWay(settings.smtp_url, settings.mail_from)
    return ways


def _gateways(settings: Settings, city: City) -> dict[str, Gateway]:
    """Agencies' own systems, with the secrets that the city's data name."""
    mail = MailWay(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
    return gateways(city.gateways, partial(named_secret, settings), mail)


def _mind_forks(engine: Engine) -> None:
    """rq forks a child a job: it must not share our database connections, nor outlive a killed worker."""
    worker = os.getpid()

    def in_child() -> None:
        engine.dispose(close=False)
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG
            if os.getppid() != worker:  # killed between the fork and the line above
                os._exit(1)

    os.register_at_fork(after_in_child=in_child)


def _stop_at_once() -> None:
    """Until rq sets handlers of its own (that let a job finish), a signal ends the program.

    Not by an exception: one that is raised just after rq forked its scheduler is swallowed by the hook of the fork,
    or waits at exit for a scheduler that was never told to stop.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))


def wait_for_redis(url: str) -> Redis:
    """A connection to a Redis that answers; waits as long as it takes."""
    connection = Redis.from_url(url)
    told = False
    while True:
        try:
            connection.ping()
        except (RedisError, OSError):
            if not told:
                log.warning("Redis does not answer; waiting for it")
                told = True
            time.sleep(WAIT_FOR_REDIS_S)
        else:
            return connection


def run_worker(settings: Settings, kind: type[PatientWorker | IntakeWorker] = PatientWorker) -> None:
    """Work until told to stop (SIGTERM, SIGINT). A job that runs is finished first."""
    parts = build_parts(settings)
    _ = parts.classifier  # loaded here, once: a job is a fork of this process
    jobs.use(parts)
    while True:
        _stop_at_once()
        worker = kind(
            [queues.INTAKE] if kind is IntakeWorker else list(queues.OTHERS),
            connection=wait_for_redis(settings.redis),
            job_monitoring_interval=ALIVE_S,
            maintenance_interval=MAINTENANCE_S,
            worker_ttl=MAINTENANCE_S + 15,  # rq waits 15 s less than this for a job, then looks around
            log_job_description=False,
        )
        try:
            worker.work(with_scheduler=True, logging_level="WARNING")
        except (RedisError, OSError):
            log.warning("Redis went away; starting anew")
        if worker.told_to_stop:
            return


def run_clock(settings: Settings) -> None:
    """Enqueue what `routing.schedule` lists, when its time has come, until told to stop."""
    while True:
        _stop_at_once()
        clock = PatientClock(connection=wait_for_redis(settings.redis), logging_level="WARNING")
        schedule.register(clock, settings.sweep_s)
        try:
            clock.start()  # type: ignore[no-untyped-call]
        except (RedisError, OSError):
            log.warning("Redis went away; starting anew")
        except StopRequested:  # told to stop while rq was registering the clock
            return
        else:
            return


RUNS: dict[tuple[str, ...], Callable[[Settings], None]] = {
    (): run_worker,
    ("--intake",): partial(run_worker, kind=IntakeWorker),
    ("--clock",): run_clock,
}


def main(arguments: list[str]) -> int:
    """Entry of the program; 2 and a clear line when the settings or the arguments are wrong."""
    run = RUNS.get(tuple(arguments))
    if run is None:
        print("usage: worker.py [--intake | --clock]", file=sys.stderr)
        return 2
    try:
        settings = load_settings()
        configure_logging(settings.log_level)
        run(settings)
    except (BadSettings, CityDataError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
