"""The updates extension: what other systems hear of cases, and what they add to them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from models.base import utcnow
from routing.cases import act_on, open_case, status
from routing.life import Act
from routing.open311.returned import LONGEST_SPOKEN, speakable
from tests.routing.open311.conftest import Interface, xml
from tests.routing.test_cases import DRAFT


def act(interface: Interface, ticket: str, verb: str, text: str = "") -> None:
    act_on(interface.cases, interface.city, interface.case(ticket).id, Act(verb, "petugas", "console", text=text))


def update(ticket: str, status: str = "OPEN", text: str = "Masih gelap", number: str = "u1") -> dict[str, str]:
    return {"service_request_id": ticket, "update_id": number, "status": status, "description": text}


def kinds(interface: Interface, ticket: str) -> list[str]:
    return [event.kind for event in interface.case(ticket).events]


def test_what_officers_do_is_heard_in_order_with_its_words(interface: Interface) -> None:
    ticket = interface.report()
    act(interface, ticket, "start")
    act(interface, ticket, "note", "catatan dalam")
    act(interface, ticket, "answer", "Besok kami datang.")
    act(interface, ticket, "solve", "Lampu sudah menyala.")
    told = interface.get("servicerequestupdates.json").json
    assert [(one["external_status_code"], one["description"]) for one in told] == [
        ("pengerjaan", "Laporan sedang dikerjakan di lapangan."),
        ("selesai", "Besok kami datang."),
        ("selesai", "Lampu sudah menyala."),
    ]
    assert [one["status"] for one in told] == ["in_progress", "fixed", "fixed"]
    assert {one["service_request_id"] for one in told} == {ticket}
    listed = xml(interface.get("servicerequestupdates.xml"))
    assert listed.tag == "service_request_updates"
    assert [one.findtext("update_id") for one in listed.findall("request_update")] == [o["update_id"] for o in told]


def test_updates_are_asked_for_by_time(interface: Interface) -> None:
    ticket = interface.report()
    act(interface, ticket, "accept")
    (one,) = interface.get("servicerequestupdates.json").json
    at = one["updated_datetime"]
    get = interface.get
    assert get("servicerequestupdates.json", end_date="2026-01-01T00:00:00Z", start_date="2025-12-31").json == []
    assert get("servicerequestupdates.json", start_date=at, end_date=utcnow().isoformat()).json == [one]


# -- what a citizen adds through the system that sent the case


def test_a_citizens_words_are_added_once(interface: Interface) -> None:
    ticket = interface.report()
    for _ in range(2):
        assert interface.post("servicerequestupdates.json", **update(ticket)).json == [{"update_id": "u1"}]
    assert kinds(interface, ticket) == ["opened", "added"]
    answer = xml(interface.post("servicerequestupdates.xml", **update(ticket, number="u2")))
    assert answer.findtext("request_update/update_id") == "u2"


def test_an_answer_to_a_question_sets_the_case_going_again(interface: Interface) -> None:
    ticket = interface.report()
    act(interface, ticket, "ask", "Tiang nomor berapa?")
    interface.post("servicerequestupdates.json", **update(ticket, text="Tiang nomor dua"))
    assert interface.case(ticket).stage == "proses"


@pytest.mark.parametrize(("word", "stage"), [("CANCELLED", "dicabut"), ("CLOSED", "pengaduan"), ("FIXED", "pengaduan")])
def test_a_citizen_may_withdraw_but_not_solve(interface: Interface, word: str, stage: str) -> None:
    ticket = interface.report()
    interface.post("servicerequestupdates.json", **update(ticket, word))
    assert interface.case(ticket).stage == stage


@pytest.mark.parametrize(("word", "stage"), [("REOPEN", "proses"), ("OPEN", "selesai")])
def test_a_solved_case_is_opened_again_only_when_that_is_said(interface: Interface, word: str, stage: str) -> None:
    ticket = interface.report()
    act(interface, ticket, "solve", "Sudah.")
    interface.post("servicerequestupdates.json", **update(ticket, word))
    assert interface.case(ticket).stage == stage
    assert interface.case(ticket).events[-1].details["text"] == "Masih gelap"


# -- what an agency's own system answers


@pytest.mark.parametrize(
    ("word", "stage", "said"),
    [
        ("OPEN", "pengaduan", "Kami datang besok."),
        ("INVESTIGATING", "proses", "Kami datang besok."),
        ("IN_PROGRESS", "pengerjaan", "Kami datang besok."),
        ("FIXED", "selesai", "Kami datang besok."),
        ("closed", "selesai", "Kami datang besok."),
        ("NO_FURTHER_ACTION", "ditolak", "Kami datang besok."),
    ],
)
def test_an_agencys_system_answers_for_it(interface: Interface, word: str, stage: str, said: str) -> None:
    opened = open_case(interface.cases, interface.city, DRAFT, utcnow())  # of a telephone
    key = interface.make_key("answer:dishub")
    for _ in range(2):
        sent = update(opened.ticket, word, "Kami datang <b>besok</b>. https://dishub.example/1")
        assert interface.post("servicerequestupdates.json", key, **sent).status_code == 200
    told = status(interface.cases, interface.city, opened.ticket)
    assert told is not None
    assert (told.stage, told.said) == (stage, said)
    events = [event.key for event in interface.case(opened.ticket).events]
    assert len(events) == len(set(events)) <= 3


def test_what_the_stage_does_not_permit_is_kept_as_a_note(interface: Interface) -> None:
    opened = open_case(interface.cases, interface.city, replace(DRAFT), utcnow())
    act(interface, opened.ticket, "ask", "Di mana?")
    interface.post("servicerequestupdates.json", interface.make_key("answer:dishub"), **update(opened.ticket, "FIXED"))
    case = interface.case(opened.ticket)
    assert (case.stage, case.events[-1].kind, case.events[-1].details["text"]) == ("menunggu", "note", "Masih gelap")


def test_an_unknown_case_and_a_missing_field_are_refused(interface: Interface) -> None:
    assert interface.post("servicerequestupdates.json", **update("00000000")).status_code == 404
    wrong: dict[str, Any] = update(interface.report()) | {"update_id": "", "updated_datetime": "kemarin"}
    answer = interface.post("servicerequestupdates.json", **wrong)
    assert (answer.status_code, len(answer.json)) == (400, 2)


def test_a_remote_answer_is_made_fit_for_the_ear() -> None:
    assert speakable("<p>Sudah&nbsp;beres.</p>\n\nLihat www.kota.id/1 atau a@b.id") == "Sudah beres. Lihat atau"
    long = speakable("Kami sudah datang ke tempat itu. " * 60)
    assert len(long) <= LONGEST_SPOKEN
    assert long.endswith("itu.")
