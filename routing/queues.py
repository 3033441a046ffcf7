"""The queues: they carry ids only, and may be lost whole. Whoever enqueues never waits for them.

The database is written first; when Redis is away, `enqueue_...` says False and the sweep finds the work later.
"""

from __future__ import annotations

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry as RedisRetry
from rq import Callback, Queue, Retry
from rq.exceptions import DuplicateJobError
from rq.job import JobStatus

INTAKE = "intake"  # a new case: classify, assign, deliver
NOTIFY = "notify"  # citizens and officials are told
REPAIR = "repair"  # calls that lost their line, recordings that a provider still holds
SWEEP = "sweep"  # by the clock: what has no job gets one; what gets late is told
AGENCY = "agency"  # agencies' own systems get their cases, and are asked for news; they may be slow
# In the order in which a worker takes from them; new cases have workers of their own.
OTHERS = (NOTIFY, REPAIR, SWEEP, AGENCY)
ALL = (INTAKE, *OTHERS)

# A caller waits while a case is enqueued: a dead socket refuses at once, a hung server costs this much (seconds).
CONNECT_TIMEOUT_S = 0.2
ANSWER_TIMEOUT_S = 0.3
JOB_TIMEOUT_S = 120
RETRY_AFTER_S = [2, 10, 30, 120, 300]
AGENCY_RETRY_AFTER_S = [
    10,
    60,
    300,
    1800,
    7200,
    21600,
]  # a system that is away over night gets its cases in the morning
FAILED_KEPT_S = 3600  # a job that gave up stays visible so long, and is not tried anew meanwhile


class Queues:
    """Puts jobs on the queues. No method raises, none blocks longer than about half a second.

    All return whether Redis has the job (now, or from before: job ids are unique).
    """

    def __init__(self, redis_url: str) -> None:
        self._redis = Redis.from_url(
            redis_url,
            socket_connect_timeout=CONNECT_TIMEOUT_S,
            socket_timeout=ANSWER_TIMEOUT_S,
            retry=RedisRetry(NoBackoff(), 0),
        )

    def enqueue_case(self, case_id: str) -> bool:
        """A new case, or one that changed hands: classify it, assign it, deliver it."""
        return self._enqueue(INTAKE, "take_in", case_id)

    def enqueue_hand_over(self, case_id: str) -> bool:
        """A case whose agency has a system of its own."""
        return self._enqueue(AGENCY, "hand_over", case_id, AGENCY_RETRY_AFTER_S)

    def enqueue_notice(self, notice_id: str) -> bool:
        """What a citizen or an official is to be told."""
        return self._enqueue(NOTIFY, "send_notice", notice_id)

    def enqueue_call_repair(self, call_id: str) -> bool:
        """A call that lost its line: what was said becomes a case for review."""
        return self._enqueue(REPAIR, "repair_call", call_id)

    def enqueue_recording_fetch(self, recording_id: str) -> bool:
        """A recording that a provider still holds."""
        return self._enqueue(REPAIR, "fetch_recording", recording_id)

    def _enqueue(self, name: str, job: str, identifier: str, again_s: list[int] = RETRY_AFTER_S) -> bool:
        try:
            queue = Queue(name, connection=self._redis)
            try:
                queue.enqueue_call(
                    f"routing.jobs.{job}",
                    args=(identifier,),
                    job_id=f"{job}-{identifier}",
                    unique=True,
                    description=job,
                    timeout=JOB_TIMEOUT_S,
                    result_ttl=0,
                    failure_ttl=FAILED_KEPT_S,
                    retry=Retry(max=len(again_s), interval=again_s),
                    on_failure=Callback("routing.jobs.note_failure"),
                )
            except DuplicateJobError:
                _put_back(queue, f"{job}-{identifier}")
        except (RedisError, OSError):
            return False
        return True


def _put_back(queue: Queue, job_id: str) -> None:
    """Give a job its place again that says "queued" and stands in no queue.

    A worker that was killed between taking and starting it left it so, and as nobody else may have its id, its
    case would wait for ever. If a worker is just about to start it, it runs twice, which is harmless.
    """
    job = queue.fetch_job(job_id)
    if job and job.get_status(refresh=False) == JobStatus.QUEUED and queue.get_job_position(job_id) is None:
        queue.push_job_id(job_id)
