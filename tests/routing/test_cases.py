from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import pytest

from models.store.cases import CaseStore, Change
from routing.cases import CaseDraft, CaseStatus, open_case, status, statuses_of
from routing.city import City
from routing.tickets import valid

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)
DRAFT = CaseDraft(
    origin="call:1",
    channel="twilio",
    call_id=None,
    category="pju",
    category_by="caller",
    area="36.71.01.1005",
    landmark="depan masjid",
    description="lampu jalan mati",
    review=None,
    reporter_sealed="sealed",
    reporter_lookup="caller",
)


def test_agency_and_day_are_decided_at_once(store: CaseStore, city: City) -> None:
    opened = open_case(store, city, DRAFT, NOW)
    assert valid(opened.ticket)
    assert opened.agency_spoken == "Dinas Perhubungan"
    assert opened.category_name == "Lampu jalan"
    assert opened.due_on == dt.date(2026, 11, 26)
    case = store.get(opened.case_id)
    assert case is not None
    assert (case.severity, case.agency_code, case.area_code) == ("ringan", "dishub", "36.71.01.1005")
    assert case.events[0].details == {"category": "pju", "agency": "dishub", "due_on": "2026-11-26"}


def test_what_needs_a_person_waits_in_the_control_room(store: CaseStore, city: City) -> None:
    opened = open_case(store, city, replace(DRAFT, review="belum jelas"), NOW)
    case = store.get(opened.case_id)
    assert case is not None
    assert (opened.agency_spoken, case.agency_code, case.review) == ("", "upt-prk", "belum jelas")


@pytest.mark.parametrize("category", ["", "no such category"])
def test_an_unknown_category_is_the_one_for_what_fits_nowhere(store: CaseStore, city: City, category: str) -> None:
    opened = open_case(store, city, replace(DRAFT, category=category), NOW)
    assert opened.category_name == "Lain-lain"


def test_an_unknown_area_is_left_open(store: CaseStore, city: City) -> None:
    case = store.get(open_case(store, city, replace(DRAFT, area="99.99"), NOW).case_id)
    assert case is not None
    assert case.area_code is None


def test_opening_twice_is_one_case_and_says_nothing_new(store: CaseStore, city: City) -> None:
    first, again = (open_case(store, city, DRAFT, NOW + dt.timedelta(days=n)) for n in range(2))
    assert first == again
    case = store.get(first.case_id)
    assert case is not None
    assert len(case.events) == 1


def test_words_that_come_with_a_second_opening_are_kept_once(store: CaseStore, city: City) -> None:
    first = open_case(store, city, replace(DRAFT, description="lampu", landmark=""), NOW)
    for _ in range(2):
        open_case(store, city, DRAFT, NOW)
    case = store.get(first.case_id)
    assert case is not None
    notes = [e.details for e in case.events if e.kind == "note"]
    assert notes == [{"description": "lampu jalan mati", "landmark": "depan masjid"}]


def test_a_status_says_nothing_personal(store: CaseStore, city: City) -> None:
    ticket = open_case(store, city, DRAFT, NOW).ticket
    found = status(store, city, ticket, "caller", NOW)
    assert found == CaseStatus(
        ticket,
        "pengaduan",
        dt.date(2026, 11, 23),
        dt.date(2026, 11, 26),
        "Lampu jalan",
        "Dinas Perhubungan",
        mine=True,
        overdue=False,
    )
    told = " ".join(str(getattr(found, f.name)) for f in fields(CaseStatus))
    assert "sealed" not in told
    assert "masjid" not in told


def test_only_the_reporters_number_makes_it_theirs(store: CaseStore, city: City) -> None:
    ticket = open_case(store, city, DRAFT, NOW).ticket
    for asking in (None, "", "somebody else"):
        found = status(store, city, ticket, asking, NOW)
        assert found is not None
        assert not found.mine
    nameless = open_case(store, city, replace(DRAFT, origin="call:2", reporter_lookup=None), NOW).ticket
    found = status(store, city, nameless, None, NOW)
    assert found is not None
    assert not found.mine


def test_a_case_is_overdue_the_day_after_its_day_until_it_is_done(store: CaseStore, city: City) -> None:
    opened = open_case(store, city, DRAFT, NOW)

    def overdue(day: int) -> bool:
        found = status(store, city, opened.ticket, now=NOW.replace(day=day))
        assert found is not None
        return found.overdue

    assert (overdue(26), overdue(27)) == (False, True)
    store.write(opened.case_id, Change("stage", "done", "account", "console", values={"stage": "selesai"}))
    assert not overdue(27)


def test_no_such_ticket_is_none(store: CaseStore, city: City) -> None:
    assert status(store, city, "12345678") is None


def test_three_newest_open_cases_of_a_number(store: CaseStore, city: City) -> None:
    tickets = [
        open_case(store, city, replace(DRAFT, origin=f"call:{n}"), NOW + dt.timedelta(hours=n)).ticket for n in range(4)
    ]
    assert [s.ticket for s in statuses_of(store, city, "caller", NOW)] == tickets[:0:-1]
    assert statuses_of(store, city, "nobody", NOW) == ()
