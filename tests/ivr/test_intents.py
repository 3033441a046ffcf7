"""Wishes in words that no list has: understood by the small model, where the lists say nothing."""

from __future__ import annotations

import pytest

from ivr.intents import Guess, guess, nearest
from tests.ivr.talk import Talk


@pytest.mark.parametrize("said", ["", "[unk]", "sampah di depan rumah saya menumpuk sudah dua minggu tidak diangkut"])
def test_nothing_and_stories_are_no_wish(said: str) -> None:
    assert guess(said).intent == ""
    assert guess("") == Guess()


def test_a_wording_that_the_lists_know_is_given_only_when_likely() -> None:
    assert nearest("tolong sambungkan saya sama orangnya saja", 0.5) == "petugas"
    assert nearest("sampah menumpuk di pasar sudah seminggu", 0.5) is None
    assert nearest("petugas", 1.01) is None


@pytest.mark.parametrize(
    ("said", "step"),
    [("tolong catat keluhan saya ya", "report"), ("numpang nanya boleh", "information")],
)
def test_wishes_at_the_menu_in_other_words(talk: Talk, said: str, step: str) -> None:
    assert talk.says(said).step == step


def test_a_person_in_other_words(talk: Talk) -> None:
    assert talk.says("ama manusia beneran aja dah").handed_to == "operator"


def test_an_answer_in_other_words(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol", "iyo leres")
    assert talk.step == "place-confirm"


def test_a_story_at_the_menu_stays_a_story(talk: Talk) -> None:
    talk.says("", free="petugas sampah tidak pernah datang ke gang kami di kelurahan cikokol")
    assert talk.step == "category-confirm" and talk.state.said
