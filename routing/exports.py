"""Tables for others: cases, the officers' work for e-kinerja, and reports for SP4N-LAPOR. CSV or XLSX.

Nothing personal stands in them: no number, no voice, and a report's words only where they are asked for, never those of
a confidential or anonymous one.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from models.cases import Case, CaseEvent
from models.store.cases import CLOSED_STAGES
from models.store.exports import ExportStore
from routing.city import City
from routing.sla import local_day, working_days_between

Row = list[Any]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run (OWASP, CSV injection)
CASE_HEAD = [
    "tiket",
    "kanal",
    "kategori",
    "instansi",
    "unit",
    "kecamatan",
    "kelurahan",
    "tingkat",
    "tahap",
    "masuk",
    "janji_jawaban",
    "dijawab",
    "janji_selesai",
    "ditutup",
    "terlambat_hari_kerja",
    "disabilitas",
]
WORK_HEAD = [
    "petugas",
    "surel",
    "tindakan",
    "jawaban",
    "selesai",
    "ditolak",
    "median_jam_jawaban",
    "tepat_waktu_persen",
]
LAPOR_HEAD = ["nomor_referensi", "tanggal", "judul", "isi", "kategori", "instansi", "lokasi", "status", "kanal"]
WITHHELD = "(isi laporan tidak dibagikan)"


class UnknownFormat(Exception):
    """The file's name must end in .csv or .xlsx."""


def cases(store: ExportStore, city: City, since: dt.datetime, until: dt.datetime, now: dt.datetime) -> Iterator[Row]:
    """A row a case, under `CASE_HEAD`."""
    yield list(CASE_HEAD)
    for case in store.cases(since, until):
        kecamatan, kelurahan = _place(city, case)
        closed = _closed_on(city, case)
        yield [
            case.ticket,
            case.channel,
            _category(city, case),
            _agency(city, case),
            city.units[case.unit_code].name if case.unit_code in city.units else "",
            kecamatan,
            kelurahan,
            case.severity,
            case.stage,
            local_day(case.opened_at, city),
            case.answer_due_on,
            local_day(case.answered_at, city) if case.answered_at else "",
            case.due_on,
            closed or "",
            working_days_between(case.due_on, closed or local_day(now, city), city),
            "ya" if case.disabled else "",
        ]


@dataclass
class _Work:
    acts: int = 0
    answers: int = 0
    solved: int = 0
    rejected: int = 0
    hours: list[float] = field(default_factory=list)
    in_time: int = 0
    timed: int = 0


def work(store: ExportStore, city: City, since: dt.datetime, until: dt.datetime) -> Iterator[Row]:
    """A row an officer, under `WORK_HEAD`: who answered, how much, how fast. For points of e-kinerja."""
    yield list(WORK_HEAD)
    done: dict[str, _Work] = {}
    for event, case in store.acts(since, until):
        _count(done.setdefault(event.actor, _Work()), event, case, city)
    accounts = store.accounts()
    for actor, one in sorted(done.items(), key=lambda item: -item[1].acts):
        account = accounts.get(actor)
        yield [
            (account.name or account.email) if account else actor,
            account.email if account else "",
            one.acts,
            one.answers,
            one.solved,
            one.rejected,
            round(median(one.hours), 1) if one.hours else "",
            round(100 * one.in_time / one.timed) if one.timed else "",
        ]


def _count(one: _Work, event: CaseEvent, case: Case, city: City) -> None:
    verb = event.details["verb"]
    one.acts += 1
    one.solved += verb == "solve"
    one.rejected += verb == "reject"
    if case.answered_at == event.at:  # this act was the first answer
        one.answers += 1
        one.hours.append((event.at - case.opened_at).total_seconds() / 3600)
        one.timed += 1
        one.in_time += local_day(event.at, city) <= case.answer_due_on


def lapor(store: ExportStore, city: City, since: dt.datetime, until: dt.datetime) -> Iterator[Row]:
    """A row a case, under `LAPOR_HEAD`: what a report of SP4N-LAPOR! holds, to be entered or imported there.

    SP4N-LAPOR! publishes no import format; names and order are those of its public form.
    """
    yield list(LAPOR_HEAD)
    for case in store.cases(since, until):
        kecamatan, kelurahan = _place(city, case)
        place = ", ".join(part for part in (case.landmark, kelurahan, kecamatan, city.name) if part)
        title = f"{_category(city, case)}{f' di {kelurahan or kecamatan}' if kecamatan else ''}"
        words = case.description if case.disclosure == "open" and not case.review else WITHHELD
        opened = local_day(case.opened_at, city)
        yield [
            case.ticket,
            opened,
            title,
            words,
            _category(city, case),
            _agency(city, case),
            place,
            case.stage,
            case.channel,
        ]


TABLES = ("cases", "work", "lapor")


def table(
    what: str, store: ExportStore, city: City, since: dt.datetime, until: dt.datetime, now: dt.datetime
) -> Iterator[Row]:
    """One of `TABLES`, with its head."""
    if what == "cases":
        return cases(store, city, since, until, now)
    return (work if what == "work" else lapor)(store, city, since, until)


def write(rows: Iterable[Row], path: Path) -> int:
    """Write a table as its name says (.csv, .xlsx); returns how many rows are below the head.

    Raises:
        UnknownFormat: for any other ending.
    """
    if path.suffix not in (".csv", ".xlsx"):
        raise UnknownFormat(f"{path.name}: the name must end in .csv or .xlsx")
    unfinished = path.with_name(path.name + ".part")
    count = (_write_csv if path.suffix == ".csv" else _write_xlsx)(rows, unfinished)
    unfinished.replace(path)
    return count


def _write_csv(rows: Iterable[Row], path: Path) -> int:
    count = -1
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # the mark tells Excel that this is UTF-8
        writer = csv.writer(file)
        for count, row in enumerate(rows):  # noqa: B007
            writer.writerow([_harmless(value) for value in row])
    return max(0, count)


def _write_xlsx(rows: Iterable[Row], path: Path) -> int:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    sheet.freeze_panes = "A2"
    count = -1
    for count, row in enumerate(rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, _harmless(value))
            cell.font = Font(bold=count == 0)
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
    return max(0, count)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _place(city: City, case: Case) -> tuple[str, str]:
    """Kecamatan and kelurahan, empty where they are not known."""
    area = city.area(case.area_code or "")
    if area is None:
        return "", ""
    parent = city.area(area.parent) if area.parent else None
    return (parent.name, area.name) if parent else (area.name, "")


def _category(city: City, case: Case) -> str:
    category = city.categories.get(case.category_code)
    return category.name if category else case.category_code


def _agency(city: City, case: Case) -> str:
    agency = city.agencies.get(case.agency_code or "")
    return agency.name if agency else ""


def _closed_on(city: City, case: Case) -> dt.date | None:
    return local_day(case.stage_since, city) if case.stage in CLOSED_STAGES else None
