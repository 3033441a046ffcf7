"""Emergencies by what is said: our own sentences, none of which any rule quotes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from routing.city import City
from routing.emergency import judge

ROWS = list(csv.DictReader((Path(__file__).parent / "emergencies.csv").open(encoding="utf-8")))


def test_hardly_an_emergency_is_missed_and_hardly_a_report_is_taken_for_one(city: City) -> None:
    levels = [(judge(row["text"], city).level, row["emergency"] == "1") for row in ROWS]
    sure = [right for level, right in levels if level == "sure"]
    emergencies = [level for level, right in levels if right]
    precision = sum(sure) / len(sure)
    recall = emergencies.count("sure") / len(emergencies)
    asked = sum(level == "doubt" for level, right in levels if not right) / (len(levels) - len(emergencies))
    print(f"precision {precision:.1%}, recall {recall:.1%} of {len(emergencies)}, asked in vain {asked:.1%}")
    assert precision >= 0.97
    assert recall >= 0.95
    assert emergencies.count("none") / len(emergencies) <= 0.03
    assert asked <= 0.05


@pytest.mark.parametrize(
    ("said", "category"),
    [
        ("rumah tetangga saya kebakaran", "kebakaran"),
        ("ibu saya pingsan tidak sadar", "ambulans"),
        ("ada begal bawa celurit", "kejahatan"),
    ],
)
def test_the_kind_names_the_citys_category(city: City, contoh: City, said: str, category: str) -> None:
    assert judge(said, city).category == category
    assert judge(said, contoh).category in ("api", "medis")


def test_the_words_that_spoke_are_given(city: City) -> None:
    verdict = judge("pak tolong bapak saya sesak napas", city)
    assert {"sesak", "napas"} <= set(verdict.words)


@pytest.mark.parametrize("said", ["", "   ", "[unk]", "tolong", "ambulans", "darurat", "halo"])
def test_a_bare_word_is_no_emergency(city: City, said: str) -> None:
    assert judge(said, city).level == "none"


@pytest.mark.parametrize(
    ("emergency", "none"),
    [
        ("gudang sebelah kebakaran", "kemarin gudang sebelah kebakaran"),
        ("ada tawuran di depan sekolah", "tiap malam ada tawuran di depan sekolah"),
        ("suami saya kejang", "takut suami saya kejang kalau panas"),
        ("butuh ambulans bapak saya nyeri dada", "berapa biaya ambulans buat kontrol bapak saya"),
        ("saya dirampok", "parkirnya kayak dirampok"),
    ],
)
def test_time_habit_fear_price_and_comparison_take_the_alarm_away(city: City, emergency: str, none: str) -> None:
    assert judge(emergency, city).level == "sure"
    assert judge(none, city).level == "none"


@pytest.mark.parametrize(
    ("emergency", "none"),
    [
        ("anak saya kejepit pintu lift", "ayunan patah anak hampir kejepit"),
        ("gordennya menyala kena lilin", "minta lampu gang dinyalakan kena uang lingkungan"),
        ("nenek saya terjebak banjir di kamar", "berkas saya terjebak di sistem"),
        ("teman saya jatuh ke sumur belum bisa naik", "sumur kami kering dari bulan lalu"),
        ("sekarang rumah tetangga terbakar", "minggu lalu rumah tetangga terbakar"),
    ],
)
def test_what_shares_a_verb_with_a_danger_is_none(city: City, emergency: str, none: str) -> None:
    assert judge(emergency, city).level != "none"
    assert judge(none, city).level == "none"


def test_now_outweighs_what_happened_before(city: City) -> None:
    assert judge("kemarin sudah lapor sekarang rumahnya kebakaran lagi apinya besar", city).level == "sure"
