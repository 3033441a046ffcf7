"""The trainer beside a baseline, on an invented set in the form of the public one."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from routing import compare
from routing.sentences import CannotTrain

_PLACES = "depan belakang gang pos pasar kali sekolah masjid rumah kantor rel lapangan"
PLACES = _PLACES.split()


def write(path: Path, rows: list[list[object]]) -> None:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    said = [("Lampu {} mati!", "Dishub"), ("Sampah {} menumpuk", "DLH")]
    rows = [
        [n, text.format(place), agency]
        for n, (place, text, agency) in enumerate((place, text, agency) for place in PLACES for text, agency in said)
    ]
    rows.append([99, "lampu depan mati", "Dishub"])  # word for word what is tested, in the taught part
    (tmp_path / "Dataset").mkdir()
    write(tmp_path / "Dataset" / compare.ALL, [["id", "keluhan", "instansi"], *rows])
    write(tmp_path / "Dataset" / compare.TESTED, [["id", "keluhan"], [0, "-"], [1, "-"]])
    return tmp_path


def test_the_sets_own_split_is_kept_and_nothing_tested_is_taught(folder: Path) -> None:
    found = compare.read_complaints(folder)
    assert [s.category for s in found.tested] == ["Dishub", "DLH"]
    assert len(found.taught) == 2 * len(PLACES) - 2
    assert not {s.text for s in found.taught} & {s.text for s in found.tested}


def test_both_are_marked_alike(folder: Path) -> None:
    found = compare.read_complaints(folder)
    assert compare.ours(found).macro_f1 == compare.baseline(found).macro_f1 == 1.0
    assert compare.ours(found).right == 1.0


def test_a_folder_without_the_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotTrain, match=r"cannot be read as the table of complaints \(id\)"):
        compare.read_complaints(tmp_path)
