"""Reminders before a promised day, escalation after it, one digest a person and day."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from models.base import utcnow
from models.cases import Case
from models.city import Agency
from models.notices import Notice
from models.store.cases import CaseStore
from routing import jobs
from routing.attention import LONGEST_DIGEST, concern, digest_text, digests, horizon, told
from routing.cases import act_on, open_case
from routing.city import City
from routing.life import Act
from tests.routing.test_cases import DRAFT

MONDAY = dt.date(2026, 11, 23)


def day(number: int) -> dt.date:
    """So many days from a Monday."""
    return MONDAY + dt.timedelta(days=number)


def a_case(**values: Any) -> Case:
    given: dict[str, Any] = {
        "id": "one",
        "ticket": "12345674",
        "category_code": "sampah",
        "area_code": "99.01.01.1001",
        "agency_code": "kebersihan",
        "unit_code": "hulu",
        "answered_at": utcnow(),
        "answer_due_on": day(0),
        "due_on": day(0),
        "disabled": False,
    }
    return Case(**(given | values))


# The invented city: remind 1 day before, unit +1, head +2, agency's head +3, control room +4; its holiday is day 2.
@pytest.mark.parametrize(
    ("due", "today", "rung", "late"),
    [
        (9, 0, None, 0),
        (1, 0, "remind", -1),
        (0, 0, "remind", 0),
        (0, 1, "unit", 1),
        (0, 2, "unit", 1),  # a holiday adds nothing
        (0, 3, "head", 2),
        (0, 4, "agency_head", 3),
        (0, 5, "agency_head", 3),  # Saturday
        (0, 7, "control_room", 4),
        (0, 70, "control_room", 46),  # ten weeks less four holidays
        (4, 6, "remind", 0),  # due on Friday, it is Sunday: no working day has passed
    ],
)
def test_the_later_the_higher(contoh: City, due: int, today: int, rung: str | None, late: int) -> None:
    found = concern(a_case(due_on=day(due)), day(today), contoh)
    assert (found.rung if found else None) == rung
    if found and late:
        assert abs(found.late) == abs(late)


def test_the_clock_that_is_further_behind_speaks(contoh: City) -> None:
    unanswered = concern(a_case(answered_at=None, answer_due_on=day(0), due_on=day(9)), day(1), contoh)
    assert unanswered is not None
    assert (unanswered.clock, unanswered.rung) == ("answer", "unit")
    assert concern(a_case(answer_due_on=day(0), due_on=day(9)), day(1), contoh) is None  # it was answered


def test_a_case_that_waits_for_the_citizen_is_not_late(contoh: City) -> None:
    case = a_case(paused_on=day(-7), due_on=day(-5))
    assert concern(case, day(0), contoh) is None
    long = concern(case, day(14), contoh)
    assert long is not None
    assert (long.clock, long.rung) == ("citizen", "unit")


def test_who_was_told_goes_on_being_told(contoh: City) -> None:
    late = concern(a_case(), day(7), contoh)
    assert late is not None
    assert [official.email for official in told(late, contoh)] == [
        "tim@hulu.invalid",
        "kepala@hulu.invalid",
        "kepala@kebersihan.invalid",
        "piket@kendali.invalid",
    ]


def test_everybody_gets_one_letter_with_the_latest_first(contoh: City) -> None:
    cases = [a_case(id=str(n), ticket=f"1234567{n}", due_on=day(-7 * n)) for n in range(4)]
    found = [one for case in cases if (one := concern(case, day(0), contoh))]
    letters = digests(found, contoh)
    assert [one.case.ticket for one in letters["tim@hulu.invalid"]] == [f"1234567{n}" for n in (3, 2, 1, 0)]
    subject, text = digest_text(letters["tim@hulu.invalid"], contoh, "https://kota.invalid/admin/laporan")
    assert "4 laporan perlu perhatian" in subject
    assert "https://kota.invalid/admin/laporan" in text
    assert text.index("12345673") < text.index("12345670")


def test_a_letter_is_short_and_flags_disabled_reporters(contoh: City) -> None:
    many = [concern(a_case(disabled=n == 0), day(1), contoh) for n in range(LONGEST_DIGEST + 5)]
    _, text = digest_text([one for one in many if one], contoh, "")
    assert "dan 5 laporan lain" in text
    assert text.count("pelapor penyandang disabilitas") == 1


def test_reminders_look_as_far_ahead_as_the_city_says(contoh: City) -> None:
    assert horizon(day(0), contoh) == day(1)
    assert horizon(day(4), contoh) == day(7)  # over a weekend
    assert horizon(day(0), replace(contoh, ladder=replace(contoh.ladder, remind=3))) == day(4)


# -- as jobs


@pytest.fixture
def late_case(store: CaseStore, parts: jobs.Parts) -> str:
    """A case that is long overdue, in a city whose offices are always open."""
    always = replace(parts.city.hours, days=frozenset(range(1, 8)), begin=dt.time(0), end=dt.time(23, 59, 59, 999999))
    people = tuple(replace(official, email="all@dinas.invalid") for official in parts.city.officials)
    city = replace(parts.city, hours=always, officials=people, holidays=())
    jobs.use(replace(parts, city=city, seal=lambda address: f"sealed {address}"))
    return open_case(store, city, DRAFT, utcnow() - dt.timedelta(days=60)).case_id


def letters(engine: Engine) -> list[Notice]:
    with Session(engine, expire_on_commit=False) as session:
        return list(session.scalars(select(Notice).where(Notice.kind == "digest")))


def test_looking_twice_tells_once(store: CaseStore, engine: Engine, late_case: str) -> None:
    for _ in range(3):
        jobs.mind_clocks()
    case = store.get(late_case)
    assert case is not None
    working = [event for event in case.events if event.kind in ("reminded", "escalated")]
    letter = letters(engine)
    if not working:  # a national holiday: nobody is at work, nobody is told
        assert letter == []
        return
    assert [event.details["rung"] for event in working] == ["control_room"]
    assert [(one.way, one.to_sealed) for one in letter] == [("email", "sealed all@dinas.invalid")]
    assert case.ticket in letter[0].text
    assert DRAFT.description not in letter[0].text


def test_a_case_of_an_agency_that_is_no_more_comes_home(store: CaseStore, engine: Engine, parts: jobs.Parts) -> None:
    """The road agency was closed, and roads are another's now: its open cases go there, its closed ones stay."""
    cases = [open_case(store, parts.city, replace(DRAFT, origin=f"o:{n}"), utcnow()).case_id for n in range(2)]
    act_on(store, parts.city, cases[1], Act("solve", "account", "console", text="Sudah"))
    for case_id in cases:
        jobs.take_in(case_id)
    with Session(engine) as session, session.begin():
        session.execute(update(Agency).where(Agency.code == "dishub").values(active=False))
    pju = replace(parts.city.categories["pju"], agency="perkim")
    agencies = {code: agency for code, agency in parts.city.agencies.items() if code != "dishub"}
    jobs.use(
        replace(parts, city=replace(parts.city, agencies=agencies, categories={**parts.city.categories, "pju": pju}))
    )
    for _ in range(2):
        jobs.mind_clocks()
        jobs.sweep()
        jobs.deliver_case(cases[0])
    open_one, closed = store.get(cases[0]), store.get(cases[1])
    assert open_one is not None and closed is not None
    assert (open_one.agency_code, closed.agency_code) == ("perkim", "dishub")
    assert [e.reason for e in open_one.events if e.reason == jobs.AGENCY_CLOSED] == [jobs.AGENCY_CLOSED]
    assert [e.kind for e in open_one.events].count("delivered") == 2
    assert open_one.delivered_at is not None
