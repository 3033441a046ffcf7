"""What happens by the clock; read by rq's cron scheduler (`worker.py --clock`)."""

from rq import cron

from routing import jobs
from routing.queues import SWEEP

EVERY_S = 60

# An interval, not a crontab line: it runs at once when the clock starts, so that a restart repairs without a wait.
# A sweep that nobody took within the minute is dropped: the next one does the same.
cron.register(jobs.sweep, queue_name=SWEEP, interval=EVERY_S, ttl=EVERY_S, result_ttl=0, failure_ttl=3600)
