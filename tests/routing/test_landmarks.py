"""Streets and landmarks as data: what ships is sound and not taken for confirmed, and mistakes say what to mend."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from routing.city import City, load_city
from routing.city_files import CityDataError
from routing.landmarks import COLUMNS, proper
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "cities" / "contoh", tmp_path / "kota"))


def test_what_ships_is_only_proposed_and_says_where_it_is_from(city: City) -> None:
    assert len(city.landmarks) >= 80
    assert not [landmark.name for landmark in city.landmarks if landmark.confirmed or not landmark.source]


def test_a_long_street_lies_in_several_areas(contoh: City) -> None:
    street = next(landmark for landmark in contoh.landmarks if landmark.name == "Jalan Merpati")
    assert street.areas == ("99.01.01.1001", "99.01.01.1002", "99.01.02.1001")
    market = next(landmark for landmark in contoh.landmarks if landmark.kind == "market")
    assert market.names == ("Pasar Kembang", "Pasar Bunga") and market.confirmed


def test_a_city_may_have_none(folder: Path) -> None:
    (folder / "landmarks.csv").unlink()
    assert load_city(folder).landmarks == ()


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("Pasar Ikan,,market,99.01.01.1009,dikarang,contoh", "'99.01.01.1009' is no code of areas.csv"),
        ("Pasar Ikan,,market,,dikarang,contoh", "areas is empty; write the codes"),
        ("Pasar Ikan,,bazaar,99.01.01.1001,dikarang,contoh", "kind 'bazaar' is not known; known are street"),
        ("Pasar Ikan,,market,99.01.01.1001,dikarang,", "status must be confirmed"),
        (",Pasar Ikan,market,99.01.01.1001,dikarang,contoh", "name is empty; write what callers say"),
        ("Pasar Ikan,Pasar,market,99.01.01.1001,dikarang,contoh", "'Pasar' only says what it is"),
        ("jalan merpati,,street,99.01.01.1001,dikarang,contoh", "'jalan merpati' stands already in line 2"),
        ("Pasar Ikan,Pasarbunga,market,99.01.01.1001,dikarang,contoh", "'Pasarbunga' stands already in line 4"),
        ("Cempaka Timur,,housing,99.01.01.1001,dikarang,contoh", "'Cempaka Timur' stands already in areas.csv"),
        ("Pasar Ikan,,market,99.01.01.1001", "line 10 has too few columns"),
    ],
)
def test_a_mistake_says_where_it_is_and_what_to_do(folder: Path, row: str, message: str) -> None:
    path = folder / "landmarks.csv"
    path.write_text(path.read_text(encoding="utf-8") + row + "\n", encoding="utf-8")
    with pytest.raises(CityDataError, match=re.escape(message)) as error:
        load_city(folder)
    assert "landmarks.csv: line 10" in str(error.value)


def test_a_missing_column_is_named(folder: Path) -> None:
    (folder / "landmarks.csv").write_text(",".join(COLUMNS[:-1]) + "\n", encoding="utf-8")
    with pytest.raises(CityDataError, match=r"line 1 lacks the column.s. status"):
        load_city(folder)


def test_a_name_is_what_follows_the_words_for_its_kind() -> None:
    assert proper("Jalan Daan Mogot") == ("daan", "mogot")
    assert proper("Rumah Sakit Hermina") == ("hermina",)
    assert proper("Tangcity") == ("tangcity",)
    assert proper("Rumah Sakit") == ()
