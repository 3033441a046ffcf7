"""The widget's stream over real WebSockets: whole conversations by key, typing and voice, lost lines, bad input."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from websockets.exceptions import ConnectionClosed, InvalidStatus

from ivr.line import Line
from models.calls import Call
from speech.audio import silence
from tests.ivr.channels.browser_served import LISTED, Browser, Site, serve_widget
from tests.ivr.handset import spoken


@pytest.fixture
def site(line: Line) -> Iterator[Site]:
    with serve_widget(line) as running:
        yield running


def call_of(site: Site) -> Call:
    """The only live or ended call, once no stream holds it."""
    for _ in range(100):
        if site.gate.live == 0:
            break
        time.sleep(0.05)
    assert site.gate.live == 0, "a stream still runs"
    with Session(site.line.calls._engine) as session:
        return session.scalars(select(Call)).one()


def kinds(site: Site) -> list[str]:
    return [turn.kind for turn in site.line.calls.turns(call_of(site).id)]


# -- whole conversations


def test_a_report_by_typing_from_greeting_to_ticket(site: Site) -> None:
    with site.browser(voice=False) as browser:
        assert "Selamat datang" in browser.until("menu").said
        browser.send(type="text", text="Lapor")
        browser.until("report")
        browser.send(type="text", text="Lampu jalan mati di depan pasar, sudah seminggu.")
        browser.until("category-confirm")
        assert browser.turn["choices"] == [{"key": "1", "label": "Ya"}, {"key": "2", "label": "Tidak"}]
        browser.send(type="text", text="ya")
        browser.until("place").send(type="text", text="Kelurahan Cikokol")
        browser.until("place-confirm").send(type="key", key="1")
        browser.until("landmark").send(type="text", text="tidak ada")
        browser.until("read-back").send(type="key", key="1")
        browser.until("after-ticket")
        ticket = browser.turn["ticket"]
        browser.send(type="text", text="tidak")
        assert browser.closed() == "" and browser.turn["ended"]
    assert browser.sound == b"", "with our voice off nothing is sent to be heard"
    case = site.line.cases.by_ticket(ticket)
    assert case is not None and case.channel == "browser" and "lampu jalan mati" in case.description
    call = call_of(site)
    assert (call.end_reason, call.channel, call.caller_lookup) == ("goodbye", "browser", None)
    story = next(turn for turn in site.line.calls.turns(call.id) if turn.step == "report")
    assert story.transcript and story.transcript.recogniser == "typed" and story.recording_id is None


def test_a_report_by_voice(site: Site) -> None:
    with site.browser(mic=True) as browser:
        for step, words in (
            ("menu", "lapor"),
            ("report", "lampu jalan mati sudah seminggu"),
            ("category-confirm", "betul sekali"),
            ("place", "kelurahan cikokol"),
            ("place-confirm", "betul sekali"),
            ("landmark", "dekat masjid besar"),
            ("read-back", "ya betul"),
        ):
            browser.until(step).speak(silence(300) + spoken(words) + silence(2600))
        browser.until("after-ticket")
        ticket = browser.turn["ticket"]
    assert "lampu jalan mati sudah seminggu" in browser.understood
    case = site.line.cases.by_ticket(ticket)
    assert case is not None and (case.category_code, case.area_code) == ("pju", "36.71.01.1005")
    assert len(browser.sound) > 8000, "prompts are sent as sound"


def test_speech_stops_the_prompt(site: Site) -> None:
    with site.browser(mic=True) as browser:
        browser.playing = True
        browser.until("menu").speak(silence(300) + spoken("cek status") + silence(1500))
        assert browser.until_type("clear")
        browser.until("status")


def test_switching_the_microphone_off_ends_an_answer_at_once(site: Site) -> None:
    with site.browser(mic=True) as browser:
        browser.until("menu").speak(silence(300) + spoken("lapor"))
        browser.send(type="mic", on=False)
        browser.until("report")
        browser.speak(spoken("lampu jalan mati"))  # it was on its way
        browser.send(type="key", key="2")
        browser.until("message")
    assert kinds(site)[:3] == ["start", "speech", "key"]


def test_a_ticket_is_typed_with_its_spaces_and_asked_for_by_keys(site: Site) -> None:
    with site.browser(voice=False) as browser:
        browser.until("menu").send(type="key", key="2")
        browser.until("status").send(type="text", text="123 456 75")
        browser.until("status")
        assert "enam" in browser.said, "the number is read back"
        for key in "**":
            browser.send(type="key", key=key)
        browser.until("status")


def test_a_person_is_telephoned_and_the_caller_comes_back(site: Site) -> None:
    site.line.numbers = {"operator": "+622155550111"}
    with site.browser(voice=False) as browser:
        browser.until("menu").send(type="key", key="0")
        browser.until_type("turn")
        assert browser.turn["dial"] == {"target": "operator", "number": "+622155550111"}
    with site.browser(browser.token, voice=False) as again:
        again.until_type("turn")
        assert again.turn["dial"]["target"] == "operator", "still to be dialled after a break"
        again.send(type="back", answered=False)
        again.until("message")
        assert "petugas belum bisa" in again.said


def test_a_line_without_a_recogniser_takes_keys_and_typing(site: Site) -> None:
    site.line.hearing = lambda: None
    with site.browser(mic=True) as browser:
        browser.until("menu").speak(silence(500))
        browser.send(type="text", text="lapor")
        browser.until("report")


# -- time


def test_without_a_microphone_nobody_is_hurried(site: Site) -> None:
    with site.browser(voice=False) as browser:
        browser.until("menu")
        with pytest.raises(TimeoutError):
            browser.socket.recv(timeout=9)  # a menu waits 8 s for who can be heard
    assert kinds(site) == ["start"]


def test_who_says_nothing_has_the_microphone_switched_off_and_the_call_stays(site: Site) -> None:
    with site.browser(mic=True) as browser:
        for _ in range(2):
            browser.until("menu").speak(silence(8500))
        browser.until_type("rest")
        browser.send(type="key", key="1")
        browser.until("report")
    assert kinds(site) == ["start", "silence", "silence", "key"]


# -- a network that breaks


def test_a_lost_line_goes_on_where_it_stood(site: Site) -> None:
    with site.browser(voice=False) as browser:
        browser.until("menu").send(type="key", key="1")
        browser.until("report")
    with site.browser(browser.token, voice=False) as again:
        again.until("report")
        assert "terputus" in again.said and again.token == browser.token
    assert call_of(site).ended_at is None and kinds(site) == ["start", "key", "resume"]


def test_stop_is_a_hang_up_and_the_call_is_over(site: Site) -> None:
    with site.browser(voice=False) as browser:
        browser.until("menu").send(type="stop")
        browser.closed()
    assert call_of(site).end_reason == "hang-up"
    with site.browser(browser.token) as again:
        assert again.closed() == "ended"


def test_a_second_tab_takes_the_call_and_the_first_is_told(site: Site) -> None:
    with site.browser(voice=False) as older:
        older.until("menu")
        with site.browser(older.token, voice=False) as newer:
            newer.until("menu")
            assert older.closed() == "moved"
            newer.send(type="key", key="1")
            newer.until("report")


def test_the_store_holds_no_token(site: Site) -> None:
    with site.browser(voice=False) as browser:
        browser.until("menu")
    assert browser.token not in call_of(site).provider_id


# -- bad input

GARBAGE: dict[str, str | bytes] = {
    "not JSON": "{",
    "deep": "[" * 20_000,
    "a list": "[]",
    "no type": "{}",
    "unknown type": json.dumps({"type": "shell"}),
    "half a sample": b"\xff" * 321,
    "too much at once": b"\0" * 33_000,
    "beyond every size": b"\0" * 10_000_000,
    "an impossible key": json.dumps({"type": "key", "key": "12"}),
    "a text without end": json.dumps({"type": "text", "text": "a" * 1001}),
    "an empty text": json.dumps({"type": "text", "text": " \n"}),
    "a mark that is a number": json.dumps({"type": "heard", "mark": 1}),
    "a second hello": json.dumps({"type": "hello", "call": "", "voice": True, "mic": True}),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_ends_the_stream_with_a_word_and_harms_nobody(site: Site, what: str) -> None:
    with site.browser(voice=False) as other, site.browser(voice=False) as browser:
        other.until("menu")
        browser.until("menu")
        with suppress(ConnectionClosed):
            browser.socket.send(GARBAGE[what])
        assert browser.closed() in ("bad", "")
        other.send(type="key", key="1")
        other.until("report")
    with site.browser(browser.token, voice=False) as again:
        again.until("menu")


@pytest.mark.parametrize("what", [name for name in GARBAGE if name != "a second hello"])
def test_garbage_before_hello_opens_no_call(site: Site, what: str) -> None:
    with site.browser(hello=False) as browser:
        with suppress(ConnectionClosed):
            browser.socket.send(GARBAGE[what])
        assert browser.closed() in ("bad", "")
    assert site.gate.live == 0


def test_who_says_no_hello_is_let_go(site: Site) -> None:
    with site.browser(hello=False) as browser:
        assert browser.closed() == "bad"


def test_a_token_that_is_nobodys_opens_nothing(site: Site) -> None:
    with site.browser("a" * 43) as browser:
        assert browser.closed() == "ended"


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", LISTED + ".evil.example", "http://www.contoh.go.id"]
)
def test_another_hosts_page_is_refused(site: Site, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        site.connect(origin)
    assert refused.value.response.status_code == 403


def test_a_listed_hosts_page_is_let_in(site: Site) -> None:
    with site.connect(LISTED) as socket:
        browser = Browser(socket)
        browser.send(type="hello", call="", voice=False, mic=False)
        browser.until("menu")


def test_a_hundred_times_real_time_is_too_fast(site: Site) -> None:
    with site.browser(mic=True) as browser:
        browser.until("menu")
        began = time.monotonic()
        with suppress(ConnectionClosed):
            for _ in range(60):
                browser.socket.send(bytes(32_000))
        assert browser.closed() == "fast"
        assert time.monotonic() - began < 15


def test_who_never_reads_is_let_go_and_holds_nothing(site: Site) -> None:
    before = threading.active_count()
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = site.url.removeprefix("http://").split(":")
    raw.connect((host, int(port)))
    raw.sendall(HANDSHAKE.format(host=f"{host}:{port}", origin=site.url).encode())
    assert b" 101 " in raw.recv(1000)
    raw.sendall(client_frame({"type": "hello", "call": "", "voice": True, "mic": False}))
    with suppress(OSError):
        for pressed in range(2000):  # each asks for 100 kB of voice
            raw.sendall(client_frame({"type": "key", "key": "*"}))
            time.sleep(0.05)
            if site.gate.live == 0 and pressed > 100:
                break
    deadline = time.monotonic() + 45
    while site.gate.live and time.monotonic() < deadline:
        time.sleep(0.2)
    assert site.gate.live == 0
    raw.close()
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.2)
    with site.browser(voice=False) as other:
        other.until("menu")


HANDSHAKE = (
    "GET /widget/stream HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def client_frame(message: dict[str, object]) -> bytes:
    """A text message as a browser frames it: masked (with zeros), less than 126 bytes."""
    payload = json.dumps(message).encode()
    return bytes((0x81, 0x80 | len(payload), 0, 0, 0, 0)) + payload


def test_a_flood_of_keys_is_too_fast(site: Site) -> None:
    with site.browser(voice=False) as browser:
        browser.until("menu")
        with suppress(ConnectionClosed):
            for _ in range(500):
                browser.send(type="alive")
        assert browser.closed() == "fast"


def test_no_room_is_said(line: Line) -> None:
    with serve_widget(line, most=1) as site, site.browser(voice=False) as first:
        first.until("menu")
        with site.browser(voice=False) as second:
            assert second.closed() == "busy"
    assert line.gate.live == 0, "telephone calls are counted apart"


def test_one_address_holds_half_of_all_places_at_most(line: Line) -> None:
    with serve_widget(line, most=4) as site, site.browser(voice=False) as first, site.browser(voice=False) as second:
        first.until("menu")
        second.until("menu")
        with site.browser(voice=False) as third:
            assert third.closed() == "busy"
        assert site.gate.live == 2


def test_a_page_that_was_left_gives_its_place_to_who_waits_and_can_go_on(line: Line) -> None:
    with serve_widget(line, most=1, idle_s=0.5) as site, site.browser(voice=False) as left:
        left.until("menu").send(type="key", key="1")
        left.until("report")
        time.sleep(1)
        left.send(type="alive")
        with site.browser(voice=False) as comes:
            comes.until("menu")
            assert left.closed() == "idle"
        time.sleep(0.5)
        with site.browser(left.token, voice=False) as again:
            again.until("report")
