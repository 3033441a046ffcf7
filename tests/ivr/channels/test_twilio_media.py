"""The media stream over real WebSockets: broken input, lost lines, two streams, and whole turns by sound."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from ivr.channels.telephone_caller import ScriptedCaller
from models.calls import Call, Recording
from speech.audio import silence
from tests.ivr.channels.served import ACCOUNT, FORMAT, Served, Wire, start
from tests.ivr.handset import spoken

NORMAL, TOO_BIG, CUT_OFF = 1000, 1009, 1006  # cut off: we stop reading, so the rest of 10 MB finds no reader


def kinds(served: Served, call_id: str) -> list[str]:
    return [turn.kind for turn in served.line.calls.turns(call_id)]


def recorded_ms(served: Served, call_id: str) -> int:
    """Length of all that was kept of a call's sound."""
    with Session(served.line.calls._engine) as session:
        rows = session.scalars(select(Recording.id).where(Recording.call_id == call_id))
        return sum(len(served.line.recordings.read_pcm(row)) // 16 for row in rows)


# -- the handshake


@pytest.mark.parametrize("signature", ["", "nonsense", "n" * 3000])
def test_a_handshake_without_the_right_signature_is_refused(served: Served, signature: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        served.connect(signature)
    assert refused.value.response.status_code == 403


# -- broken input

BEFORE_START: dict[str, str | bytes] = {
    "not JSON": "{",
    "a list": "[]",
    "a binary frame": b"\xff" * 320,
    "no event": "{}",
    "sound before start": json.dumps({"event": "media", "media": {"payload": "//8="}}),
    "a key before start": json.dumps({"event": "dtmf", "dtmf": {"digit": "1"}}),
    "a mark before start": json.dumps({"event": "mark", "mark": {"name": "1:a:b"}}),
    "a start without parts": json.dumps({"event": "start", "start": {"callSid": 7}}),
    "10 MB": "x" * 10_000_000,
}
AFTER_START: dict[str, str | bytes] = {
    "not JSON": "{",
    "a binary frame": b"\0" * 320,
    "bad base64": json.dumps({"event": "media", "media": {"track": "inbound", "payload": "%%%"}}),
    "a payload that is no text": json.dumps({"event": "media", "media": {"payload": 5}}),
    "an impossible key": json.dumps({"event": "dtmf", "dtmf": {"digit": "12"}}),
    "a second start": json.dumps(start("CA" + "1" * 32, "x")),
    "10 MB": json.dumps({"event": "media", "media": {"payload": "A" * 10_000_000}}),
}


@pytest.mark.parametrize("what", BEFORE_START)
def test_broken_input_before_start_closes_the_stream(served: Served, what: str) -> None:
    with served.connect() as socket:
        send_what_fits(socket, BEFORE_START[what])
        assert Wire(socket).closed() in (NORMAL, TOO_BIG, CUT_OFF)
    assert served.line.gate.live == 0


@pytest.mark.parametrize("what", AFTER_START)
def test_broken_input_in_a_call_ends_the_stream_and_keeps_what_was_said(served: Served, what: str) -> None:
    sid, call_id = served.begin()
    with served.stream(sid, call_id) as wire:
        wire.until_mark("listen:menu")
        wire.sound(silence(1000))
        send_what_fits(wire.socket, AFTER_START[what])
        assert wire.closed() in (NORMAL, TOO_BIG, CUT_OFF)
    call = settled(served, call_id)
    assert call.ended_at is None, "the caller is still there: Twilio goes on with /twilio/continue"
    with served.stream(sid, call_id) as wire:
        assert any("resumed" in mark for mark in wire.until_mark("listen:menu"))
    settled(served, call_id)
    assert recorded_ms(served, call_id) >= 1000


def send_what_fits(socket: ClientConnection, message: str | bytes) -> None:
    """Send it, even if the other end hangs up in the middle."""
    with suppress(ConnectionClosed):
        socket.send(message)


def settled(served: Served, call_id: str) -> Call:
    """The call, once no stream holds it."""
    for _ in range(100):
        if served.line.gate.live == 0:
            return served.line.calls.get(call_id)
        time.sleep(0.05)
    raise AssertionError("the stream still runs")


def test_messages_of_a_new_kind_do_no_harm(served: Served) -> None:
    sid, call_id = served.begin()
    with served.stream(sid, call_id) as wire:
        wire.send(event="transcription", streamSid="MZ1", transcription={"text": "x"})
        wire.until_mark("listen:menu")
        wire.press("1")
        wire.until_mark("listen:report")


@pytest.mark.parametrize("wrong", ["call", "account", "unknown call", "format"])
def test_a_start_that_is_not_of_this_call_opens_nothing(served: Served, wrong: str) -> None:
    sid, call_id = served.begin()
    _, other = served.begin()
    choices: dict[str, dict[str, Any]] = {
        "call": {"customParameters": {"call": other}},
        "account": {"accountSid": "AC" + "6" * 32},
        "unknown call": {"callSid": "CA" + "9" * 32},
        "format": {"mediaFormat": {**FORMAT, "sampleRate": 16000}},
    }
    with served.stream(sid, call_id, **choices[wrong]) as wire:
        assert wire.closed() == NORMAL
    assert kinds(served, call_id) == [] and served.line.gate.live == 0


def test_a_stream_that_never_starts_is_closed(served: Served) -> None:
    with served.connect() as socket:
        wire = Wire(socket)
        wire.send(event="connected", protocol="Call", version="1.0.0")
        assert wire.closed() == NORMAL


def test_a_stream_without_any_sound_is_taken_for_silence(served: Served) -> None:
    sid, call_id = served.begin()
    with served.stream(sid, call_id) as wire:
        wire.until_mark("listen:menu")
        assert any("not-heard" in mark for mark in wire.until_mark("listen:menu"))
    settled(served, call_id)
    assert kinds(served, call_id) == ["start", "silence"]


# -- the end of a stream


def test_stop_is_a_hang_up_and_a_lost_line_is_none(served: Served) -> None:
    sid, call_id = served.begin()
    with served.stream(sid, call_id) as wire:
        wire.until_mark("listen:menu")
    assert settled(served, call_id).ended_at is None
    with served.stream(sid, call_id) as wire:
        wire.until_mark("listen:menu")
        wire.send(event="stop", streamSid="MZ1", stop={"accountSid": ACCOUNT, "callSid": sid})
        wire.closed()
    assert settled(served, call_id).end_reason == "hang-up"
    assert kinds(served, call_id) == ["start", "resume", "hang-up"]


def test_the_newer_of_two_streams_of_a_call_wins(served: Served) -> None:
    sid, call_id = served.begin()
    with served.stream(sid, call_id) as older:
        older.until_mark("listen:menu")
        with served.stream(sid, call_id) as newer:
            newer.until_mark("listen:menu")
            assert older.closed() == NORMAL
            newer.press("1")
            newer.until_mark("listen:report")
    settled(served, call_id)
    assert kinds(served, call_id) == ["start", "resume", "key"]


def test_a_stream_beyond_the_limit_is_not_opened(served: Served) -> None:
    sid, call_id = served.begin()
    while served.line.gate.enter():
        pass
    with served.stream(sid, call_id) as wire:
        assert wire.closed() == NORMAL
    assert kinds(served, call_id) == [] and served.line.gate.live == served.line.gate.most


def test_the_status_webhook_ends_a_stream_whose_stop_never_came(served: Served) -> None:
    sid, call_id = served.begin()
    with served.stream(sid, call_id) as wire:
        wire.until_mark("listen:menu")
        served.post("/twilio/status", {"CallSid": sid, "AccountSid": ACCOUNT, "CallStatus": "completed"})
        wire.closed()
    assert settled(served, call_id).end_reason == "hang-up"
    assert kinds(served, call_id).count("hang-up") == 1


# -- turns by sound


def test_words_spoken_as_the_line_breaks_are_kept(served: Served) -> None:
    sid, call_id = served.begin()
    with served.stream(sid, call_id) as wire:
        wire.until_mark("listen:menu")
        wire.press("1")
        wire.until_mark("listen:report")
        wire.sound(silence(300) + spoken("lampu jalan mati di depan masjid"))
    settled(served, call_id)
    [said] = [turn for turn in served.line.calls.turns(call_id) if turn.kind == "speech"]
    assert said.transcript is not None and "lampu jalan mati" in said.transcript.text


def test_a_call_by_voice_and_keys_from_greeting_to_goodbye(served: Served) -> None:
    answers = {"report": "lampu jalan mati di cikokol", "category-confirm": "ya", "after-ticket": "keys:2"}
    answers["about-you"] = "keys:4"
    in_a_hurry = {"welcome": "keys:1", "place-confirm": "keys:1", "landmark": "keys:#", "read-back": "keys:1"}
    record = served.telephone().call(ScriptedCaller(answers, interruptions=in_a_hurry))
    assert (record.outcome, record.steps) == ("line", list(answers))
    case = served.line.cases.by_ticket(record.number_heard())
    assert case is not None and case.category_code == "pju"
    assert "menu" not in [heard.prompt for heard in record.prompts], "the key cut the greeting short"
    assert [heard.whole for heard in record.prompts if heard.prompt == "landmark"] == [False]
    assert {time.step for time in record.answer_times if time.by == "voice"} == {"report", "category-confirm"}
    assert len(record.heard) == len(record.sent) and any(record.heard)


def test_a_caller_who_asks_for_a_person_gets_one(served: Served) -> None:
    served.line.numbers["operator"] = "+622155550111"
    dialled: list[str] = []

    def busy(number: str) -> str:
        dialled.append(number)
        return "busy"

    caller = ScriptedCaller({"menu": "hang-up", "message": "hang-up"}, interruptions={"welcome": "keys:0"})
    record = served.telephone(dial_outcome=busy).call(caller)
    assert dialled == ["+622155550111"]
    assert record.steps == ["message"] and record.outcome == "caller"
    call = served.line.calls.by_provider(record.call_sid)
    assert call is not None
    assert [row.outcome for row in served.line.calls.hand_overs(call.id)] == ["failed"]
