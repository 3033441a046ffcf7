"""Finding the place in a conversation: landmarks lead to a question, and never to a place by themselves."""

from __future__ import annotations

import pytest

from app import load_knowledge, load_prompts
from ivr.knowledge import Knowledge
from ivr.steps.place import MOST_LANDMARKS
from routing.city import load_city
from settings import ROOT, Settings
from tests.ivr.talk import Talk

TIMUR, MELATI = "99.01.01.1002", "99.01.02.1001"


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return load_knowledge(Settings(), load_city(ROOT / "cities" / "contoh"))


@pytest.fixture
def small(known: Knowledge) -> Talk:
    """A call of the invented city, whose landmarks are of every kind."""
    return Talk(known, load_prompts(known.city))


def about_rubbish(talk: Talk, *answers: str) -> Talk:
    return talk.says("lapor", "sampah menumpuk tidak diangkut", "ya", *answers)


# -- in the story


def test_a_landmark_in_the_story_is_asked_about_and_kept_in_the_callers_words(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar lama", "ya")
    assert talk.step == "nearby-confirm"
    assert talk.text == "Apakah tempatnya di Kelurahan Sukasari, Kecamatan Tangerang?"
    talk.says("ya")
    assert talk.step == "landmark"
    talk.says("gang dua", "ya")
    [case] = talk.opened
    assert talk.knows.area(str(case.area)).name == "Sukasari"
    assert case.landmark == "di depan pasar lama. gang dua"


def test_a_landmark_that_was_heard_counts_though_no_other_is_told(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar lama", "ya", "ya", "tidak ada")
    assert "Patokannya sudah direkam." in talk.text
    talk.says("ya")
    assert talk.opened[0].landmark == "di depan pasar lama"


def test_a_street_through_several_is_a_choice_and_none_of_them_an_answer(talk: Talk) -> None:
    talk.says("lapor", "pohon tumbang di jalan hos cokroaminoto", "ya")
    assert talk.step == "nearby-choose" and talk.text.count("Untuk ") == 4
    talk.says("tidak ada")
    assert talk.step == "place" and talk.state.area == ""
    talk.says("cikokol", "ya", "tidak ada", "ya")
    assert talk.knows.area(str(talk.opened[0].area)).name == "Cikokol"


def test_a_street_through_too_many_is_narrowed_by_the_kecamatan(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di jalan daan mogot", "ya")
    assert talk.step == "kecamatan-choose"
    assert [talk.knows.name(code) for code in talk.state.options[:3]] == ["Tangerang", "Batuceper", "Cipondoh"]
    assert len(talk.state.options) == len(talk.knows.city.kecamatan)  # the guess closes no way
    talk.says("batuceper")
    assert talk.step == "place-choose"
    assert talk.knows.name(talk.state.options[0]) == "Batuceper"
    assert len(talk.state.options) == len(talk.knows.city.kelurahan_of(talk.knows.city.kecamatan[2].code))


def test_a_kecamatan_that_was_named_narrows_the_landmark(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di jalan daan mogot kecamatan batuceper", "ya")
    assert talk.step == "place-confirm" and "Kecamatan Batuceper" in talk.text
    talk.says("ya")
    assert talk.step == "nearby-confirm" and "Kelurahan Batuceper" in talk.text
    talk.says("tidak")
    assert talk.step == "place-choose" and len(talk.state.options) == 7  # what was agreed to stays
    talk.says("poris gaga")
    assert talk.knows.area(talk.state.area).name == "Poris Gaga"


def test_a_kelurahan_that_was_named_outranks_a_landmark(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol dekat pasar anyar", "ya")
    assert talk.step == "place-confirm" and "Cikokol" in talk.text
    talk.says("ya", "tidak ada", "ya")
    assert talk.knows.area(str(talk.opened[0].area)).name == "Cikokol"


def test_a_kelurahan_that_is_denied_leads_to_the_landmarks(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol dekat pasar anyar", "ya", "bukan")
    assert talk.step == "nearby-confirm" and "Sukaasih" in talk.text


# -- never by itself


def test_a_landmark_that_nobody_confirmed_makes_no_place_of_a_call_that_broke(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar anyar", "ya").hangs_up()
    [case] = talk.opened
    assert case.area is None and case.landmark == "di depan pasar anyar" and case.review == "telepon terputus"


def test_no_landmark_is_ever_said_by_the_line(talk: Talk) -> None:
    for landmark in talk.knows.city.landmarks:
        fresh = Talk(talk.knows, talk.prompts)
        heard = [fresh.says("lapor", f"lampu jalan mati di dekat {landmark.name.lower()}").text]
        heard += [fresh.says(answer).text for answer in ("ya", "ya", "tidak ada")]
        names = {landmark.name.lower()} - {fresh.knows.area(code).name.lower() for code in landmark.areas}
        assert not [text for text in heard if any(name in text.lower() for name in names)], landmark.name


@pytest.mark.parametrize("answer", ["tidak", "bukan", "bukan di situ"])
def test_a_landmark_that_is_not_meant_leaves_the_question_open(talk: Talk, answer: str) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar anyar", "ya", answer)
    assert talk.step == "place" and talk.wording == "first"


def test_who_names_another_place_instead_is_asked_about_that(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar anyar", "ya")
    talk.says("bukan di cikokol", free="bukan di cikokol")
    assert talk.step == "place-confirm" and "Cikokol" in talk.text
    talk.says("bukan", free="bukan di babakan")
    assert talk.step == "place-confirm" and "Babakan" in talk.text


def test_who_does_not_know_is_not_asked_twice(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar anyar", "ya", "tidak tahu")
    assert talk.step == "landmark" and "place-unknown" in talk.prompts_said
    talk.says("tidak ada", "ya")
    assert talk.opened[0].area is None


def test_keys_answer_too(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar anyar", "ya").presses("2")
    assert talk.step == "place"
    talk.says("jalan hos cokroaminoto")
    assert talk.step == "nearby-choose"
    talk.presses("#")
    assert talk.step == "place"
    talk.says("jalan hos cokroaminoto").presses("1")
    assert talk.step == "landmark" and talk.state.area


def test_back_asks_again(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar lama", "ya", "ya", "kembali")
    assert talk.step == "nearby-confirm" and talk.state.area == ""
    talk.says("ya")
    assert talk.step == "landmark"


# -- as an answer


def test_a_landmark_may_answer_the_question_for_the_kelurahan(talk: Talk) -> None:
    about_rubbish(talk, "dekat klenteng boen tek bio")
    assert talk.step == "nearby-confirm" and "Sukasari" in talk.text
    assert talk.state.landmark == "dekat klenteng boen tek bio"


def test_the_landmarks_question_finds_the_kelurahan_that_the_caller_did_not_know(talk: Talk) -> None:
    about_rubbish(talk, "tidak tahu")
    assert talk.step == "landmark"
    talk.says("di belakang pasar lama")
    assert talk.step == "nearby-confirm"
    talk.says("ya")
    assert talk.step == "read-back" and "Sukasari" in talk.text


def test_the_landmarks_question_is_not_followed_by_another_when_the_kelurahan_is_known(talk: Talk) -> None:
    about_rubbish(talk, "cikokol", "ya", "di belakang pasar lama")
    assert talk.step == "read-back" and "Cikokol" in talk.text


def test_a_landmark_that_is_not_it_leaves_the_kelurahan_unknown(talk: Talk) -> None:
    about_rubbish(talk, "tidak tahu", "di belakang pasar lama", "tidak")
    assert talk.step == "read-back" and "belum diketahui" in talk.text


def test_a_report_that_is_told_anew_forgets_its_landmark(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di depan pasar lama", "ya", "ya", "tidak ada", "tidak", "tempatnya")
    assert talk.step == "place" and (talk.state.landmark, talk.state.nearby) == ("", ())


def test_the_question_for_the_place_listens_for_landmarks(talk: Talk) -> None:
    about_rubbish(talk)
    assert talk.listen.phrases is not None and "pasar anyar" in talk.listen.phrases
    assert len(talk.knows.landmarks()) <= MOST_LANDMARKS


# -- a city that confirmed some


def test_a_confirmed_landmark_is_a_place_that_was_named(small: Talk) -> None:
    small.says("lapor", "sampah tidak diangkut di pasar kembang", "ya")
    assert small.step == "place-confirm" and "Cempaka Timur" in small.text
    small.hangs_up()
    assert small.opened[0].area == TIMUR


def test_a_landmark_of_which_only_the_kecamatan_is_known(small: Talk) -> None:
    small.says("lapor", "sampah tidak diangkut di danau lintang", "ya")
    assert small.step == "nearby-confirm" and "Kecamatan Sungai Hilir" in small.text
    small.says("ya")
    assert small.step == "place-choose" and small.state.options == (MELATI,)


def test_an_area_in_the_name_of_a_landmark_elsewhere_is_not_the_place(small: Talk) -> None:
    small.says("lapor", "sampah tidak diangkut di masjid cempaka timur", "ya")
    assert small.step == "nearby-confirm" and "Melati" in small.text


def test_landmarks_together_are_where_both_can_be(small: Talk) -> None:
    small.says("lapor", "sampah tidak diangkut di jalan elang dekat stasiun hulu", "ya")
    assert small.step == "nearby-confirm" and "Kenari" in small.text
    assert small.state.landmark == "di jalan elang, dekat stasiun hulu"
