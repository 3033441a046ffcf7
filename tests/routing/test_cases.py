from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import pytest

from models.store.cases import CaseStore, Change
from routing.cases import LONGEST_REPORT, CaseDraft, CaseStatus, act_on, open_case, status, statuses_of
from routing.city import City
from routing.life import Act, NotAllowed
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


# -- what becomes of it


def closed_by(store: CaseStore, city: City, case_id: str, verb: str, key: str = "k", **fields: str) -> bool:
    return act_on(store, city, case_id, Act(verb, "account", "console", key=key, **fields), NOW)  # type: ignore[arg-type]


def test_an_act_is_done_once_and_a_second_like_it_is_refused(store: CaseStore, city: City) -> None:
    case_id = open_case(store, city, DRAFT, NOW).case_id
    assert closed_by(store, city, case_id, "solve", text="Sudah diganti")
    assert not closed_by(store, city, case_id, "solve", text="Sudah diganti")
    with pytest.raises(NotAllowed):
        closed_by(store, city, case_id, "solve", key="another", text="Sudah diganti")
    case = store.get(case_id)
    assert case is not None
    assert [event.kind for event in case.events] == ["opened", "stage"]


def test_a_caller_hears_what_the_officer_said(store: CaseStore, city: City) -> None:
    opened = open_case(store, city, DRAFT, NOW)
    closed_by(store, city, opened.case_id, "answer", text="Besok kami datang")
    found = status(store, city, opened.ticket, now=NOW)
    assert found is not None
    assert (found.said, found.stage) == ("Besok kami datang", "pengaduan")


def test_a_confidential_answer_is_for_the_reporter_alone(store: CaseStore, city: City) -> None:
    opened = open_case(store, city, replace(DRAFT, disclosure="confidential"), NOW)
    closed_by(store, city, opened.case_id, "answer", text="Sedang kami periksa")
    stranger = status(store, city, opened.ticket, "stranger", NOW)
    reporter = status(store, city, opened.ticket, "caller", NOW)
    assert stranger is not None and reporter is not None
    assert (stranger.said, reporter.said) == ("", "Sedang kami periksa")


def test_an_anonymous_report_keeps_no_number(store: CaseStore, city: City) -> None:
    draft = replace(DRAFT, disclosure="anonymous", reporter_sealed="sealed", reporter_lookup="caller")
    case = store.get(open_case(store, city, draft, NOW).case_id)
    assert case is not None
    assert (case.reporter_sealed, case.reporter_lookup, case.notify) == (None, None, "none")


@pytest.mark.parametrize("channel", ["twilio", "browser", "open311", "walk-in", "whatsapp", "social"])
def test_a_case_from_any_channel_has_a_number_that_the_telephone_knows(
    store: CaseStore, city: City, channel: str
) -> None:
    opened = open_case(store, city, replace(DRAFT, origin=f"{channel}:1", channel=channel, call_id=None), NOW)
    found = status(store, city, opened.ticket, "lookup", NOW)
    case = store.by_ticket(opened.ticket)
    assert found and case and valid(opened.ticket)
    assert (found.stage, found.category_name, case.channel) == ("pengaduan", opened.category_name, channel)


def _of(number: int) -> CaseDraft:
    """A report of the reporter who has this number."""
    return replace(DRAFT, origin=f"o:{number}", reporter_sealed=f"sealed {number}", reporter_lookup=f"lookup {number}")


def test_a_reporter_of_both_is_told_once(store: CaseStore, city: City) -> None:
    first, second = (open_case(store, city, replace(_of(1), origin=f"o:{n}"), NOW) for n in range(2))
    assert closed_by(store, city, second.case_id, "merge", other=first.case_id)
    assert store.followers(first.case_id) == ()


def test_a_merged_case_keeps_its_number_and_shares_the_others_fate(store: CaseStore, city: City) -> None:
    first, second, third = (open_case(store, city, _of(n), NOW) for n in range(3))
    assert closed_by(store, city, second.case_id, "merge", other=first.case_id)
    assert closed_by(store, city, third.case_id, "merge", other=second.case_id)  # goes on to the first
    closed_by(store, city, first.case_id, "solve", text="Semua lampu sudah diganti")
    for merged in (second, third):
        found = status(store, city, merged.ticket, now=NOW)
        assert found is not None
        assert (found.ticket, found.stage, found.said) == (merged.ticket, "selesai", "Semua lampu sudah diganti")
    assert [f.follower_sealed for f in store.followers(first.case_id)] == ["sealed 1", "sealed 2"]


def test_cases_are_not_merged_in_a_circle_or_into_a_closed_one(store: CaseStore, city: City) -> None:
    first, second = (open_case(store, city, replace(DRAFT, origin=f"o:{n}"), NOW) for n in range(2))
    closed_by(store, city, second.case_id, "merge", other=first.case_id)
    with pytest.raises(NotAllowed):
        closed_by(store, city, first.case_id, "merge", other=second.case_id)
    closed = open_case(store, city, replace(DRAFT, origin="o:closed"), NOW)
    closed_by(store, city, closed.case_id, "reject", text="Bukan di kota ini")
    for other in (closed.case_id, "none"):
        with pytest.raises(NotAllowed):
            closed_by(store, city, first.case_id, "merge", other=other)


def test_unit_clock_and_wishes_are_decided_when_a_case_is_opened(store: CaseStore, city: City) -> None:
    draft = replace(DRAFT, disabled=True, notify="whatsapp")
    case = store.get(open_case(store, city, draft, NOW).case_id)
    assert case is not None
    assert (case.unit_code, case.disabled, case.notify) == ("dishub-pju", True, "whatsapp")
    assert case.answer_due_on <= case.due_on


def test_a_hundred_thousand_letters_are_kept_and_the_case_stays_readable(store: CaseStore, city: City) -> None:
    long = "lampu mati " * 10_000
    case = store.get(open_case(store, city, replace(DRAFT, description=long), NOW).case_id)
    assert case is not None
    assert len(case.description) == LONGEST_REPORT
    assert case.events[-1].details["description"] == long


def test_no_such_ticket_is_none(store: CaseStore, city: City) -> None:
    assert status(store, city, "12345678") is None


def test_three_newest_open_cases_of_a_number(store: CaseStore, city: City) -> None:
    tickets = [
        open_case(store, city, replace(DRAFT, origin=f"call:{n}"), NOW + dt.timedelta(hours=n)).ticket for n in range(4)
    ]
    assert [s.ticket for s in statuses_of(store, city, "caller", NOW)] == tickets[:0:-1]
    assert statuses_of(store, city, "nobody", NOW) == ()


@pytest.mark.parametrize("disclosure", ["confidential", "anonymous"])
def test_a_person_reads_a_confidential_report_before_an_agency_does(
    store: CaseStore, city: City, disclosure: str
) -> None:
    opened = open_case(store, city, replace(DRAFT, disclosure=disclosure), NOW)
    case = store.get(opened.case_id)
    assert case and (case.review, case.agency_code, opened.agency_spoken) == ("rahasia", city.control_room, "")
    assert act_on(store, city, case.id, Act("correct", "sari", "console", text="Lampu mati."), NOW)
    assert act_on(store, city, case.id, Act("reviewed", "sari", "console"), NOW)
    case = store.get(opened.case_id)
    assert case and (case.review, case.agency_code, case.description) == (None, "dishub", "Lampu mati.")
