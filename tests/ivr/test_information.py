"""Questions that the line answers itself: found, answered, and only then a report or a person."""

from __future__ import annotations

from ivr.events import Started
from ivr.knowledge import Knowledge
from ivr.prompts import Prompts
from tests.ivr.talk import Talk


def test_information_by_menu_and_in_free_words(talk: Talk) -> None:
    talk.presses("3", "1")
    assert talk.step == "answered" and talk.prompts_said[0] == "answer-unsure"  # "contoh": nobody has confirmed it
    talk.says("ya")
    assert talk.step == "after-information"
    talk.says("informasi")
    question = talk.knows.city.information[-1].questions[0]
    talk.says("", free=question)
    assert talk.state.answer == talk.knows.city.information[-1].answer


def test_an_answer_that_was_none_leads_to_a_report_or_a_person(talk: Talk) -> None:
    talk.presses("3", "1").says("belum")
    assert talk.step == "unanswered" and "petugas" in talk.text
    talk.says("lapor")
    assert talk.step == "report"


def test_an_answer_whose_time_is_over_is_not_given(knows: Knowledge, prompts: Prompts) -> None:
    old = knows.city.information[0]
    talk = Talk(knows, prompts)
    talk.happens(Started(stale=(old.code,))).says("informasi")
    assert old.code not in talk.state.options
    talk.says("", free=old.questions[0])
    assert talk.state.answer != old.answer
