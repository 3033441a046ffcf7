"""What reports are about: our own sentences, none of which any rule quotes. Figures are printed with `pytest -rP`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from routing.city import City
from routing.classify import MOST, Classifier

REPORTS = list(csv.DictReader((Path(__file__).parent / "reports.csv").open(encoding="utf-8")))


@pytest.fixture(scope="module")
def classifier(city: City) -> Classifier:
    return Classifier(city)


def test_nine_in_ten_reports_are_named_rightly_and_nearly_all_are_among_four(classifier: Classifier) -> None:
    found = [([p.category for p in classifier.propose(row["text"])], row["category"]) for row in REPORTS]
    first = sum(codes[:1] == [right] for codes, right in found) / len(found)
    among = sum(right in codes for codes, right in found) / len(found)
    unsure = sum(not codes for codes, _ in found) / len(found)
    print(f"first {first:.1%}, among four {among:.1%}, unsure {unsure:.1%} of {len(found)}")
    assert first >= 0.9
    assert among >= 0.97


def test_proposals_come_best_first_with_their_words(classifier: Classifier) -> None:
    proposals = classifier.propose("lampu jalan depan sekolah mati dan aspalnya lubang")
    assert [p.category for p in proposals[:2]] == ["pju", "jalan"]
    assert "lampu jalan" in proposals[0].words
    assert len(proposals) <= MOST
    scores = [p.score for p in proposals]
    assert scores == sorted(scores, reverse=True)
    assert 0 < sum(scores) < 1


@pytest.mark.parametrize("text", ["", "iya", "halo selamat siang", "mau lapor", "[unk]", "saya mau tanya dong"])
def test_nothing_is_proposed_where_nothing_is_said(classifier: Classifier, text: str) -> None:
    assert classifier.propose(text) == ()


@pytest.mark.parametrize(
    ("heard", "category"),
    [
        ("gorong gorongnye mampet bang", "banjir"),  # Betawi
        ("sampahe ora diangkut angkut mas", "sampah"),  # Javanese
        ("lampu jalan pareum kabeh", "pju"),  # Sundanese
        ("puskesmes tutup terus", "kesehatan"),  # a slip of the recogniser
        ("pohonnya rungkad nutupin jalan", "pohon"),
    ],
)
def test_dialect_and_slips_are_understood(classifier: Classifier, heard: str, category: str) -> None:
    assert classifier.propose(heard)[0].category == category


def test_words_that_merely_look_alike_are_not(classifier: Classifier) -> None:
    assert "sampah" not in [p.category for p in classifier.propose("puskesmas buka sampai jam berapa")]


def test_an_emergency_outweighs_what_it_happens_to_name(classifier: Classifier) -> None:
    assert classifier.propose("tolong ada kebakaran di pasar apinya sudah besar")[0].category == "kebakaran"
    assert classifier.propose("ambulans parkir sembarangan di depan rumah saya")[0].category == "parkir"


def test_another_city_has_its_own_words(contoh: City) -> None:
    proposals = Classifier(contoh).propose("bak sampah penuh")
    assert [p.category for p in proposals] == ["sampah"]
