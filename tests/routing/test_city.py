"""A city's folder: what ships is sound, and every mistake says where it is and what to mend."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from routing.city import City, load_city
from routing.city_files import CityDataError
from routing.emergency import KINDS
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "cities" / "contoh", tmp_path / "kota"))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_city_that_ships_is_whole(city: City) -> None:
    assert (len(city.kecamatan), len(city.kelurahan)) == (13, 104)
    assert set(city.keywords) == set(city.categories)
    assert set(city.emergency_categories) == set(KINDS)
    assert all(city.categories[code].emergency for code in city.emergency_categories.values())
    assert city.time_zone == "Asia/Jakarta"


def test_answers_can_be_spoken(city: City) -> None:
    assert len(city.information) >= 8
    for item in city.information:
        assert len(item.questions) >= 3
        spoken = " ".join((item.title, item.answer))
        assert not re.search(r"\d", spoken), item.code
        assert len(item.answer.split()) <= 60, item.code  # half a minute at 140 words a minute


def test_names_listed_as_ordinary_are_names(city: City) -> None:
    names = {area.name for area in (*city.kecamatan, *city.kelurahan)}
    names |= {name for landmark in city.landmarks for name in landmark.names}
    assert set(city.ordinary_names) <= names


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("city.yaml", "control_room: kendali", "control_room: nobody", "control_room must be a code"),
        ("city.yaml", "Asia/Makassar", "Makassar", "time_zone must be a name such as"),
        ("city.yaml", "2026-11-25", "25 November", "holidays are days such as"),
        ("city.yaml", "fire: api", "fire: water", "emergency_categories maps fire"),
        ("city.yaml", "fire: api", "flood: api", "emergency_categories maps fire"),
        ("city.yaml", "name: Kota Contoh", "name: [", "not YAML"),
        ("categories.csv", "jalan,Jalan dan lampu,teknik", "jalan,Jalan dan lampu,tehnik", "line 2: agency 'tehnik'"),
        ("categories.csv", ",0,3,7,14,", ",0,three,7,14,", "target_ringan_days must be a whole number"),
        ("categories.csv", 'mati",ringan', 'mati",gampang', "usual_severity must be one of"),
        ("areas.csv", "99.01.02.1001", "99.01.01.1001", "line 4 repeats the code"),
        ("areas.csv", "kode_kelurahan", "kode", "line 1 lacks the column(s) kode_kelurahan"),
        ("keywords.yaml", "sampah:", "smpah:", "'smpah' is not a category"),
        ("keywords.yaml", "weak:", "week:", "lists named strong and weak"),
        ("information.yaml", "answer:", "anser:", "cara-lapor needs a title and an answer"),
    ],
)
def test_a_mistake_says_where_it_is(folder: Path, file: str, old: str, new: str, message: str) -> None:
    load_city(folder)
    change(folder / file, old, new)
    with pytest.raises(CityDataError, match=re.escape(message)) as error:
        load_city(folder)
    assert file in str(error.value)


@pytest.mark.parametrize("file", ["city.yaml", "agencies.csv", "categories.csv", "areas.csv"])
def test_a_missing_file_says_what_to_copy(folder: Path, file: str) -> None:
    (folder / file).unlink()
    with pytest.raises(CityDataError, match=f"{file}: missing; copy"):
        load_city(folder)


@pytest.mark.parametrize("file", ["keywords.yaml", "information.yaml"])
def test_files_that_a_city_may_leave_out(folder: Path, file: str) -> None:
    (folder / file).unlink()
    assert load_city(folder).name == "Kota Contoh"
