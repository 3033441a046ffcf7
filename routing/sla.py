"""By when a case is promised. Pure: the moment, the category, the severity and the city decide."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from routing.city import Category, City


@lru_cache(maxsize=16)
def _public_holidays(year: int) -> frozenset[dt.date]:
    """Indonesia's national holidays of a year, by the `holidays` package.

    Joint leave (cuti bersama) is decreed anew each year: a city lists the days that its offices are closed.
    """
    return frozenset(holidays.country_holidays("ID", years=year))


def is_working_day(day: dt.date, city: City) -> bool:
    """Monday to Friday, no national holiday, none of the city's own."""
    return day.weekday() < 5 and day not in _public_holidays(day.year) and day.isoformat() not in city.holidays


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
    if category.emergency:
        return day
    left = category.targets[severity]
    while left > 0:
        day += dt.timedelta(days=1)
        if is_working_day(day, city):
            left -= 1
    return day
