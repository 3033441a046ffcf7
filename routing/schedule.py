"""What happens by the clock (`worker.py --clock`)."""

from __future__ import annotations

from rq.cron import CronScheduler

from routing import jobs
from routing.queues import AGENCY, SWEEP

EVERY_S = 60
CLOCKS_S = 600  # a digest is out ten minutes after the offices open, at the latest
UPKEEP_S = 6 * 3600  # what is due once a day or a month is there on its day, and harmless when it runs again
AGENCIES_S = 300  # an answer of an agency's system is with the citizen after five minutes


def register(clock: CronScheduler, every_s: int = EVERY_S) -> None:
    """Give the clock all that it has to start.

    An interval, not a crontab line: it runs at once when the clock starts, so that a restart repairs without a
    wait. A sweep that nobody took in its time is dropped: the next one does the same.
    """
    clock.register(jobs.sweep, queue_name=SWEEP, interval=every_s, ttl=max(every_s, 10), result_ttl=0, failure_ttl=3600)
    clock.register(jobs.mind_clocks, queue_name=SWEEP, interval=CLOCKS_S, ttl=CLOCKS_S, result_ttl=0, failure_ttl=3600)
    clock.register(
        jobs.ask_agencies, queue_name=AGENCY, interval=AGENCIES_S, ttl=AGENCIES_S, result_ttl=0, failure_ttl=3600
    )
    for job in (jobs.keep_time, jobs.write_tables):
        clock.register(job, queue_name=SWEEP, interval=UPKEEP_S, ttl=UPKEEP_S, result_ttl=0, failure_ttl=UPKEEP_S)
