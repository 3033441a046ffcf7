"""What earlier calls left open, and what others have reported already: asked, taken up, told."""

from __future__ import annotations

import datetime as dt

import pytest

from ivr.conversation import Conversation
from ivr.effects import TellOutcome
from ivr.events import AlikeFound, Broken, Heard, HungUp, Solved
from ivr.knowledge import Knowledge
from ivr.line import Line
from ivr.prompts import Prompts
from models.cases import Case
from routing import cases, outcome
from routing.alike import find_alike
from routing.life import Act
from tests.ivr.talk import TICKET, Talk

SOLVED = Solved("12345678", "lampu jalan", "2026-11-20")
REPORT = ("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "ya")
NUMBER = "+628120000001"


@pytest.fixture
def solved(knows: Knowledge, prompts: Prompts) -> Talk:
    """A call from a number whose case was solved."""
    return Talk(knows, prompts, solved=SOLVED)


# -- is it solved?


def test_whoever_has_a_solved_case_is_asked_before_the_menu(solved: Talk) -> None:
    assert solved.step == "outcome" and "lampu jalan" in solved.text and "sudah beres?" in solved.text
    assert [one.ticket for one in solved.cases_asked] == ["12345678"]


def test_it_is_solved_and_how_well(solved: Talk) -> None:
    solved.says("sudah beres")
    assert solved.step == "outcome-score"
    solved.says("lima")
    assert solved.outcomes == [TellOutcome("12345678", "", 5, 1)]
    assert solved.step == "menu" and solved.prompts_said[0] == "outcome-thanks"


def test_it_is_solved_by_keys_alone_and_five_is_a_score_there(solved: Talk) -> None:
    solved.presses("1", "5")
    assert solved.outcomes == [TellOutcome("12345678", "", 5, 1)]


@pytest.mark.parametrize("said", ["lanjut", "tidak"])
def test_nobody_has_to_give_a_score(solved: Talk, said: str) -> None:
    solved.says("ya", said)
    assert solved.outcomes == [TellOutcome("12345678", "", 0, 1)]


def test_who_gives_no_score_is_asked_once_more_and_let_on(solved: Talk) -> None:
    solved.says("ya").is_silent(2)
    assert solved.outcomes == [TellOutcome("12345678", "", 0, 1)] and solved.step == "menu"


def test_it_is_not_solved_in_the_callers_words(solved: Talk) -> None:
    solved.says("belum")
    assert solved.step == "outcome-words" and "Mohon maaf" in solved.text
    solved.says("lampunya masih mati kalau malam")
    assert solved.outcomes == [TellOutcome("12345678", "lampunya masih mati kalau malam", 0, 1)]
    assert solved.prompts_said[0] == "outcome-reopened" and solved.step == "menu"


def test_who_calls_for_another_thing_need_not_answer(solved: Talk) -> None:
    assert solved.says("mau lapor").step == "report"


# -- a report that broke off


def test_a_broken_report_goes_on_where_it_stood(knows: Knowledge, prompts: Prompts) -> None:
    first = Talk(knows, prompts).says("lapor", "lampu jalan mati di kelurahan cikokol", "ya").hangs_up()
    assert len(first.opened) == 1
    again = Talk(knows, prompts, broken=Broken("87654321", "lampu jalan", first.state.to_json()))
    assert again.step == "continue" and "tentang lampu jalan terputus" in again.text
    again.says("ya")
    assert again.step == "place-confirm" and "Cikokol" in again.text
    again.says("ya", "tidak ada", "ya")
    [case] = again.opened
    assert (case.category, case.continues, case.review) == ("pju", "87654321", None)
    assert "lampu jalan mati" in case.description


def test_who_does_not_want_to_go_on_hears_that_nothing_is_lost(knows: Knowledge, prompts: Prompts) -> None:
    talk = Talk(knows, prompts, broken=Broken("87654321", "", {})).says("tidak")
    assert talk.step == "menu" and talk.prompts_said[0] == "not-continued" and not talk.opened


# -- the same problem


def test_the_same_problem_is_offered_and_joined(talk: Talk) -> None:
    talk.alike = AlikeFound("23456781", 3)
    talk.says(*REPORT, "dekat masjid al ikhlas")
    assert talk.step == "alike" and "tiga laporan tentang lampu jalan" in talk.text
    talk.says("ya")
    assert talk.step == "after-ticket" and talk.opened == []
    [join] = talk.joined
    assert (join.ticket, join.announcement) == ("23456781", "") and "lampu jalan mati" in join.description


def test_another_problem_is_a_report_of_its_own(talk: Talk) -> None:
    talk.alike = AlikeFound("23456781", 1)
    talk.says(*REPORT, "dekat masjid al ikhlas", "bukan")
    assert talk.step == "read-back"
    assert talk.says("ya").opened[0].category == "pju" and talk.state.ticket == TICKET


def test_a_case_that_was_closed_meanwhile_is_not_joined(talk: Talk) -> None:
    talk.alike, talk.joinable = AlikeFound("23456781", 1), False
    talk.says(*REPORT, "dekat masjid al ikhlas", "ya")
    assert talk.step == "read-back"


# -- with the real store


def call(line: Line, name: str, *said: str, number: str = NUMBER) -> Conversation:
    conversation = line.conversation(line.begin("twilio", name, number))
    conversation.open()
    for text in said:
        conversation.handle(Heard(text))
    return conversation


def a_case(line: Line, name: str, landmark: str = "dekat masjid al ikhlas", number: str = NUMBER) -> Case:
    conversation = call(line, name, *REPORT, landmark, number=number)
    if conversation.state.step == "alike":
        conversation.handle(Heard("bukan"))
    conversation.handle(Heard("ya"))
    case = line.cases.by_ticket(conversation.state.ticket)
    assert case
    return case


def solve(line: Line, case: Case) -> None:
    cases.act_on(line.cases, line.knows.city, case.id, Act("solve", "sari", "console", text="Sudah diganti."))


def test_a_solved_case_is_reopened_with_the_callers_words(line: Line) -> None:
    case = a_case(line, "CA1")
    solve(line, case)
    again = call(line, "CA2", "belum", "lampunya mati lagi")
    after = line.cases.by_ticket(case.ticket)
    assert again.state.step == "menu" and after and after.stage == "proses"
    assert after.events[-1].kind == "reopened" and after.events[-1].details["text"] == "lampunya mati lagi"


def test_a_confirmed_case_is_not_asked_about_again(line: Line) -> None:
    case = a_case(line, "CA1")
    solve(line, case)
    call(line, "CA2", "sudah beres", "empat")
    after = line.cases.by_ticket(case.ticket)
    assert after and after.stage == "selesai"
    assert (after.events[-1].kind, after.events[-1].details["score"]) == ("confirmed", 4)
    assert call(line, "CA3").state.step == "menu"


def test_it_is_asked_in_two_calls_at_most_and_of_nobody_else(line: Line) -> None:
    case = a_case(line, "CA1")
    solve(line, case)
    assert call(line, "CB1", number="+628120000002").state.step == "menu"
    assert [call(line, f"CA{n}").state.step for n in (2, 3, 4)] == ["outcome", "outcome", "menu"]


def test_a_case_that_was_solved_long_ago_is_left_alone(line: Line) -> None:
    case = a_case(line, "CA1")
    solve(line, case)
    lookup, later = line.vault.lookup(NUMBER), dt.datetime.now(dt.UTC) + dt.timedelta(days=15)
    assert outcome.to_confirm(line.cases, lookup, later) is None


def test_a_broken_report_is_finished_by_the_next_call_as_one_case(line: Line) -> None:
    first = call(line, "CA1", "lapor", "lampu jalan mati di kelurahan cikokol", "ya")
    first.handle(HungUp())
    broken = line.cases.by_origin(f"{first.call_id}:1")
    assert broken and broken.review == outcome.BROKEN
    again = call(line, "CA2", "ya", "ya", "dekat masjid al ikhlas")
    again.handle(Heard("ya"))
    case, old = line.cases.by_ticket(again.state.ticket), line.cases.by_ticket(broken.ticket)
    assert case and old and case.id != old.id
    assert (old.stage, old.merged_into, case.review, case.landmark) == (
        "digabung",
        case.id,
        None,
        "dekat masjid al ikhlas",
    )
    assert call(line, "CA3").state.step == "menu"


def test_a_report_by_the_same_landmark_is_found_and_another_is_not(line: Line) -> None:
    case = a_case(line, "CA1")
    now = dt.datetime.now(dt.UTC)
    area = str(case.area_code)
    found = find_alike(line.cases, "pju", area, "belakang masjid alikhlas", now)
    assert found and (found.case.id, found.count) == (case.id, 1)
    assert find_alike(line.cases, "pju", area, "jalan melati", now) is None
    assert find_alike(line.cases, "jalan", area, "masjid al ikhlas", now) is None
    assert find_alike(line.cases, "pju", area, "masjid al ikhlas", now + dt.timedelta(days=31)) is None


def test_many_at_once_from_one_kelurahan_are_one_problem(line: Line) -> None:
    for number, landmark in enumerate(("jalan melati", "jalan mawar", "jalan kenanga")):
        newest = a_case(line, f"CA{number}", landmark, f"+62812000000{number}")
    found = find_alike(line.cases, "pju", str(newest.area_code), "", dt.datetime.now(dt.UTC))
    assert found and (found.case.id, found.count) == (newest.id, 3)


def test_who_joins_follows_the_case(line: Line) -> None:
    case = a_case(line, "CA1")
    other = call(line, "CB1", *REPORT, "dekat masjid al ikhlas", "ya", number="+628120000002")
    assert other.state.ticket == case.ticket and other.state.step == "after-ticket"
    assert len(line.cases.followers(case.id)) == 1
    assert line.cases.by_origin(f"{other.call_id}:1") is None
