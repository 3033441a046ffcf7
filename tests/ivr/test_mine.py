"""Reporters add to their own report, answer about it, and take it back: by word and key, and nobody else does."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from ivr.effects import ActOnCase
from ivr.events import CaseFound, Heard, Keyed
from ivr.line import UNHEARD, Line
from routing.cases import act_on
from routing.city import City
from routing.life import Act
from tests.ivr.talk import TICKET, Talk

FOUND = CaseFound(TICKET, "proses", "2026-11-20", "2026-11-30", "lampu jalan", "Dinas Perhubungan", True)
NUMBER = "+6281234567890"
REPORT = ("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "ya", "tidak ada", "ya")


@pytest.fixture
def heard(talk: Talk) -> Talk:
    """A caller who has just heard of the one own case."""
    talk.cases = (FOUND,)
    return talk.says("cek status", "lupa")


def test_words_are_added_to_the_own_case(heard: Talk) -> None:
    assert heard.prompts_said[-1] == "after-status-mine"
    heard.says("tambah", "lampunya ada tiga yang mati")
    assert heard.acts == [ActOnCase(TICKET, "add", "lampunya ada tiga yang mati", 1)]
    assert heard.step == "after-status" and "added" in heard.prompts_said


def test_by_keys(heard: Talk) -> None:
    heard.presses("3")
    assert heard.step == "add"
    heard.presses("#", "4", "1")
    assert [act.verb for act in heard.acts] == ["withdraw"] and "withdrawn" in heard.prompts_said
    assert heard.prompts_said[-1] == "after-status"  # it is no more offered


def test_a_question_is_answered(talk: Talk) -> None:
    talk.cases = (replace(FOUND, stage="menunggu"),)
    talk.says("cek status", "lupa", "jawab", "rumah nomor tiga")
    assert [act.verb for act in talk.acts] == ["reply"]


def test_who_does_not_mean_it_keeps_the_report(heard: Talk) -> None:
    heard.says("cabut laporan", "tidak")
    assert heard.acts == [] and "kept" in heard.prompts_said


@pytest.mark.parametrize("case", [replace(FOUND, mine=False), replace(FOUND, stage="selesai")])
def test_of_others_and_of_closed_ones_nothing_is_offered(talk: Talk, case: CaseFound) -> None:
    talk.cases = (case,)
    talk.says("cek status", "lupa")
    assert talk.prompts_said[-1] == "after-status"
    talk.presses("3")
    assert talk.step == "after-status" and talk.acts == []


def test_what_came_too_late_is_told(heard: Talk) -> None:
    heard.acts_pass = False
    heard.says("tambah", "sudah menyala")
    assert "not-possible-now" in heard.prompts_said


# -- in the store


def reported(line: Line) -> str:
    call = line.conversation(line.begin("twilio", "CA1", NUMBER))
    call.open()
    for text in REPORT:
        call.handle(Heard(text))
    return call.state.ticket


def again(line: Line, number: str, *answers: str, provider: str = "CA2") -> None:
    call = line.conversation(line.begin("twilio", provider, number))
    call.open()
    call.handle(Keyed("2"))
    for answer in answers:
        call.handle(Keyed(answer) if answer.isdigit() or answer == "#" else Heard(answer))


def test_what_is_added_stands_with_the_case(line: Line) -> None:
    ticket = reported(line)
    again(line, NUMBER, "#", "tambah", "tiga lampu yang mati", "tambah", "dekat masjid", "4", "1")
    case = line.cases.by_ticket(ticket)
    assert case and case.stage == "dicabut"
    added = [(e.details["verb"], e.details.get("text"), e.actor) for e in case.events[1:]]
    assert added == [
        ("add", "tiga lampu yang mati", "caller"),
        ("add", "dekat masjid", "caller"),
        ("withdraw", None, "caller"),
    ]


def test_sound_without_words_is_to_be_listened_to(line: Line) -> None:
    ticket = reported(line)
    again(line, NUMBER, "#", "tambah", "[unk]", "[unk]")
    case = line.cases.by_ticket(ticket)
    assert case and case.events[-1].details["text"] == UNHEARD


def test_another_number_cannot(line: Line, city: City) -> None:
    ticket = reported(line)
    wanted = ActOnCase(ticket, "withdraw", "", 1)
    assert not line.act(wanted, "call", line.vault.lookup("+6281200000000")).done
    assert not line.act(wanted, "call", None).done
    case = line.cases.by_ticket(ticket)
    assert case and case.stage == "pengaduan"


def test_words_for_a_case_that_was_closed_meanwhile_are_kept(line: Line, city: City) -> None:
    case = line.cases.by_ticket(reported(line))
    assert case
    act_on(line.cases, city, case.id, Act("solve", "sari", "console", text="Sudah."), dt.datetime.now(dt.UTC))
    wanted = ActOnCase(case.ticket, "add", "masih mati", 1)
    for _ in range(2):
        assert not line.act(wanted, "call", line.vault.lookup(NUMBER)).done
    case = line.cases.by_ticket(case.ticket)
    assert case and [e.details.get("text") for e in case.events if e.kind == "note"] == ["masih mati"]
