"""The promise of the product, with nothing left out: two spoken calls through a running line.

Real webhooks, WebSockets in real time, Vosk, espeak-ng, Redis, worker and database. The caller is a
telephone in a program that only speaks and listens.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ivr.channels.telephone import Telephone
from ivr.channels.telephone_caller import ScriptedCaller
from ivr.channels.telephone_record import CallRecord
from models.calls import Call
from models.cases import Case, CaseEvent
from models.db import connect
from speech.digits import digits_from_words
from speech.vosk_recognizer import VoskRecognizer
from tests.services.line import RunningLine, eventually, running_line

DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
# By prompt: the caller, who knows the line, speaks into each question as soon as it begins.
REPORT = {
    "welcome": "lapor",
    "report": "lampu jalan mati sudah seminggu",
    "category-confirm": "betul sekali",
    "place": "kelurahan cikokol",
    "place-confirm": "betul sekali",
    "landmark": "dekat masjid besar",
    "read-back": "ya betul",
    "after-ticket": "tidak ada lagi",
    "about-you": "lanjut",
}


@pytest.fixture
def line(prepared: Path, var_dir: Path, database_url: str) -> Iterator[RunningLine]:
    with running_line(prepared, var_dir, DATABASE_URL=database_url) as started:
        yield started


def telephone(line: RunningLine, number: str = "+6281234567890") -> Telephone:
    secrets = dict(row.split("=", 1) for row in (line.var_dir / "secrets.env").read_text().splitlines())
    texts = line.var_dir / "speech" / "clips"

    def text_of(key: str) -> str | None:
        found = next(texts.rglob(f"{key}.json"), None)
        return json.loads(found.read_text())["text"] if found else None

    return Telephone(line.url, secrets["TWILIO_AUTH_TOKEN"], "AC" + "0" * 32, number, text_of=text_of)


def heard_by_ear(line: RunningLine, record: CallRecord) -> str:
    """The digits that an ear makes of the sound in which the ticket was read out."""
    digits = [p.at_ms for p in record.prompts if p.prompt == "ticket" and digits_from_words(p.text)]
    end = min(p.at_ms for p in record.prompts if p.at_ms > digits[2])
    stream = VoskRecognizer(line.var_dir / "speech" / "model").listen(DIGITS)
    stream.accept(bytes(record.heard[(digits[0] - 300) * 16 : end * 16]))
    return digits_from_words(stream.finish().text)


def test_a_spoken_report_is_delivered_and_a_second_call_hears_of_it(line: RunningLine, database_url: str) -> None:
    report = telephone(line).call(ScriptedCaller(otherwise="silence", interruptions=REPORT))
    ticket = report.number_heard()
    assert len(ticket) == 8 and report.outcome == "line"
    assert heard_by_ear(line, report).startswith(ticket)
    assert {time.by for time in report.answer_times} == {"voice"}

    with Session(connect(database_url)) as session:
        case = session.scalars(select(Case).where(Case.ticket == ticket)).one()
        assert (case.category_code, case.agency_code, case.review) == ("pju", "dishub", None)
        assert case.area_code == "36.71.01.1005" and "lampu jalan mati" in case.description
        case_id = case.id

    def delivered() -> bool:
        with Session(connect(database_url)) as session:
            kinds = set(session.scalars(select(CaseEvent.kind).where(CaseEvent.case_id == case_id)))
        return {"opened", "assigned", "delivered"} <= kinds

    eventually(delivered, "the worker delivers the case to its agency")

    spoken = ", ".join(DIGITS[int(digit)] for digit in ticket)
    status = telephone(line).call(
        ScriptedCaller({"status": spoken, "after-status": "tidak"}, interruptions={"welcome": "cek status"})
    )
    assert status.steps[-1] == "after-status" and status.number_heard("status-found-mine") == ticket
    assert any("Dinas Perhubungan" in prompt.text for prompt in status.prompts)

    with Session(connect(database_url)) as session:
        assert {call.end_reason for call in session.scalars(select(Call))} == {"goodbye"}
        assert len(session.scalars(select(Case)).all()) == 1
