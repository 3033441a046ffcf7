"""The dialogue as TwiML, without a server."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from ivr.channels.twilio_keys import Addresses, is_recording_url, keyed, recorded, recording_duration_ms, twiml
from ivr.conversation import Output, Speak
from ivr.effects import HandOver, HangUp, Listen
from ivr.events import Heard, Keyed, Silence

SID = "AC" + "5" * 32
AT = Addresses("/keys", "/recorded", "/go-on", lambda speak: [f"/{speak.prompt}-1.wav", f"/{speak.prompt}-2.wav"])
HELLO = Speak("hello", "Halo. Halo.", 140)
MENU = Listen("menu", "menu", ("lapor",))
STORY = Listen("report", "message", limit_ms=90_000)
NUMBER = Listen("status", "digits", ("satu",), keys=8)


def document(*outputs: Output, expected: Listen | None = None) -> ElementTree.Element:
    return ElementTree.fromstring(str(twiml(outputs, AT, expected)))


def test_a_menu_is_one_key_that_interrupts_the_prompt() -> None:
    gather, otherwise = document(HELLO, MENU)
    assert gather.tag == "Gather" and [play.text for play in gather] == ["/hello-1.wav", "/hello-2.wav"]
    wanted = {"numDigits": "1", "finishOnKey": "", "timeout": "8", "action": "/keys?step=menu", "input": "dtmf"}
    assert {name: gather.get(name) for name in wanted} == wanted
    assert (otherwise.tag, otherwise.text) == ("Redirect", "/keys?step=menu&silence=1")


def test_a_number_ends_with_its_last_key_or_with_hash() -> None:
    gather, _ = document(NUMBER)
    assert (gather.get("numDigits"), gather.get("finishOnKey")) == ("8", "#")


def test_a_story_is_recorded_and_any_key_ends_it() -> None:
    first, second, record, otherwise = document(HELLO, STORY)
    assert [first.tag, second.tag, record.tag, otherwise.tag] == ["Play", "Play", "Record", "Redirect"]
    wanted = {"maxLength": "90", "finishOnKey": "0123456789*#", "playBeep": "true", "trim": "do-not-trim"}
    assert {name: record.get(name) for name in wanted} == wanted


def test_hand_over_and_good_bye_come_after_what_was_said() -> None:
    assert [verb.tag for verb in document(HELLO, HandOver("operator"))] == ["Play", "Play", "Redirect"]
    assert [verb.tag for verb in document(HELLO, HangUp())] == ["Play", "Play", "Hangup"]


def test_an_event_that_came_twice_asks_what_is_open() -> None:
    assert document(expected=MENU)[0].tag == "Gather"
    assert [verb.tag for verb in document()] == ["Redirect"]


@pytest.mark.parametrize(
    ("form", "silent", "event"),
    [
        ({"Digits": "1"}, False, Keyed("1")),
        ({"Digits": "*8"}, False, Keyed("*8")),
        ({"Digits": ""}, False, Keyed("#")),
        ({"Digits": "1"}, True, Keyed("1")),
        ({"Digits": "x" * 50}, False, Silence()),
        ({}, True, Silence()),
        ({}, False, None),
    ],
)
def test_what_a_gather_brings(form: dict[str, str], silent: bool, event: object) -> None:
    assert keyed(form, silent) == event


@pytest.mark.parametrize(
    ("key", "seconds", "event"),
    [
        ("", "7", Heard("", 0.0)), ("hangup", "7", Heard("", 0.0)), ("#", "7", Heard("", 0.0)),
        ("3", "7", Heard("", 0.0)), ("8", "7", Keyed("8")), ("0", "7", Keyed("0")), ("*", "7", Keyed("*")),
        ("#", "1", Keyed("#")), ("1", "1", Keyed("1")), ("1", "?", Keyed("1")),
    ],
)  # fmt: skip
def test_what_a_recording_brings(key: str, seconds: str, event: object) -> None:
    assert recorded({"Digits": key, "RecordingDuration": seconds}, stored=True) == event


def test_lengths_are_milliseconds_or_unknown() -> None:
    lengths = [recording_duration_ms({"RecordingDuration": text}) for text in ("7", "", "x", "-1", "9" * 9)]
    assert lengths == [7000, None, None, None, None]


@pytest.mark.parametrize("origin", ["https://api.twilio.com", "https://api.dublin.ie1.twilio.com"])
def test_recordings_are_fetched_from_twilio(origin: str) -> None:
    path = f"/2010-04-01/Accounts/{SID}/Recordings/RE{'a' * 32}"
    assert is_recording_url(origin + path, SID)
    assert not is_recording_url(origin.replace("https", "http") + path, SID)
    assert not is_recording_url(origin + path + "/../x", SID)
    assert not is_recording_url(origin + path, "AC" + "6" * 32)


def test_the_test_telephones_recordings_only_where_that_is_allowed() -> None:
    url = f"http://127.0.0.1:5000/2010-04-01/Accounts/{SID}/Recordings/RE{'a' * 32}"
    assert is_recording_url(url, SID, "http://127.0.0.1:5000")
    assert not is_recording_url(url, SID)
