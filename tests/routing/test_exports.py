"""Tables for others: right, complete, harmless in a spreadsheet, and without anything personal."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine

from models.store.cases import CaseStore
from models.store.exports import ExportStore
from routing import exports
from routing.cases import act_on, open_case
from routing.city import City
from routing.life import Act
from tests.routing.test_cases import DRAFT, NOW

WHOLE = (NOW - dt.timedelta(days=30), NOW + dt.timedelta(days=30))
LATER = NOW + dt.timedelta(days=20)


def table(rows: Any) -> list[dict[str, Any]]:
    head, *body = rows
    return [dict(zip(head, row, strict=True)) for row in body]


def a_case(store: CaseStore, city: City, origin: str, hours: float = 0, **changes: Any) -> str:
    draft = replace(DRAFT, origin=origin, **changes)
    return open_case(store, city, draft, NOW + dt.timedelta(hours=hours)).case_id


def act(store: CaseStore, city: City, case_id: str, verb: str, hours: float, actor: str = "sari") -> None:
    wish = Act(verb, actor, "console", key=f"{verb}:{hours}", text="Sudah diganti")
    act_on(store, city, case_id, wish, NOW + dt.timedelta(hours=hours))


def test_a_case_is_a_row_with_its_clocks(store: CaseStore, engine: Engine, city: City) -> None:
    case_id = a_case(store, city, "o:1", disabled=True)
    act(store, city, case_id, "solve", 24 * 8)
    (row,) = table(exports.cases(ExportStore(engine), city, *WHOLE, LATER))
    assert (row["kategori"], row["unit"]) == ("Lampu jalan", "UPT Penerangan Jalan Umum")
    assert (row["kecamatan"], row["kelurahan"]) == ("Tangerang", "Cikokol")
    assert (row["janji_selesai"], row["ditutup"], row["terlambat_hari_kerja"]) == (
        dt.date(2026, 11, 26),
        dt.date(2026, 12, 1),
        3,
    )
    assert row["disabilitas"] == "ya"


def test_nothing_personal_stands_in_any_table(store: CaseStore, engine: Engine, city: City) -> None:
    a_case(store, city, "o:1", disclosure="confidential", description="rahasia tetangga", reporter_sealed="+62812")
    exporter = ExportStore(engine)
    everything = [
        *exports.cases(exporter, city, *WHOLE, LATER),
        *exports.work(exporter, city, *WHOLE),
        *exports.lapor(exporter, city, *WHOLE),
    ]
    text = str(everything)
    assert "rahasia" not in text
    assert "+62812" not in text
    assert exports.WITHHELD in text


def test_cases_come_in_order_and_once_over_portions(store: CaseStore, engine: Engine, city: City) -> None:
    for number in range(5):
        a_case(store, city, f"o:{number}", hours=number // 2)  # some of the same moment
    found = list(ExportStore(engine, portion=2).cases(*WHOLE))
    assert len({case.id for case in found}) == len(found) == 5
    assert [case.opened_at for case in found] == sorted(case.opened_at for case in found)
    assert list(ExportStore(engine).cases(NOW + dt.timedelta(hours=3), WHOLE[1])) == []


def test_who_answered_and_how_fast(store: CaseStore, engine: Engine, city: City) -> None:
    first, second, third = (a_case(store, city, f"o:{n}") for n in range(3))
    act(store, city, first, "answer", 2)
    act(store, city, first, "solve", 30)
    act(store, city, second, "solve", 4)
    act(store, city, third, "reject", 24 * 9, actor="budi")
    rows = {row["petugas"]: row for row in table(exports.work(ExportStore(engine), city, *WHOLE))}
    assert (rows["sari"]["tindakan"], rows["sari"]["jawaban"], rows["sari"]["selesai"]) == (3, 2, 2)
    assert (rows["sari"]["median_jam_jawaban"], rows["sari"]["tepat_waktu_persen"]) == (3.0, 100)
    assert (rows["budi"]["ditolak"], rows["budi"]["tepat_waktu_persen"]) == (1, 0)


def test_a_report_for_lapor_says_what_and_where(store: CaseStore, engine: Engine, city: City) -> None:
    a_case(store, city, "o:1")
    (row,) = table(exports.lapor(ExportStore(engine), city, *WHOLE))
    assert (row["judul"], row["isi"]) == ("Lampu jalan di Cikokol", "lampu jalan mati")
    assert row["lokasi"] == "depan masjid, Cikokol, Tangerang, Kota Tangerang"


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_spreadsheet_runs_nothing_of_what_was_said(tmp_path: Path, name: str) -> None:
    rows: list[list[Any]] = [["isi"], ["=HYPERLINK(1)"], ["+62"], ["@x"], ["lampu"], [dt.date(2026, 11, 23)]]
    assert exports.write(rows, tmp_path / name) == 5
    if name.endswith("csv"):
        with (tmp_path / name).open(encoding="utf-8-sig", newline="") as file:
            cells = [row[0] for row in csv.reader(file)]
    else:
        cells = [str(row[0].value) for row in load_workbook(tmp_path / name).active.iter_rows()]
    assert cells[:5] == ["isi", "'=HYPERLINK(1)", "'+62", "'@x", "lampu"]
    assert cells[5].startswith("2026-11-23")


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(exports.UnknownFormat, match=r"\.csv or \.xlsx"):
        exports.write([["a"]], tmp_path / "t.pdf")
    assert list(tmp_path.iterdir()) == []
