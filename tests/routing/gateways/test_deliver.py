"""A case goes to its agency's system once, whatever dies on the way, and what is said there comes back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import Engine

from models.base import utcnow
from models.cases import Case
from models.store.cases import CaseStore
from models.store.deliveries import DeliveryStore
from routing import jobs, queues
from routing.cases import act_on, open_case, status
from routing.city import City
from routing.gateways import Gateway, Handed, NotDelivered, Sent, deliver
from routing.gateways.returns import OVERLAP, poll
from routing.life import Act
from tests.routing.conftest import engine, parts, redis, store
from tests.routing.gateways.conftest import Agency
from tests.routing.test_cases import DRAFT
from tests.routing.test_jobs import work

__all__ = ["engine", "parts", "redis", "store"]


@dataclass
class Told:
    """A gateway that keeps what it is given."""

    way: str = "webhook"
    got: list[Handed] = field(default_factory=list)
    arrived: bool = False  # what a look for an earlier try finds
    error: NotDelivered | None = None

    def send(self, case: Handed) -> Sent:
        if self.error:
            raise self.error
        self.got.append(case)
        return Sent(remote_id=f"R-{case.ticket}")

    def find(self, case: Handed, since: dt.datetime) -> Sent | None:
        return Sent(remote_id="found") if self.arrived else None


def the_case(store: CaseStore, case_id: str) -> Case:
    case = store.get(case_id)
    assert case is not None
    return case


def delivered(case: Case) -> list[dict[str, object]]:
    return [event.details for event in case.events if event.kind == "delivered"]


# -- there: by the real jobs, on both databases


def test_a_job_gives_the_case_to_its_agencys_system_once(store: CaseStore, parts: jobs.Parts, redis: Redis) -> None:
    told = Told()
    jobs.use(replace(parts, gateways={"dishub": told}))
    case_id = open_case(store, parts.city, replace(DRAFT, disclosure="confidential"), utcnow()).case_id
    jobs.take_in(case_id)
    assert told.got == []  # a person looks first
    act_on(store, parts.city, case_id, Act("reviewed", "sari", "console"))
    parts.queues.enqueue_case(case_id)
    work(redis)
    for job in (jobs.take_in, jobs.hand_over):
        job(case_id)
    case = the_case(store, case_id)
    assert [one.ticket for one in told.got] == [case.ticket]
    assert delivered(case)[1:] == [{"agency": "dishub", "way": "webhook", "remote_id": f"R-{case.ticket}"}]
    assert "sealed" not in str(told.got)
    jobs.sweep()
    assert Queue(queues.AGENCY, connection=redis).count == 0


def test_a_case_that_changes_hands_goes_to_the_next_system_and_comes_back_anew(
    store: CaseStore, parts: jobs.Parts, redis: Redis
) -> None:
    first, second = Told(), Told()
    jobs.use(replace(parts, gateways={"dishub": first, "dlh": second}))
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    for agency in ("", "dlh", "dishub"):
        if agency:
            act_on(store, parts.city, case_id, Act("hand", "petugas", "console", agency=agency))
        jobs.take_in(case_id)
        work(redis)
    assert (len(first.got), len(second.got)) == (2, 1)
    assert len({one.event_id for one in first.got}) == 2, "a new giving is a new event over there"


def test_a_system_that_is_away_gets_it_later_and_one_that_refuses_leaves_it_to_a_person(
    store: CaseStore, parts: jobs.Parts, redis: Redis
) -> None:
    told = Told(error=NotDelivered("away"))
    jobs.use(replace(parts, gateways={"dishub": told}))
    case_id = open_case(store, parts.city, DRAFT, utcnow()).case_id
    jobs.take_in(case_id)
    work(redis)
    case = the_case(store, case_id)
    assert (case.delivered_at, case.review) == (None, None)
    job = Queue(queues.AGENCY, connection=redis).fetch_job(f"hand_over-{case_id}")
    assert job is not None
    assert job.retries_left == len(queues.AGENCY_RETRY_AFTER_S) - 1
    told.error = NotDelivered("sistem instansi menjawab 403", final=True)
    jobs.hand_over(case_id)
    case = the_case(store, case_id)
    assert (case.review, case.events[-1].reason) == (jobs.JOB_FAILED, "sistem instansi menjawab 403")
    act_on(store, parts.city, case_id, Act("reviewed", "petugas", "console"))
    told.error = None
    jobs.hand_over(case_id)
    assert len(delivered(the_case(store, case_id))) == 1


@pytest.mark.parametrize("arrived", [True, False])
def test_after_a_death_on_the_way_the_other_system_is_asked_first(sqlite: Engine, city: City, arrived: bool) -> None:
    store, deliveries, told = CaseStore(sqlite), DeliveryStore(sqlite), Told(arrived=arrived)
    case_id = open_case(store, city, DRAFT, utcnow()).case_id
    deliveries.begin(case_id, 1, "dishub", "webhook", utcnow())  # and then the worker died
    assert deliver(store, deliveries, {"dishub": told}, city, case_id, utcnow())
    assert len(told.got) == (0 if arrived else 1)
    assert not deliver(store, deliveries, {"dishub": told}, city, case_id, utcnow())


# -- and back: from a real Open311 server


@pytest.fixture
def given(agency: Agency, sqlite: Engine, city: City) -> tuple[CaseStore, DeliveryStore, Case, Case]:
    """Our case, and the same as the agency's system has it."""
    store, deliveries = CaseStore(sqlite), DeliveryStore(sqlite)
    opened = open_case(store, city, DRAFT, utcnow())
    assert deliver(store, deliveries, {"dishub": agency.gateway()}, city, opened.case_id, utcnow())
    (there,) = agency.cases.undelivered()
    return store, deliveries, the_case(store, opened.case_id), the_case(agency.cases, there)


