"""By when a case is promised. Pure: the moment, the category, the severity and the city decide."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from routing.city import Category, City

LONGEST_COUNT = 3660  # days; longer than any case


@lru_cache(maxsize=16)
def _public_holidays(year: int) -> frozenset[dt.date]:
    """Indonesia's national holidays of a year, by the `holidays` package.

    Joint leave (cuti bersama) is decreed anew each year: a city lists the days that its offices are closed.
    """
    return frozenset(holidays.country_holidays("ID", years=year))


def is_working_day(day: dt.date, city: City) -> bool:
    """Monday to Friday, no national holiday, none of the city's own.

    Promises count five days a week everywhere, whatever the offices' own hours are: that is what citizens know.
    """
    return day.weekday() < 5 and not _is_holiday(day, city)


def _is_holiday(day: dt.date, city: City) -> bool:
    return day in _public_holidays(day.year) or day.isoformat() in city.holidays


def local_day(moment: dt.datetime, city: City) -> dt.date:
    """The day that the city's clocks show at an (aware) moment."""
    return moment.astimezone(ZoneInfo(city.time_zone)).date()


def due_on(opened: dt.datetime, category: Category, severity: str, city: City) -> dt.date:
    """The promised day: so many working days after the day of the report, which itself does not count.

    Emergencies (and every target of 0) are due the same day, working day or not: the control room never closes.

    Args:
        opened: an aware moment.
        severity: ringan, sedang or berat.

    Raises:
        KeyError: when the category has no target of this severity.
    """
    day = local_day(opened, city)
    return day if category.emergency else working_days_after(day, category.targets[severity], city)


def answer_due_on(opened: dt.datetime, category: Category, severity: str, city: City) -> dt.date:
    """By when somebody answers at all: the city's days for that, or the solution's day if that is earlier."""
    answer = working_days_after(local_day(opened, city), city.answer_days, city)
    return min(answer, due_on(opened, category, severity, city))


def working_days_after(day: dt.date, count: int, city: City) -> dt.date:
    """The day that comes so many working days after `day`; `day` itself for none."""
    while count > 0:
        day += dt.timedelta(days=1)
        count -= is_working_day(day, city)
    return day


def working_days_between(first: dt.date, last: dt.date, city: City) -> int:
    """Working days after `first` up to and with `last`; 0 when it is not later: a clock may have been put back."""
    days = max(0, (last - first).days)
    if days > LONGEST_COUNT:  # decades: a clock that jumped; counting them one by one would take a while
        days = LONGEST_COUNT
    return sum(is_working_day(first + dt.timedelta(days=n), city) for n in range(1, days + 1))


def at_work(moment: dt.datetime, city: City) -> bool:
    """Whether officials are in their offices."""
    local = moment.astimezone(ZoneInfo(city.time_zone))
    hours = city.hours
    if local.isoweekday() not in hours.days or _is_holiday(local.date(), city):
        return False
    return hours.begin <= local.time() < hours.end


def decent_time(moment: dt.datetime, city: City) -> dt.datetime:
    """This moment, or the next at which a citizen may be called or sent a message (aware, UTC)."""
    zone, hours = ZoneInfo(city.time_zone), city.hours
    local = moment.astimezone(zone)
    if local.time() < hours.call_begin:
        local = dt.datetime.combine(local.date(), hours.call_begin, zone)
    elif local.time() >= hours.call_end:
        local = dt.datetime.combine(local.date() + dt.timedelta(days=1), hours.call_begin, zone)
    return local.astimezone(dt.UTC)
