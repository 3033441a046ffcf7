from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from routing.city import City
from routing.sla import due_on, is_working_day, local_day


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("opened", "category", "severity", "due"),
    [
        ("2026-11-23T10:00+07:00", "pju", "ringan", "2026-11-26"),  # Monday, three working days
        ("2026-11-27T10:00+07:00", "pju", "ringan", "2026-12-02"),  # over a week-end
        ("2026-12-23T10:00+07:00", "pju", "ringan", "2026-12-29"),  # over Christmas and a week-end
        ("2026-08-14T10:00+07:00", "sampah", "ringan", "2026-08-19"),  # Independence Day is a Monday
        ("2026-12-30T10:00+07:00", "sampah", "sedang", "2027-01-08"),  # New Year, and Isra Mikraj on 5 January
        ("2026-03-17T10:00+07:00", "sampah", "ringan", "2026-03-20"),  # Nyepi on the 19th
    ],
)
def test_the_day_is_counted_in_working_days(city: City, opened: str, category: str, severity: str, due: str) -> None:
    assert due_on(at(opened), city.categories[category], severity, city).isoformat() == due


def test_an_evening_in_utc_is_already_tomorrow_in_the_city(city: City) -> None:
    moment = at("2026-11-23T20:00+00:00")  # 3 o'clock on Tuesday morning in Tangerang
    assert local_day(moment, city).isoformat() == "2026-11-24"
    assert due_on(moment, city.categories["pju"], "ringan", city).isoformat() == "2026-11-27"


def test_a_city_counts_by_its_own_clock(city: City, contoh: City) -> None:
    moment = at("2026-11-23T16:30+00:00")  # 23:30 in Jakarta, half past midnight in Makassar
    assert (local_day(moment, city).day, local_day(moment, contoh).day) == (23, 24)


def test_clocks_that_change_do_not_change_the_count(city: City) -> None:
    berlin = replace(city, time_zone="Europe/Berlin")
    before_the_change = at("2026-10-23T23:30+02:00")  # Friday; clocks go back on Sunday the 25th
    assert due_on(before_the_change, city.categories["pju"], "ringan", berlin).isoformat() == "2026-10-28"


def test_a_day_off_of_the_city_does_not_count(contoh: City) -> None:
    assert not is_working_day(dt.date(2026, 11, 25), contoh)
    opened = at("2026-11-24T09:00+08:00")
    assert due_on(opened, contoh.categories["sampah"], "sedang", contoh).isoformat() == "2026-11-27"


@pytest.mark.parametrize("opened", ["2026-11-28T22:00+07:00", "2026-12-25T03:00+07:00"])
def test_an_emergency_is_due_the_same_day_even_on_a_holiday(city: City, opened: str) -> None:
    assert due_on(at(opened), city.categories["kebakaran"], "berat", city) == at(opened).date()
