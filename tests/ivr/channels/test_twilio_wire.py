"""Twilio's messages, without a wire."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.channels import twilio_wire as wire
from ivr.channels.twilio_media import TwilioOutlet
from tests.ivr.channels.served import start

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.sampled_from(["connected", "start", "media", "dtmf", "mark", "stop", "other"])


class Sent:
    """Keeps what would go over the wire."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send(self, data: str) -> None:
        self.messages.append(json.loads(data))

    def receive(self, timeout: float | None = None) -> str | bytes | None:
        return None

    def close(self, reason: int | None = None, message: str | None = None) -> None:
        pass


def test_a_start_is_read_whole() -> None:
    found = wire.parse(json.dumps(start("CA1", "our-id")))
    assert isinstance(found, wire.Start)
    assert (found.call_sid, found.stream_sid, found.parameters["call"]) == ("CA1", "MZ1", "our-id")


@pytest.mark.parametrize(
    "message",
    [
        "", "{", "null", "[]", '"media"', "{}", '{"event": 3}', '{"event": "media"}', '{"event": "media", "media": []}',
        '{"event": "media", "media": {"payload": "%%%"}}', '{"event": "media", "media": {"payload": 7}}',
        '{"event": "dtmf", "dtmf": {"digit": "12"}}', '{"event": "dtmf", "dtmf": {"digit": ""}}',
        '{"event": "mark", "mark": {}}', '{"event": "start", "start": {}}', "[" * 100_000,
        json.dumps(start("CA1", "x", mediaFormat={"encoding": "audio/l16", "sampleRate": 16000, "channels": 1})),
        json.dumps(start("CA1", "x", customParameters=[1])),
    ],
)  # fmt: skip
def test_broken_messages_are_broken_and_nothing_worse(message: str) -> None:
    with pytest.raises(wire.BadMessage):
        wire.parse(message)


def test_binary_frames_are_broken() -> None:
    with pytest.raises(wire.BadMessage):
        wire.parse(b"\xff" * 160)


@given(event=EVENTS, part=JSON, inner=JSON)
def test_whatever_comes_is_a_message_or_broken(event: str, part: Any, inner: Any) -> None:
    for content in (part, {"payload": inner, "digit": inner, "name": inner, "mediaFormat": inner, "callSid": inner}):
        try:
            wire.parse(json.dumps({"event": event, event: content}))
        except wire.BadMessage as error:
            assert str(inner) == "" or len(str(error)) < 80  # says which part, never what was in it


def test_new_kinds_of_messages_are_known_as_unknown() -> None:
    assert wire.parse('{"event": "transcription", "x": 1}') == wire.Unknown()


def test_our_own_voice_is_not_taken_for_the_callers() -> None:
    payload = base64.b64encode(b"\1" * 160).decode()
    message = {"event": "media", "media": {"track": "outbound", "payload": payload}}
    assert wire.parse(json.dumps(message)) == wire.Media(b"")


def test_sound_goes_out_a_second_a_message_and_whole() -> None:
    sent = [json.loads(text) for text in wire.media_messages("MZ1", bytes(range(250)) * 80)]
    payloads = [base64.b64decode(message["media"]["payload"]) for message in sent]
    assert b"".join(payloads) == bytes(range(250)) * 80
    assert max(map(len, payloads)) == 8000 and {m["streamSid"] for m in sent} == {"MZ1"}


def test_marks_of_forgotten_sound_are_not_taken_for_heard() -> None:
    outlet = TwilioOutlet(Sent(), "MZ1")
    for mark in ("1:a:x", "1:b:y"):
        outlet.play(bytes(320), mark)
    outlet.stop()
    outlet.play(bytes(320), "2:a:x")
    assert [outlet.heard(mark) for mark in ("1:a:x", "1:b:y", "2:a:x", "9:never:sent")] == [False, False, True, False]


def test_an_outlet_is_drained_when_its_last_mark_came_back() -> None:
    sent = Sent()
    outlet = TwilioOutlet(sent, "MZ1")
    assert outlet.drained
    outlet.play(bytes(1600), "1:a:x")
    outlet.play(b"", "1:listen:menu")
    outlet.release()
    assert not outlet.drained
    assert outlet.heard("1:listen:menu") and outlet.drained
    assert [m["event"] for m in sent.messages] == ["media", "mark", "mark"]
