"""Category and area to agency, unit and people, by the rules of a city that is nothing but data."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from pathlib import Path

import pytest

from routing.city import City, load_city
from routing.city_files import CityDataError
from routing.people import Hours
from routing.responsible import people, responsible
from routing.sla import answer_due_on, at_work, decent_time, working_days_after, working_days_between

SOURCE = Path(__file__).resolve().parents[2] / "cities" / "contoh"


@pytest.fixture(scope="module")
def town() -> City:
    """The invented city: Makassar time, work on Saturdays, calls from nine."""
    return load_city(SOURCE)


@pytest.mark.parametrize(
    ("category", "area", "agency", "unit"),
    [
        ("sampah", "99.01.01.1001", "kebersihan", "hulu"),
        ("sampah", "99.01.02.1001", "kebersihan", "hilir"),
        ("sampah", "99.01.02", "kebersihan", "hilir"),
        ("sampah", None, "kebersihan", None),
        ("jalan", "99.01.02.1001", "teknik", "lampu"),
        ("jalan", None, "teknik", "lampu"),
        ("lain", None, "kendali", None),
        ("ufo", "nowhere", "kendali", None),
    ],
)
def test_every_category_and_area_has_its_unit(
    town: City, category: str, area: str | None, agency: str, unit: str | None
) -> None:
    owner = responsible(town, category, area)
    assert (owner.agency.code, owner.unit.code if owner.unit else None) == (agency, unit)


def test_what_a_person_must_see_first_is_the_control_rooms(town: City) -> None:
    owner = responsible(town, "sampah", "99.01.01.1001", review=True)
    assert (owner.agency.code, owner.unit, owner.control_room) == ("kendali", None, True)


@pytest.mark.parametrize(
    ("agency", "unit", "rank", "emails"),
    [
        ("kebersihan", "hulu", 1, ["tim@hulu.invalid"]),
        ("kebersihan", "hulu", 2, ["kepala@hulu.invalid"]),
        ("kebersihan", "hulu", 3, ["kepala@kebersihan.invalid"]),
        ("kebersihan", "hilir", 1, ["sekretariat@kebersihan.invalid"]),
        ("kebersihan", None, 2, ["bidang@kebersihan.invalid"]),
        ("teknik", "lampu", 2, ["kepala@teknik.invalid"]),  # nobody of rank 2: the next above
        ("kendali", None, 2, ["kepala@kendali.invalid"]),
    ],
)
def test_the_person_and_the_two_levels_above(
    town: City, agency: str, unit: str | None, rank: int, emails: list[str]
) -> None:
    assert [official.email for official in people(town, agency, unit, rank)] == emails


def test_an_agency_without_people_is_the_control_rooms_business(town: City) -> None:
    empty = replace(town, officials=tuple(o for o in town.officials if o.agency == "kendali"))
    assert [o.email for o in people(empty, "teknik", None, 1)] == ["piket@kendali.invalid"]
    assert people(replace(town, officials=()), "teknik", None, 1) == ()


def test_every_category_of_every_city_has_an_owner(city: City, town: City) -> None:
    for one in (city, town):
        assert all(responsible(one, code, None).agency.code == c.agency for code, c in one.categories.items())


# -- hours and days


def test_officials_are_told_when_they_are_at_work(town: City) -> None:
    def local(day: int, hour: int, minute: int = 0) -> dt.datetime:
        return dt.datetime(2026, 11, day, hour, minute, tzinfo=dt.timezone(dt.timedelta(hours=8)))

    assert at_work(local(28, 8), town)  # a Saturday, on which this town works
    assert not at_work(local(29, 8), town)  # Sunday
    assert not at_work(local(25, 8), town)  # the town's own holiday
    assert at_work(local(26, 7, 30), town)
    assert not at_work(local(26, 15), town)


@pytest.mark.parametrize(("hour", "waits"), [(3, 6), (9, 0), (17, 0), (18, 15), (23, 10)])
def test_citizens_are_called_at_decent_times(town: City, hour: int, waits: int) -> None:
    moment = dt.datetime(2026, 11, 26, hour, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    assert decent_time(moment, town) - moment == dt.timedelta(hours=waits)


def test_working_days_leave_out_weekends_and_holidays(city: City) -> None:
    friday = dt.date(2026, 12, 18)
    assert working_days_after(friday, 5, city) == dt.date(2026, 12, 28)  # Christmas is a Friday
    assert working_days_between(friday, dt.date(2026, 12, 28), city) == 5
    assert working_days_between(friday, friday - dt.timedelta(days=3), city) == 0
    assert working_days_between(friday, dt.date(9999, 1, 1), city) < 3000


def test_the_first_answer_comes_with_a_quick_solution_at_the_latest(city: City) -> None:
    monday = dt.datetime(2026, 11, 23, 3, tzinfo=dt.UTC)
    categories = city.categories
    assert answer_due_on(monday, categories["jalan"], "sedang", city) == dt.date(2026, 11, 26)
    assert answer_due_on(monday, categories["sampah"], "ringan", city) == dt.date(2026, 11, 25)
    assert answer_due_on(monday, categories["kebakaran"], "berat", city) == dt.date(2026, 11, 23)


# -- mistakes in the city's files


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("units.csv", "hulu,kebersihan", "hulu,kebrsihan", "line 2: agency 'kebrsihan' is not known"),
        ("units.csv", "hilir,", "hulu,", "line 3 repeats the code hulu"),
        ("units.csv", "Sungai Hulu", "Sungai Mana", "kecamatan 'Sungai Mana' is not known"),
        ("units.csv", ",sampah,Sungai Hulu", ",smpah,Sungai Hulu", "category 'smpah' is not known"),
        ("units.csv", "Hulu,contoh", "Hulu,kira-kira", "status 'kira-kira' is not known"),
        ("officials.csv", "kebersihan,hulu,1", "kebersihan,lampu,1", "unit 'lampu' is none of kebersihan's"),
        ("officials.csv", "kendali,,1", "kendali,,4", "rank '4' is not known"),
        ("officials.csv", "piket@kendali.invalid", "piket", "email 'piket' is no address"),
        ("city.yaml", '"07:30"', '"7 pagi"', "hours has days"),
        ("city.yaml", '"15:00"', '"07:00"', "ends that are after their beginnings"),
        ("city.yaml", "[1, 2, 3, 4, 5, 6]", "[0, 1]", "days from 1 (Monday) to 7"),
        ("city.yaml", "remind: 1", "nudge: 1", "escalation has days for remind"),
        ("city.yaml", "remind: 1", "remind: besok", "whole numbers"),
    ],
)
def test_a_mistake_says_where_it_is(tmp_path: Path, file: str, old: str, new: str, message: str) -> None:
    folder = tmp_path / "contoh"
    folder.mkdir()
    for source in SOURCE.iterdir():
        text = source.read_text()
        if source.name == file:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / source.name).write_text(text)
    with pytest.raises(CityDataError, match=re.escape(message)):
        load_city(folder)


def test_a_city_without_people_and_hours_has_the_usual_ones(tmp_path: Path) -> None:
    folder = tmp_path / "contoh"
    folder.mkdir()
    for source in SOURCE.iterdir():
        if source.suffix != ".csv" or source.stem in ("agencies", "categories", "areas"):
            (folder / source.name).write_text(source.read_text().replace("hours:", "opening:"))
    (folder / "landmarks.csv").unlink(missing_ok=True)
    bare = load_city(folder)
    assert (bare.units, bare.officials, bare.hours) == ({}, (), Hours())