def answer_there(agency: Agency, city: City, case: Case, *acts: tuple[str, str]) -> None:
    for verb, text in acts:
        act_on(agency.cases, city, case.id, Act(verb, "petugas", "console", text=text))


@pytest.mark.parametrize("without", ["", "servicerequestupdates"])
def test_what_the_agency_says_is_what_the_citizen_hears(
    agency: Agency, city: City, given: tuple[CaseStore, DeliveryStore, Case, Case], without: str
) -> None:
    """By the updates extension, and by plain GeoReport where there is none."""
    store, deliveries, ours, theirs = given
    agency.remote.without = without
    gateways: dict[str, Gateway] = {"dishub": agency.gateway()}
    answer_there(agency, city, theirs, ("start", ""))
    poll(store, deliveries, gateways, city, utcnow())
    assert the_case(store, ours.id).stage == ("pengerjaan" if not without else "pengaduan")
    answer_there(agency, city, theirs, ("solve", "Lampu sudah diganti."))
    for _ in range(2):
        poll(store, deliveries, gateways, city, utcnow())
    told = status(store, city, ours.ticket)
    assert told is not None
    assert told.stage == "selesai"
    assert told.said.endswith("Lampu sudah diganti.")
    keys = [event.key for event in the_case(store, ours.id).events]
    assert len(keys) == len(set(keys)) <= 5
    assert deliveries.out("dishub") == (), "nothing more is asked"


def test_a_system_that_does_not_answer_is_asked_again_from_where_it_was_left(
    agency: Agency, city: City, given: tuple[CaseStore, DeliveryStore, Case, Case]
) -> None:
    store, deliveries, _, theirs = given
    agency.remote.fails = 500
    assert poll(store, deliveries, {"dishub": agency.gateway()}, city, utcnow()) == 0
    assert deliveries.out("dishub")[0].polled_at is None
    agency.remote.fails = 0
    answer_there(agency, city, theirs, ("answer", "Kami datang besok."))
    assert poll(store, deliveries, {"dishub": agency.gateway()}, city, utcnow() + OVERLAP / 2) == 1
    assert deliveries.out("dishub")[0].polled_at is not None


def test_a_token_becomes_a_number_later(
    agency: Agency, city: City, given: tuple[CaseStore, DeliveryStore, Case, Case]
) -> None:
    store, deliveries, _, theirs = given
    (row,) = deliveries.out("dishub")
    deliveries.sent(row.id, "", theirs.ticket, utcnow())  # as if it had given a token
    poll(store, deliveries, {"dishub": agency.gateway()}, city, utcnow())
    assert deliveries.out("dishub")[0].remote_id == theirs.ticket


def test_who_no_longer_has_the_case_does_not_answer_for_it(
    agency: Agency, city: City, given: tuple[CaseStore, DeliveryStore, Case, Case]
) -> None:
    store, deliveries, ours, theirs = given
    act_on(store, city, ours.id, Act("hand", "petugas", "console", agency="dlh"))
    answer_there(agency, city, theirs, ("solve", "Sudah."))
    assert poll(store, deliveries, {"dishub": agency.gateway()}, city, utcnow()) == 0
    assert the_case(store, ours.id).stage == "pengaduan"
