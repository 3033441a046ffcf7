"""Who is responsible: units below the agencies, the people of each rank, their hours, and who hears of a late case.

Pure data of `cities/NAME/`: units.csv, officials.csv, and `hours` and `escalation` of city.yaml. What nobody of the
city confirmed has the status "contoh" there.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from routing.city_files import CityDataError, rows

STATUSES = ("", "contoh")
RANKS = (1, 2, 3)  # works on the case; stands above; heads the agency


@dataclass(frozen=True)
class Unit:
    """A part of an agency (UPT, bidang) that does the work. Empty `categories` or `kecamatan`: all of the agency's."""

    code: str
    agency: str
    name: str
    spoken: str
    categories: frozenset[str]
    kecamatan: frozenset[str]  # codes
    status: str = ""


@dataclass(frozen=True)
class Official:
    """A person, or the holder of an office, who is told of cases. `unit` empty: of the whole agency."""

    agency: str
    unit: str
    rank: int
    title: str
    name: str
    email: str
    status: str = ""


@dataclass(frozen=True)
class Hours:
    """When officials are at work, and when citizens may be called; local time.

    `days` are ISO weekdays (Monday is 1). Holidays are no working days whatever stands here.
    """

    days: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    begin: dt.time = dt.time(8)
    end: dt.time = dt.time(16)
    call_begin: dt.time = dt.time(8)
    call_end: dt.time = dt.time(20)


@dataclass(frozen=True)
class Ladder:
    """Who hears of a case when: working days before (remind) and after its promised day."""

    remind: int = 1
    unit: int = 1
    head: int = 3
    agency_head: int = 5
    control_room: int = 7


def read_units(path: Path, agencies: set[str], categories: set[str], kecamatan: dict[str, str]) -> dict[str, Unit]:
    """Units by code. `kecamatan`: codes by name.

    Raises:
        CityDataError: naming file, line and mistake.
    """
    units: dict[str, Unit] = {}
    needed = ("code", "agency", "name", "spoken", "categories", "kecamatan", "status")
    for number, row in rows(path, needed, required=False):
        where = f"{path}: line {number}"
        if row["code"] in units:
            raise CityDataError(f"{where} repeats the code {row['code']}")
        _known(where, "agency", row["agency"], agencies)
        _known(where, "status", row["status"], STATUSES)
        served = _split(row["categories"])
        for code in served:
            _known(where, "category", code, categories)
        areas = _split(row["kecamatan"])
        for name in areas:
            _known(where, "kecamatan", name, kecamatan)
        codes = frozenset(kecamatan[name] for name in areas)
        units[row["code"]] = Unit(
            row["code"], row["agency"], row["name"], row["spoken"], frozenset(served), codes, row["status"]
        )
    return units


def read_officials(path: Path, agencies: set[str], units: dict[str, Unit]) -> tuple[Official, ...]:
    """The city's people.

    Raises:
        CityDataError: naming file, line and mistake.
    """
    found = []
    needed = ("agency", "unit", "rank", "title", "name", "email", "status")
    for number, row in rows(path, needed, required=False):
        where = f"{path}: line {number}"
        _known(where, "agency", row["agency"], agencies)
        _known(where, "rank", row["rank"], [str(rank) for rank in RANKS])
        _known(where, "status", row["status"], STATUSES)
        if row["unit"] and (row["unit"] not in units or units[row["unit"]].agency != row["agency"]):
            raise CityDataError(f"{where}: unit {row['unit']!r} is none of {row['agency']}'s in units.csv")
        if row["email"] and "@" not in row["email"]:
            raise CityDataError(f"{where}: email {row['email']!r} is no address")
        rank = int(row["rank"])
        found.append(Official(row["agency"], row["unit"], rank, row["title"], row["name"], row["email"], row["status"]))
    return tuple(found)


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]


def _known(where: str, what: str, value: str, known: Any) -> None:
    if value not in known:
        raise CityDataError(f"{where}: {what} {value!r} is not known; known are {', '.join(sorted(known))}")


@dataclass(frozen=True)
class Keeping:
    """How many days personal data are kept: sound, and numbers after their case was closed. 0: for ever."""

    sound_days: int = 0
    number_days: int = 0


def read_keeping(path: Path, given: Any) -> Keeping:
    """`keep` of city.yaml: sound_days, number_days.

    Raises:
        CityDataError: when a name is not known or no whole number.
    """
    names = [field.name for field in fields(Keeping)]
    if not isinstance(given or {}, dict) or not set(given or {}) <= set(names):
        raise CityDataError(f"{path}: keep has {' and '.join(names)}, nothing else")
    if not all(type(days) is int and days >= 0 for days in (given or {}).values()):
        raise CityDataError(f"{path}: keep has whole numbers of days; 0 keeps for ever")
    return Keeping(**(given or {}))


def read_hours(path: Path, given: Any) -> Hours:
    """`hours` of city.yaml: days [1, 2, 3, 4, 5], begin, end, call_begin, call_end as "HH:MM".

    Raises:
        CityDataError: when a value cannot be read, or an end is not after its beginning.
    """
    if not given:
        return Hours()
    try:
        times: dict[str, Any] = {name: dt.time.fromisoformat(str(given[name])) for name in given if name != "days"}
        hours = replace(Hours(**times), days=frozenset(int(day) for day in given.get("days", Hours.days)))
    except (TypeError, ValueError, KeyError) as error:
        raise CityDataError(f"{path}: hours has days such as [1, 2] and times such as '08:00': {error}") from None
    if not hours.days <= set(range(1, 8)) or hours.begin >= hours.end or hours.call_begin >= hours.call_end:
        raise CityDataError(f"{path}: hours has days from 1 (Monday) to 7, and ends that are after their beginnings")
    return hours


def read_ladder(path: Path, given: Any) -> Ladder:
    """`escalation` of city.yaml: working days by rung.

    Raises:
        CityDataError: when a rung is not known or no whole number.
    """
    names = [field.name for field in fields(Ladder)]
    if not isinstance(given or {}, dict) or not set(given or {}) <= set(names):
        raise CityDataError(f"{path}: escalation has days for {', '.join(names)}, nothing else")
    if not all(isinstance(days, int) and days >= 0 for days in (given or {}).values()):
        raise CityDataError(f"{path}: escalation has whole numbers of working days")
    return Ladder(**(given or {}))
