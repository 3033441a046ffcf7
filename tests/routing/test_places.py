from __future__ import annotations

import csv
import random

import pytest

from routing.city import Area, City
from routing.places import PlaceFinder
from routing.sentences import misheard
from tests.conftest import ROOT

SURE = 0.85  # from which a call offers a place that was named


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


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("lampu mati di pabuaran tumpng", "Pabuaran Tumpeng"),
        ("lampu mati di larangan utra dekat pasar", "Larangan Utara"),
        ("got mampet di nerogtok", "Neroktog"),
        ("got mampet di cigokol", "Cikokol"),
        ("got mampet di cikokl", "Cikokol"),
        ("pak ini di panungangan barat", "Panunggangan Barat"),
        ("lampu mati di cimone raya", "Cimone"),
        ("kelurahan jatiuwung tapi kecamatannya cibodas", "Jatiuwung"),
        ("sudimara barat dekat puskesmas ciledug", "Sudimara Barat"),
    ],
)
def test_a_slip_of_a_name_in_a_story_is_still_that_place(finder: PlaceFinder, text: str, place: str) -> None:
    assert best(finder, text) == place
    assert finder.find(text)[0].score >= SURE


@pytest.mark.parametrize(
    "text",
    [
        "rumput setinggi pinggang",
        "layangan nyangkut kabel",
        "saya jualan kain di pasar pak hujan kemarin air masuk",
        "kalau status pengerjaan berarti tukangnya sudah di lapangan kan",
        "pasar becek lagi",
        "di pazar induk becaknya banyak",
        "barang di panjang antrian hilang",
    ],
)
def test_everyday_words_that_sound_like_a_place_are_none(finder: PlaceFinder, text: str) -> None:
    assert finder.find(text) == ()


def test_two_names_that_are_as_near_are_both_offered(finder: PlaceFinder) -> None:
    matches = finder.find("cipetu", asked=True)
    assert {match.area.name for match in matches} == {"Cipete", "Cipadu"}
    assert all(match.score < SURE for match in matches)


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ("maksud saya pinang bukan periuk", "Pinang"),
        ("pajang deket gudang kargo", "Pajang"),
        ("gondrong kampung kebon kelapa", "Gondrong"),
        ("cibdas baru", "Cibodas Baru"),
    ],
)
def test_an_answer_may_be_vaguer_than_a_story(finder: PlaceFinder, answer: str, place: str) -> None:
    assert finder.find(answer, asked=True)[0].area.name == place


# -- landmarks


def near(finder: PlaceFinder, city: City, text: str) -> set[str]:
    found = finder.nearby(text)
    return {area.name for code in found.areas if (area := city.area(code))} if found else set()


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("lampu mati di depan pasar anyar", {"Sukaasih"}),
        ("lampu mati di depan pasaranyar", {"Sukaasih"}),
        ("lampu mati di depan pasar anyer", {"Sukaasih"}),
        ("pohon tumbang di jl veteran no 3", {"Babakan", "Sukasari"}),
        ("banjir di dekat rs hermina", {"Pasar Baru", "Periuk"}),
        ("sampah di depan smpn 4", {"Babakan"}),
        ("macet di jalan dan mogot", {"Sukarasa", "Sukaasih", "Tanah Tinggi", "Batuceper", "Poris Plawad"}),
        ("jalan veteran dekat pasar lama", {"Sukasari"}),
        ("jalan daan mogot batuceper", {"Batuceper"}),
    ],
)
def test_a_landmark_leads_to_where_it_may_be(finder: PlaceFinder, city: City, text: str, places: set[str]) -> None:
    assert near(finder, city, text) == places


@pytest.mark.parametrize(
    "text",
    [
        "pasar lama lama jadi kotor",
        "angkot dari pasar anyar ngetem",
        "bus jurusan terminal cimone tidak lewat",
        "bukan di pasar anyar",
        "jalan pembangunan lima rusak",
        "jalan rusak berlubang dekat rumah sakit",
        "di pasar banyak tikus",
        "masjid di kampung kami kebanjiran",
    ],
)
def test_no_landmark_is_invented(finder: PlaceFinder, text: str) -> None:
    assert finder.nearby(text) is None


def test_a_landmark_that_nobody_confirmed_is_never_a_place_that_was_named(finder: PlaceFinder, city: City) -> None:
    for landmark in city.landmarks:
        for name in landmark.names:
            for text in (f"lampu mati di depan {name}", name):
                named = {match.area.code for match in finder.find(text)}
                assert named <= set(landmark.areas), text  # "Terminal Poris Plawad" names its kelurahan itself
                assert not named or len(landmark.areas) == 1, text


def test_an_area_in_a_landmarks_name_is_not_where_it_is_unless_it_is(finder: PlaceFinder, city: City) -> None:
    assert best(finder, "sampah di terminal poris plawad") == "Poris Plawad"
    assert finder.find("sampah di stasiun batuceper") == ()
    assert near(finder, city, "sampah di stasiun batuceper") == {"Poris Plawad"}
    assert finder.find("macet di jalan ciledug raya") == ()


def test_what_is_said_of_a_landmark_is_kept_in_the_callers_words(finder: PlaceFinder) -> None:
    found = finder.nearby("Lampu mati di depan pasar anyer, jalan veteran pak")
    assert found is not None and found.said == "di depan pasar anyer, jalan veteran"


def test_a_confirmed_landmark_in_one_kelurahan_names_it(contoh: City) -> None:
    finder = PlaceFinder(contoh)
    [match] = finder.find("sampah di pasar kembang")
    assert (match.area.name, match.score >= SURE) == ("Cempaka Timur", True)
    assert finder.find("sampah di jalan elang") == ()
    assert [m.area.name for m in finder.find("sampah di melati dekat pasar kembang")] == ["Melati"]


def test_a_name_like_an_everyday_thing_needs_a_word_that_says_where(contoh: City) -> None:
    finder = PlaceFinder(contoh)
    assert finder.nearby("kampung lama kelamaan sepi") is None
    assert finder.nearby("sampah di kampung lama") is not None


NAMED = ("situ cipondoh", "jalan daan mogot", "pasar lama", "gang kenanga", "jalan merdeka")  # in danger.csv


def placeless(name: str) -> list[str]:
    with (ROOT / "tests" / "routing" / name).open(encoding="utf-8") as file:
        texts = [row["text"] for row in csv.DictReader(file)]
    return [text for text in texts if not any(place in text for place in NAMED)]


@pytest.mark.parametrize("name", ["reports.csv", "emergencies.csv", "danger.csv"])
def test_nothing_is_found_in_reports_that_name_no_place(finder: PlaceFinder, name: str) -> None:
    rng = random.Random(1)
    said = placeless(name)
    assert len(said) >= 130
    found = [
        text for text in said for heard in (text, misheard(text, rng)) if finder.find(heard) or finder.nearby(heard)
    ]
    assert found == []
