"""Back to what was denied, what nobody knows, and emergencies that nobody answers for."""

from __future__ import annotations

import pytest

from ivr.profiles import STANDARD
from tests.ivr.talk import Talk


def test_back_asks_for_the_category_that_was_denied(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol", "bukan", "kembali")
    assert talk.step == "category-confirm" and "lampu jalan" in talk.text


def test_back_to_a_choice_offers_what_belongs_there(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati", "bukan").presses("1")
    talk.presses("1").says("pinang", "ya")
    assert talk.step == "place-choose"
    for _ in range(5):
        if talk.step != "category-choose":
            talk.says("kembali")
    assert talk.step == "category-choose"
    assert all(code in talk.knows.city.categories for code in talk.state.options)


def test_back_goes_past_a_place_that_was_denied(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "bukan", "kembali")
    assert talk.step == "category-confirm"


@pytest.mark.parametrize("said", ["tolong cepat diperbaiki", "petugas tidak datang", "kembali rusak"])
def test_a_word_of_a_story_is_no_command(talk: Talk, said: str) -> None:
    talk.says("lapor", said)
    assert talk.step != "report" and talk.state.pace == STANDARD and talk.handed_to is None
    assert talk.state.said == (said,)


def test_who_does_not_know_is_not_taken_for_a_no(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol", "tidak tahu")
    assert talk.state.category == "pju" and talk.step == "place-confirm"
    talk.says("tidak tahu")
    assert talk.step == "landmark" and talk.state.area == ""


def test_a_mumble_does_not_keep_an_emergency_from_being_dialled(talk: Talk) -> None:
    talk.says("tolong rumah tetangga kebakaran apinya besar")
    assert talk.step == "emergency"
    talk.says("ya", confidence=0.0)
    assert talk.handed_to == "emergency"


def test_a_doubt_that_is_not_answered_is_taken_for_an_emergency(talk: Talk) -> None:
    talk.says("lapor", "saya sembunyi di lemari ada langkah kaki berat dan suara kaca pecah")
    assert talk.step == "emergency-confirm"
    talk.says("[unk]", "[unk]")
    assert talk.step == "emergency"
