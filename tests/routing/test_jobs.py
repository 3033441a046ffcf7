"""Jobs on real stores and a real Redis: twice is harmless, what Redis loses is found again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from redis import Redis
from rq import Queue, SimpleWorker
from rq.job import Job
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.base import utcnow
from models.calls import Call, Recording, Turn
from models.cases import Case
from models.store.cases import CaseStore
from routing import jobs, queues
from routing.broken import LOST_CALL
from routing.cases import open_case
from routing.city import City
from tests.routing.test_cases import DRAFT

OTHER = replace(DRAFT, category="lain", category_by="machine", description="aspal jalan berlubang di depan rumah")


def work(redis: Redis, *names: str) -> None:
    """Run everything that is queued, and what that enqueues."""
    SimpleWorker(list(names or queues.ALL), connection=redis).work(burst=True, logging_level="ERROR")


def the_case(store: CaseStore, case_id: str) -> Case:
    case = store.get(case_id)
    assert case is not None
    return case


def kinds(case: Case) -> list[str]:
    return [event.kind for event in case.events]


def a_call(engine: Engine, state: dict[str, Any], **values: Any) -> str:
    old = utcnow() - dt.timedelta(minutes=10)
    call = Call(channel="twilio", provider_id=values.pop("provider_id", "CA1"), state=state, heard_at=old, **values)
    with Session(engine) as session, session.begin():
        session.add(call)
        session.flush()
        return call.id


def cases_of(engine: Engine, call_id: str) -> list[Case]:
    with Session(engine, expire_on_commit=False) as session:
        return list(session.scalars(select(Case).where(Case.call_id == call_id)))


SAID = {
    "step": "category-confirm",
    "report": 1,
    "said": ["lampu jalan mati", "di cikokol"],
    "opened": [],
    "recorded": True,
}


# -- a case on its way


def test_a_new_case_is_classified_assigned_and_delivered(store: CaseStore, parts: jobs.Parts, redis: Redis) -> None:
    opened = open_case(store, parts.city, DRAFT, utcnow())
    assert parts.queues.enqueue_case(opened.case_id)
    work(redis)
    case = the_case(store, opened.case_id)
    assert kinds(case) == ["opened", "classified", "assigned", "delivered"]
    assert (case.category_code, case.agency_code) == ("pju", "dishub")


@pytest.mark.parametrize("job", [jobs.classify_case, jobs.assign_case, jobs.deliver_case])
def test_every_job_of_a_case_may_run_twice(store: CaseStore, parts: jobs.Parts, job: Callable[[str], None]) -> None:
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    job(case_id)
    once = the_case(store, case_id)
    job(case_id)
    assert kinds(the_case(store, case_id)) == kinds(once)


@pytest.mark.parametrize("job", [jobs.classify_case, jobs.assign_case, jobs.deliver_case])
def test_a_job_of_a_case_that_is_not_there_ends_quietly(parts: jobs.Parts, job: Callable[[str], None]) -> None:
    job("0" * 32)


def test_a_category_that_nobody_chose_is_found_in_the_words(store: CaseStore, parts: jobs.Parts) -> None:
    case_id = open_case(store, parts.city, OTHER, utcnow()).case_id
    jobs.classify_case(case_id)
    jobs.assign_case(case_id)
    case = the_case(store, case_id)
    assert (case.category_code, case.category_by, case.agency_code) == ("jalan", "machine", "pupr")


def test_a_category_that_the_caller_chose_stays(store: CaseStore, parts: jobs.Parts) -> None:
    case_id = open_case(store, parts.city, replace(OTHER, category_by="caller"), utcnow()).case_id
    jobs.classify_case(case_id)
    case = the_case(store, case_id)
    assert case.category_code == "lain"
    assert case.events[-1].details["proposals"][0]["category"] == "jalan"


def test_what_a_person_must_see_first_goes_to_the_control_room(
    store: CaseStore, parts: jobs.Parts, redis: Redis
) -> None:
    case_id = open_case(store, parts.city, replace(OTHER, review="belum jelas"), utcnow()).case_id
    parts.queues.enqueue_case(case_id)
    work(redis)
    case = the_case(store, case_id)
    assert (case.agency_code, case.review) == ("upt-prk", "belum jelas")
    assert case.events[-1].key.endswith(":upt-prk")
    assert case.events[-1].kind == "delivered"


# -- Redis comes and goes


def test_a_case_enqueued_twice_has_one_job(store: CaseStore, parts: jobs.Parts, redis: Redis) -> None:
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    assert parts.queues.enqueue_case(case_id)
    assert parts.queues.enqueue_case(case_id)
    assert Queue(queues.INTAKE, connection=redis).count == 1


def test_jobs_carry_ids_only(store: CaseStore, parts: jobs.Parts, redis: Redis) -> None:
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    parts.queues.enqueue_case(case_id)
    job = Queue(queues.INTAKE, connection=redis).jobs[0]
    assert (job.args, job.kwargs) == ((case_id,), {})


@pytest.mark.parametrize("url", ["unix:///nowhere/redis.sock", "redis://127.0.0.1:1/0"])
def test_without_redis_enqueuing_says_no_and_raises_nothing(url: str) -> None:
    away = queues.Queues(url)
    assert not away.enqueue_case("a")
    assert not away.enqueue_call_repair("a")
    assert not away.enqueue_recording_fetch("a")


@pytest.mark.parametrize("done", [0, 1, 2])
def test_what_redis_lost_is_found_by_the_sweep(store: CaseStore, parts: jobs.Parts, redis: Redis, done: int) -> None:
    """However far a worker had come that died with it."""
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    parts.queues.enqueue_case(case_id)
    for step in (jobs.classify_case, jobs.assign_case)[:done]:
        step(case_id)
    redis.flushall()
    work(redis)
    assert "delivered" not in kinds(the_case(store, case_id))
    jobs.sweep()
    work(redis)
    jobs.sweep()
    work(redis)
    assert kinds(the_case(store, case_id)) == ["opened", "classified", "assigned", "delivered"]


def test_a_sweep_with_nothing_to_do_enqueues_nothing(store: CaseStore, parts: jobs.Parts, redis: Redis) -> None:
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    jobs.sweep()
    work(redis)
    jobs.sweep()
    assert sum(Queue(name, connection=redis).count for name in queues.ALL) == 0
    assert kinds(the_case(store, case_id)).count("delivered") == 1


def test_a_young_case_is_left_to_its_own_job(store: CaseStore, parts: jobs.Parts, redis: Redis) -> None:
    jobs.use(replace(parts, settle_s=60.0))
    open_case(store, parts.city, DRAFT, utcnow())
    jobs.sweep()
    assert Queue(queues.INTAKE, connection=redis).count == 0


# -- a job gives up


def failing(parts: jobs.Parts, case_id: str, retries_left: int, redis: Redis) -> None:
    job = Job.create("routing.jobs.take_in", args=(case_id,), connection=redis)
    job.retries_left = retries_left
    jobs.note_failure(job, redis, RuntimeError, RuntimeError(), None)


def test_a_case_whose_job_gave_up_shows_it_and_is_not_swept(store: CaseStore, parts: jobs.Parts, redis: Redis) -> None:
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    failing(parts, case_id, 1, redis)
    assert the_case(store, case_id).review is None
    for _ in range(2):
        failing(parts, case_id, 0, redis)
    case = the_case(store, case_id)
    assert case.review == jobs.JOB_FAILED
    assert kinds(case) == ["opened", "failed"]
    jobs.sweep()
    assert Queue(queues.INTAKE, connection=redis).count == 0


def test_a_worker_calls_the_mark_when_the_tries_run_out(
    store: CaseStore, parts: jobs.Parts, redis: Redis, contoh: City
) -> None:
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    jobs.use(replace(parts, city=replace(contoh, control_room="nobody", categories={})))  # whose agency is in no table
    with Session(parts.engine) as session, session.begin():
        session.get_one(Case, case_id).category_code = "lain"
    parts.queues.enqueue_case(case_id)
    job = Queue(queues.INTAKE, connection=redis).jobs[0]
    job.retries_left = 0
    job.save()
    work(redis)
    assert the_case(store, case_id).review == jobs.JOB_FAILED


# -- a line that broke


def test_words_of_a_broken_call_become_one_case_for_review(engine: Engine, parts: jobs.Parts, redis: Redis) -> None:
    call_id = a_call(engine, SAID, caller_sealed="sealed", caller_lookup="caller")
    for _ in range(2):
        jobs.sweep()
        work(redis)
    (case,) = cases_of(engine, call_id)
    assert (case.origin, case.review) == (f"{call_id}:1", LOST_CALL)
    assert case.description == "lampu jalan mati. di cikokol"
    assert (case.reporter_sealed, case.reporter_lookup) == ("sealed", "caller")
    with Session(engine) as session:
        call = session.get_one(Call, call_id)
        assert call.end_reason == "lost"
        assert call.repaired_at is not None


def test_a_report_that_has_its_case_is_not_doubled(engine: Engine, store: CaseStore, parts: jobs.Parts) -> None:
    call_id = a_call(engine, {**SAID, "opened": [1]})
    open_case(store, parts.city, replace(DRAFT, origin=f"{call_id}:1", call_id=call_id), utcnow())
    jobs.repair_call(call_id)
    assert len(cases_of(engine, call_id)) == 1


def test_a_case_written_before_the_state_was_is_not_doubled(
    engine: Engine, store: CaseStore, parts: jobs.Parts
) -> None:
    call_id = a_call(engine, SAID)
    origin = f"{call_id}:1"
    description = "lampu jalan mati. di cikokol"
    open_case(store, parts.city, replace(DRAFT, origin=origin, call_id=call_id, description=description), utcnow())
    jobs.repair_call(call_id)
    (case,) = cases_of(engine, call_id)
    assert case.review is None


def test_the_second_report_of_a_call_is_repaired_by_itself(engine: Engine, parts: jobs.Parts) -> None:
    call_id = a_call(engine, {**SAID, "report": 2, "opened": [1]})
    jobs.repair_call(call_id)
    assert [c.origin for c in cases_of(engine, call_id)] == [f"{call_id}:2"]


def test_a_call_that_is_alive_is_left_alone(engine: Engine, parts: jobs.Parts, redis: Redis) -> None:
    jobs.use(replace(parts, quiet_s=60.0))
    call_id = a_call(engine, SAID)
    with Session(engine) as session, session.begin():
        session.get_one(Call, call_id).heard_at = utcnow()  # it came back after the sweep had found it
    jobs.repair_call(call_id)
    assert cases_of(engine, call_id) == []
    with Session(engine) as session:
        assert session.get_one(Call, call_id).ended_at is None


@pytest.mark.parametrize(
    ("state", "sound", "cases"),
    [
        ({"step": "menu", "report": 1}, False, 0),  # nothing said
        ({"step": "menu", "report": 1}, True, 1),  # the words stand in the sound alone
        ({"step": "status", "report": 1}, True, 0),  # a number, no report
        ({"step": "report", "report": 1, "recorded": True}, False, 1),
        ({"step": "place", "report": 1, "category": "pju", "category_by": "caller"}, False, 1),  # chosen by keys
        ({}, False, 0),
    ],
)
def test_what_counts_as_said(engine: Engine, parts: jobs.Parts, state: dict[str, Any], sound: bool, cases: int) -> None:
    jobs.use(replace(parts, has_sound=lambda recording, after_ms: sound))
    call_id = a_call(engine, state)
    with Session(engine) as session, session.begin():
        session.add(Recording(call_id=call_id))
    jobs.repair_call(call_id)
    assert len(cases_of(engine, call_id)) == cases


def test_only_sound_that_no_turn_answered_is_asked_for(engine: Engine, parts: jobs.Parts) -> None:
    asked: list[int] = []

    def has_sound(recording: str, after_ms: int) -> bool:
        asked.append(after_ms)
        return False

    jobs.use(replace(parts, has_sound=has_sound))
    call_id = a_call(engine, {"step": "menu"})
    with Session(engine) as session, session.begin():
        recording = Recording(call_id=call_id)
        session.add(recording)
        session.flush()
        for number, end_ms in ((1, 900), (2, 4200), (3, None)):
            turn = Turn(call_id=call_id, number=number, step="menu", kind="speech", end_ms=end_ms)
            turn.recording_id = recording.id
            session.add(turn)
    jobs.repair_call(call_id)
    assert asked == [4200]


def test_a_hang_up_that_left_words_is_repaired_too_but_a_goodbye_is_not(
    engine: Engine, parts: jobs.Parts, redis: Redis
) -> None:
    hung_up = a_call(engine, SAID, provider_id="CA1", ended_at=utcnow(), end_reason="hang-up")
    goodbye = a_call(engine, SAID, provider_id="CA2", ended_at=utcnow(), end_reason="goodbye")
    jobs.sweep()
    work(redis)
    assert (len(cases_of(engine, hung_up)), len(cases_of(engine, goodbye))) == (1, 0)


# -- sound that a provider holds


def test_recordings_are_fetched_until_they_are_here(engine: Engine, parts: jobs.Parts, redis: Redis) -> None:
    fetched: list[str] = []
    jobs.use(replace(parts, fetch_recording=fetched.append))
    call_id = a_call(engine, {}, ended_at=utcnow(), end_reason="goodbye")
    with Session(engine) as session, session.begin():
        away = Recording(call_id=call_id, remote_url="https://provider/RE1")
        here = Recording(call_id=call_id, remote_url="https://provider/RE2", fetched_at=utcnow())
        session.add_all([away, here, Recording(call_id=call_id)])
        session.flush()
        wanted = away.id
    jobs.sweep()
    work(redis)
    assert fetched == [wanted]
