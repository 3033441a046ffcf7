from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from threading import Lock

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.cases import Case
from models.db import connect
from models.migrations import upgrade
from models.notices import Notice
from models.store.cases import CaseStore, Change, NewCase, NewNotice, NoSuchCase, NoTicketFree
from routing.city import City, store_city

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


@pytest.fixture
def engine(database_url: str, city: City) -> Iterator[Engine]:
    engine = connect(database_url)
    upgrade(engine)
    store_city(engine, city)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine)


def new_case(origin: str = "call-1:1", ticket: str = "10000001", **changes: object) -> NewCase:
    case = NewCase(
        origin=origin,
        channel="twilio",
        draw_ticket=lambda: ticket,
        category_code="jalan",
        category_by="caller",
        severity="sedang",
        agency_code="pupr",
        due_on=dt.date(2026, 12, 1),
        description="jalan berlubang",
        reporter_lookup="caller",
        opened_at=NOW,
    )
    return replace(case, **changes)  # type: ignore[arg-type]


def to_stage(stage: str, key: str, at: dt.datetime) -> Change:
    return Change("stage", key, "account", "console", values={"stage": stage, "stage_since": at}, at=at)


def test_opening_writes_the_case_with_its_first_event(store: CaseStore) -> None:
    case = store.open(new_case())
    assert (case.ticket, case.stage, case.agency_code) == ("10000001", "pengaduan", "pupr")
    kept = store.by_ticket("10000001")
    assert kept is not None
    assert kept.id == case.id
    assert [(e.number, e.kind) for e in kept.events] == [(1, "opened")]


def test_opening_an_origin_again_gives_the_first_case(store: CaseStore) -> None:
    first = store.open(new_case())
    again = store.open(new_case(ticket="10000002", description="other words"))
    assert (again.id, again.ticket, again.description) == (first.id, first.ticket, "jalan berlubang")


def test_many_at_once_open_one_case_of_one_origin(store: CaseStore) -> None:
    tickets, lock = count(20_000_000), Lock()

    def draw() -> str:
        with lock:
            return str(next(tickets))

    with ThreadPoolExecutor(8) as pool:
        cases = list(pool.map(lambda _: store.open(new_case(draw_ticket=draw)), range(24)))
    assert len({case.id for case in cases}) == 1
    assert len(store.undelivered()) == 1
    assert len(cases[0].events) == 1


def test_many_at_once_that_draw_the_same_numbers_all_get_their_own(store: CaseStore) -> None:
    def open_one(n: int) -> Case:
        draws = count(30_000_000)  # everybody draws the same numbers in the same order
        return store.open(new_case(origin=f"call:{n}", draw_ticket=lambda: str(next(draws))))

    with ThreadPoolExecutor(8) as pool:
        cases = list(pool.map(open_one, range(12)))
    assert len({case.ticket for case in cases}) == 12


def test_a_drawing_that_always_collides_is_told(store: CaseStore) -> None:
    store.open(new_case())
    with pytest.raises(NoTicketFree):
        store.open(new_case(origin="call-2:1"))


def test_a_category_that_the_store_lacks_is_an_error_and_leaves_nothing(store: CaseStore) -> None:
    with pytest.raises(IntegrityError):
        store.open(new_case(category_code="no such category"))
    assert store.undelivered() == ()


def test_an_event_is_written_once_per_key(store: CaseStore) -> None:
    case = store.open(new_case())
    assert store.write(case.id, Change("note", "note:1", "machine", "worker", details={"a": 1}))
    assert not store.write(case.id, Change("note", "note:1", "machine", "worker", details={"a": 2}))
    kept = store.get(case.id)
    assert kept is not None
    assert [(e.number, e.key, e.details) for e in kept.events][1:] == [(2, "note:1", {"a": 1})]


def test_a_stage_moves_with_its_event_or_not_at_all(store: CaseStore) -> None:
    case = store.open(new_case())
    later = NOW + dt.timedelta(days=1)
    assert store.write(case.id, to_stage("proses", "stage:proses", later))
    assert not store.write(case.id, to_stage("selesai", "stage:proses", later))
    kept = store.get(case.id)
    assert kept is not None
    assert (kept.stage, kept.stage_since, kept.changed_at) == ("proses", later, later)
    assert [event.at for event in kept.events] == [NOW, later]


