"""Landmarks that people add while calls go on are found from the next look at the store on."""

from __future__ import annotations

from pathlib import Path

from models.db import connect
from models.migrations import upgrade
from models.store.words import NewWord, WordStore
from routing.city import City
from routing.current_places import CurrentPlaces

MELATI = "99.01.02.1001"
KENARI = "99.01.01.1001"


def filled(url: str) -> WordStore:
    upgrade(url)
    return WordStore(connect(url))


def test_an_added_landmark_is_found_after_a_look_and_gone_after_it_is_removed(database_url: str, contoh: City) -> None:
    words = filled(database_url)
    places = CurrentPlaces(contoh, words)
    said = "sampah di depan toko prangdimeja"
    places.look()
    assert places.nearby(said) is None

    words.add([NewWord("toko prangdimeja", "Toko Prangdimeja", "place", areas=(MELATI,))], "Sari")
    assert places.nearby(said) is None  # nothing is read while a caller speaks
    places.look()
    assert [match.area.name for match in places.find(said)] == ["Melati"]  # who added it vouches for it
    assert places.landmarks[0] == "Toko Prangdimeja"

    words.remove(["toko prangdimeja"], "Budi")
    places.look()
    assert places.find(said) == () and places.nearby(said) is None


def test_an_added_street_through_several_is_a_question(database_url: str, contoh: City) -> None:
    words = filled(database_url)
    words.add([NewWord("jalan prangdimeja", "Jalan Prangdimeja", "street", areas=(MELATI, KENARI))], "Sari")
    places = CurrentPlaces(contoh, words)
    places.look()
    found = places.nearby("lampu mati di jalan prandimeja")
    assert places.find("lampu mati di jalan prandimeja") == ()
    assert found is not None and set(found.areas) == {MELATI, KENARI}


def test_what_has_no_place_or_one_of_another_city_is_only_a_word(database_url: str, contoh: City) -> None:
    words = filled(database_url)
    words.add(
        [NewWord("toko satu", "Toko Satu", "place"), NewWord("toko dua", "Toko Dua", "place", "", ("1",))], "Sari"
    )
    places = CurrentPlaces(contoh, words)
    places.look()
    assert places.nearby("toko satu") is None and places.nearby("toko dua") is None


def test_a_store_that_cannot_be_read_leaves_what_was_known(contoh: City, tmp_path: Path) -> None:
    places = CurrentPlaces(contoh, WordStore(connect(f"sqlite:///{tmp_path}/empty.db")))  # without tables
    places.look()
    assert places.find("sampah di pasar kembang")
