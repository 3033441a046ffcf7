"""What is done by the day and by the month: nothing is kept longer than the city says; tables of the month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.store.exports import ExportStore
from models.store.retention import RetentionStore
from routing import exports
from routing.city import City
from routing.sla import local_day


class Forgotten(NamedTuple):
    """Recordings deleted, turns without their events now, numbers forgotten."""

    sounds: int
    events: int
    numbers: int


def forget(store: RetentionStore, delete_sound: Callable[[str], None], city: City, now: dt.datetime) -> Forgotten:
    """Delete sound and forget events and numbers that are older than the city keeps them; how many of each.

    The file goes first: whatever stops this in between, a row never says "deleted" of sound that is still there.
    """
    sounds = events = numbers = 0
    if city.keep.sound_days:
        before = now - dt.timedelta(days=city.keep.sound_days)
        while ids := store.old_sound(before):
            for recording_id in ids:
                delete_sound(recording_id)
                store.sound_deleted(recording_id)
            sounds += len(ids)
        while forgotten := store.forget_events(before):
            events += forgotten
    if city.keep.number_days:
        before = now - dt.timedelta(days=city.keep.number_days)
        while forgotten := store.forget_numbers(before):
            numbers += forgotten
    return Forgotten(sounds, events, numbers)


def month_before(today: dt.date) -> tuple[dt.date, dt.date]:
    """The first day of the month before, and of this one."""
    first = today.replace(day=1)
    return (first - dt.timedelta(days=1)).replace(day=1), first


def write_month(store: ExportStore, city: City, folder: Path, now: dt.datetime) -> tuple[Path, ...]:
    """The tables of the month that is over, each once: `2026-10/cases.xlsx`, `work.xlsx`, `lapor.xlsx`.

    Returns:
        Those that were written now.
    """
    begin_day, end_day = month_before(local_day(now, city))
    zone = ZoneInfo(city.time_zone)
    begin, end = (dt.datetime.combine(day, dt.time(), zone) for day in (begin_day, end_day))
    month = folder / f"{begin_day:%Y-%m}"
    missing = [what for what in exports.TABLES if not (month / f"{what}.xlsx").is_file()]
    if missing:
        month.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = []
    for what in missing:
        path = month / f"{what}.xlsx"
        exports.write(exports.table(what, store, city, begin, end, now), path)
        path.chmod(0o600)
        written.append(path)
    return tuple(written)