def test_a_decision_sees_the_case_as_it_is_and_may_refuse(store: CaseStore) -> None:
    case = store.open(new_case())
    store.write(case.id, to_stage("selesai", "done", NOW))
    seen = []

    def refuse(case: Case) -> Change | None:
        seen.append(case.stage)
        raise ValueError("closed")

    with pytest.raises(ValueError, match="closed"):
        store.decide(case.id, refuse)
    assert not store.decide(case.id, lambda case: None)
    kept = store.get(case.id)
    assert kept is not None
    assert seen == ["selesai"]
    assert [event.kind for event in kept.events] == ["opened", "stage"]


def test_a_notice_is_written_with_its_event_and_once(store: CaseStore, engine: Engine) -> None:
    case = store.open(new_case())
    notice = NewNotice("closed:1", "closed", "sms", "sealed", "Laporan Bapak Ibu selesai.")
    for key in ("a", "a", "b"):
        store.write(case.id, replace(to_stage("selesai", key, NOW), notices=(notice,)))
    with Session(engine) as session:
        kept = session.scalars(select(Notice)).all()
        assert [(n.case_id, n.state, n.text) for n in kept] == [(case.id, "waiting", "Laporan Bapak Ibu selesai.")]


def test_events_of_many_at_once_are_numbered_without_a_gap(store: CaseStore) -> None:
    case = store.open(new_case())
    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda n: store.write(case.id, Change("note", f"n:{n % 8}", "x", "worker")), range(16)))
    kept = store.get(case.id)
    assert kept is not None
    assert sum(written) == 8
    assert [e.number for e in kept.events] == list(range(1, 10))


def test_an_event_of_no_case_is_an_error(store: CaseStore) -> None:
    with pytest.raises(NoSuchCase):
        store.write("none", Change("note", "k", "machine", "worker"))


def test_open_cases_of_a_caller_come_newest_first_and_closed_ones_not(store: CaseStore) -> None:
    for n in range(5):
        opened = NOW + dt.timedelta(hours=n)
        store.open(new_case(origin=f"c:{n}", ticket=f"4000000{n}", opened_at=opened))
    newest = store.by_ticket("40000004")
    assert newest is not None
    store.write(newest.id, to_stage("selesai", "s", NOW))
    store.open(new_case(origin="other", ticket="50000000", reporter_lookup="somebody else"))
    assert [c.ticket for c in store.open_cases_of("caller")] == ["40000003", "40000002", "40000001"]


def test_what_is_not_delivered_is_found_oldest_first(store: CaseStore) -> None:
    cases = [
        store.open(new_case(origin=f"c:{n}", ticket=f"4000000{n}", opened_at=NOW - dt.timedelta(hours=n)))
        for n in range(5)
    ]
    store.write(cases[1].id, Change("delivered", "d", "machine", "worker", values={"delivered_at": NOW}))
    store.write(cases[3].id, to_stage("selesai", "s", NOW))
    store.write(cases[4].id, Change("failed", "f", "machine", "worker", values={"review": "gagal"}))
    assert store.undelivered("gagal") == (cases[2].id, cases[0].id)
    assert store.undelivered("gagal", opened_before=NOW) == (cases[2].id,)
    assert store.undelivered()[0] == cases[4].id


def test_cases_in_need_come_in_pages_and_only_open_ones(store: CaseStore) -> None:
    day = dt.date(2026, 12, 1)
    for n, (due, answer) in enumerate([(0, 0), (1, 0), (9, 1), (9, 9), (0, 0), (9, 9)]):
        due_on, answer_due_on = day + dt.timedelta(days=due), day + dt.timedelta(days=answer)
        store.open(new_case(origin=f"c:{n}", ticket=f"5000000{n}", due_on=due_on, answer_due_on=answer_due_on))
    ids = {case.ticket: case.id for n in range(6) if (case := store.by_ticket(f"5000000{n}"))}
    store.write(ids["50000004"], to_stage("selesai", "s", NOW))
    store.write(ids["50000005"], Change("stage", "ask", "a", "console", values={"paused_on": day}))
    found: list[str] = []
    while page := store.in_need(day + dt.timedelta(days=1), found[-1] if found else "", limit=2):
        found += [case.id for case in page]
    assert found == sorted(ids[f"5000000{n}"] for n in (0, 1, 2, 5))


def test_who_follows_a_case_follows_it_once(store: CaseStore) -> None:
    case = store.open(new_case())
    assert store.follow(case.id, "call-2:1", "sealed", "lookup", "sms")
    assert not store.follow(case.id, "call-2:1", "sealed", "lookup", "sms")
    assert [(f.origin, f.notify) for f in store.followers(case.id)] == [("call-2:1", "sms")]
    with pytest.raises(NoSuchCase):
        store.follow("none", "call-2:1", None, None, "none")
