"""Which cases somebody must be told of today, and whom: reminders before a promised day, escalation after it. Pure.

Two clocks run (first answer, solution). The further behind a case is, the higher it is told; who was told before goes
on being told. Everybody gets one digest a day, however many cases it holds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from babel.dates import format_date

from models.cases import Case
from models.store.cases import Change
from routing.city import City
from routing.people import Ladder, Official
from routing.responsible import people
from routing.sla import is_working_day, working_days_after, working_days_between

Rung = Literal["remind", "unit", "head", "agency_head", "control_room"]
RUNGS: tuple[Rung, ...] = ("remind", "unit", "head", "agency_head", "control_room")
_RANK = {"remind": 1, "unit": 1, "head": 2, "agency_head": 3}
LONGEST_DIGEST = 40  # cases; who has more needs the console, not a longer letter
WAITING_LONG = 10  # working days without a word from the citizen, after which the officer should act


@dataclass(frozen=True)
class Concern:
    """Why a case needs somebody: which clock, how far it is behind (working days; negative: still to come)."""

    case: Case
    clock: Literal["answer", "solution", "citizen"]
    rung: Rung
    late: int


def horizon(today: dt.date, city: City) -> dt.date:
    """The last promised day that somebody is reminded of today."""
    return working_days_after(today, city.ladder.remind, city)


def concern(case: Case, today: dt.date, city: City) -> Concern | None:
    """What is most behind in a case; None while nothing is."""
    if case.paused_on is not None:
        waited = working_days_between(case.paused_on, today, city)
        return Concern(case, "citizen", "unit", waited - WAITING_LONG) if waited > WAITING_LONG else None
    clocks: list[tuple[Literal["answer", "solution"], dt.date]] = [("solution", case.due_on)]
    if case.answered_at is None:
        clocks.insert(0, ("answer", case.answer_due_on))
    found = [Concern(case, clock, rung, late) for clock, due in clocks for rung, late in _rung(due, today, city)]
    return max(found, key=lambda one: (RUNGS.index(one.rung), one.late), default=None)


def _rung(due: dt.date, today: dt.date, city: City) -> Iterable[tuple[Rung, int]]:
    if today <= due:
        left = working_days_between(today, due, city)
        if left <= city.ladder.remind:
            yield "remind", -left
        return
    late = working_days_between(due, today, city)
    ladder: Ladder = city.ladder
    reached = [rung for rung in RUNGS[1:] if late >= getattr(ladder, rung)]
    if reached:
        yield reached[-1], late
    elif ladder.remind:
        yield "remind", late  # a weekend has passed, no working day


def told(one: Concern, city: City) -> tuple[Official, ...]:
    """Everybody who hears of it: the rung's people and all below."""
    found: list[Official] = []
    agency = one.case.agency_code or city.control_room
    for rung in RUNGS[: RUNGS.index(one.rung) + 1]:
        if rung == "control_room":
            found += people(city, city.control_room, None, 1)
        else:
            found += people(city, agency, one.case.unit_code, _RANK[rung])
    return tuple(dict.fromkeys(found))


def change(one: Concern, now: dt.datetime) -> Change:
    """The event that tells of it: once for each rung, clock and promised day."""
    due = one.case.answer_due_on if one.clock == "answer" else one.case.due_on
    kind = "reminded" if one.rung == "remind" else "escalated"
    key = f"{kind}:{one.clock}:{one.rung}:{due.isoformat()}"
    details = {"clock": one.clock, "rung": one.rung, "late": one.late, "due_on": due.isoformat()}
    return Change(kind, key, "machine", "worker", details=details, at=now)


def digests(concerns: Iterable[Concern], city: City) -> dict[str, list[Concern]]:
    """What each address is told today, the latest first. Officials without an address are told by the console only."""
    by_address: dict[str, list[Concern]] = {}
    for one in concerns:
        for address in dict.fromkeys(official.email for official in told(one, city) if official.email):
            by_address.setdefault(address, []).append(one)
    for listed in by_address.values():
        listed.sort(key=lambda one: (-one.late, one.case.ticket))
    return by_address


def is_digest_day(today: dt.date, city: City) -> bool:
    return today.isoweekday() in city.hours.days and (today.isoweekday() > 5 or is_working_day(today, city))


def digest_text(concerns: list[Concern], city: City, link: str) -> tuple[str, str]:
    """Subject and body of one person's letter, plain text in Indonesian; nothing personal stands in it."""
    late = sum(one.late > 0 for one in concerns)
    subject = f"{city.line_name}: {len(concerns)} laporan perlu perhatian" + (f", {late} terlambat" if late else "")
    lines = ["Selamat pagi,", "", "laporan berikut menunggu tindakan:", ""]
    lines += [_line(one, city) for one in concerns[:LONGEST_DIGEST]]
    if len(concerns) > LONGEST_DIGEST:
        lines.append(f"... dan {len(concerns) - LONGEST_DIGEST} laporan lain.")
    lines += ["", f"Semua ada di {link}", "", "Surat ini dikirim sekali sehari, selama ada yang menunggu."]
    return subject, "\n".join(lines)


def _line(one: Concern, city: City) -> str:
    case = one.case
    category = city.categories.get(case.category_code)
    area = city.area(case.area_code or "")
    place = f", {area.name}" if area else ""
    flag = " (pelapor penyandang disabilitas)" if case.disabled else ""
    due = case.answer_due_on if one.clock == "answer" else case.due_on
    what = {"answer": "jawaban pertama", "solution": "penyelesaian", "citizen": "pelapor belum menjawab"}[one.clock]
    when = f"terlambat {one.late} hari kerja" if one.late > 0 else "hari ini" if one.late == 0 else "segera"
    day = format_date(due, "d MMMM y", locale="id")
    return f"- {case.ticket} {category.name if category else ''}{place}{flag}: {what}, janji {day}, {when}"
