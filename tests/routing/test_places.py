from __future__ import annotations

import pytest

from routing.city import Area, City
from routing.places import PlaceFinder


@pytest.fixture(scope="module")
def finder(city: City) -> PlaceFinder:
    return PlaceFinder(city)


def best(finder: PlaceFinder, text: str) -> str:
    matches = finder.find(text)
    if not matches:
        return ""
    area = matches[0].area
    return area.name if area.parent else f"kecamatan {area.name}"


def every_area(city: City) -> list[Area]:
    return [*city.kelurahan, *city.kecamatan]


def test_every_name_is_found_by_itself_and_with_its_kind(finder: PlaceFinder, city: City) -> None:
    for area in every_area(city):
        kind = "kelurahan" if area.parent else "kecamatan"
        assert finder.find(f"{kind} {area.name.lower()}")[0].area == area
        assert finder.find(area.name.lower())[0].area.name == area.name
        assert finder.find(f"lampu mati di {kind} {area.name.lower()} depan masjid")[0].area == area


def test_a_bare_answer_means_the_kelurahan_and_a_story_the_kecamatan_of_one_name(finder: PlaceFinder) -> None:
    assert best(finder, "cipondoh") == "Cipondoh"
    assert best(finder, "angkot suka ngetem lama sekali di cipondoh") == "kecamatan Cipondoh"
    assert best(finder, "angkot suka ngetem lama sekali di kelurahan cipondoh") == "Cipondoh"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("got mampet di poris gaga baru", "Poris Gaga Baru"),
        ("got mampet di poris gaga", "Poris Gaga"),
        ("sampah numpuk di larangan utara pak", "Larangan Utara"),
        ("jalan rusak di sudi mara timur", "Sudimara Timur"),
        ("lampu mati di ciledug dekat pasar", "kecamatan Ciledug"),
        ("lampu mati di cileduk dekat pasar", "kecamatan Ciledug"),
        ("banjir di pedurenan dari semalam", "Padurenan"),
        ("pohon tumbang di batu ceper sejak pagi tadi", "kecamatan Batuceper"),
        ("saya warga nerogtog mau lapor jalan rusak", "Neroktog"),
        ("bukan di cimone tapi di cimone jaya ya pak lampunya", "Cimone Jaya"),
        ("saya tinggal di gembor tapi yang rusak jalan di cibodas sari", "Cibodas Sari"),
        ("di cikokol eh maksud saya di babakan lampunya mati", "Babakan"),
    ],
)
def test_the_place_in_a_story(finder: PlaceFinder, text: str, place: str) -> None:
    assert best(finder, text) == place


@pytest.mark.parametrize(
    "text",
    [
        "ada benda tajam dibuang sembarangan dekat rumah",
        "kalau ada petir listrik langsung padam semua",
        "pohon pinang depan rumah mau roboh tolong ditebang",
        "anak gondrong suka mabuk di pinggir jalan sana",
        "rambu larangan parkir hilang dicuri orang",
        "di pinggir jalan banyak kenanga berbunga lebat sekali",
        "harga sembako naik terus di mana mana pak",
        "saya dari jakarta mau tanya syarat pindah",
        "iya betul",
        "tidak tahu",
        "depan masjid",
        "lampu",
        "",
        "[unk]",
    ],
)
def test_no_place_is_invented(finder: PlaceFinder, text: str) -> None:
    assert finder.find(text) == ()


@pytest.mark.parametrize("text", ["benda", "petir", "di pinang", "pasar baru", "gaga", "saya di kenanga"])
def test_an_everyday_word_is_a_place_when_nothing_else_is_said(finder: PlaceFinder, text: str) -> None:
    assert finder.find(text)[0].area.name.lower() in text


@pytest.mark.parametrize(
    ("heard", "place"), [("cikoko", "Cikokol"), ("nerok tok", "Neroktog"), ("uung jaya", "Uwung Jaya")]
)
def test_a_misheard_answer_finds_the_nearest_name(finder: PlaceFinder, heard: str, place: str) -> None:
    assert best(finder, heard) == place


def test_a_name_shared_by_several_is_offered_not_decided(finder: PlaceFinder) -> None:
    matches = finder.find("jalan rusak di daerah sudimara depan smp")
    assert {m.area.name.split()[0] for m in matches} == {"Sudimara"}
    assert len(matches) == 5
    assert all(m.score < 0.85 for m in matches)


def test_the_short_form_of_one_name_is_that_place(finder: PlaceFinder) -> None:
    match = finder.find("posyandu di sangiang tutup terus bu")[0]
    assert (match.area.name, match.score >= 0.85) == ("Sangiang Jaya", True)


def test_a_denied_place_is_left_out(finder: PlaceFinder) -> None:
    assert finder.find("bukan di cimone") == ()
