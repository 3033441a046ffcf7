"""The test telephone is Twilio's side of a call: what it sends and when, against a line that is written by hand."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from ivr.channels.telephone import LineUnreachable, Telephone
from ivr.channels.telephone_caller import Caller, Keys, PutDown, Quiet, ScriptedCaller
from ivr.channels.telephone_record import CallRecord, HeardPrompt
from ivr.channels.telephone_stream import StreamCall, TelephoneStream
from ivr.channels.telephone_voice import Speech, Voice
from speech.audio import BYTES_PER_MS, duration_ms, mulaw_from_pcm, silence, tone, write_wav
from tests.ivr.channels.served import ACCOUNT, FORMAT, TOKEN

Line = Callable[["Desk"], None]


class Desk:
    """The line's side of one stream, by hand: what was received, and what is sent."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket
        self.got: list[dict[str, Any]] = []

    def until(self, event: str) -> dict[str, Any]:
        """Read on until this event; everything before it is kept in `got`."""
        while True:
            self.got.append(json.loads(self.socket.recv(timeout=10)))
            if self.got[-1]["event"] == event:
                return self.got[-1]

    def play(self, pcm: bytes, mark: str) -> None:
        payload = base64.b64encode(mulaw_from_pcm(pcm)).decode()
        if payload:
            self.send(event="media", media={"payload": payload})
        self.send(event="mark", mark={"name": mark})

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps({**message, "streamSid": "MZ1"}))


@contextmanager
def line_of(line: Line) -> Iterator[tuple[str, list[Desk]]]:
    desks: list[Desk] = []

    def answer(socket: ServerConnection) -> None:
        desks.append(Desk(socket))
        line(desks[-1])

    with serve(answer, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/twilio/media", desks
        server.shutdown()


def ring(line: Line, caller: Caller, limit_s: float = 20.0) -> tuple[str, CallRecord, Desk]:
    """One stream between a caller and a line."""
    with line_of(line) as (url, desks):
        call = StreamCall(url, "signed", "CA1", ACCOUNT, "MZ1", {"call": "our-id"}, limit_s, lambda key: f"[{key}]")
        record = CallRecord("CA1")
        return TelephoneStream(call, caller, record).run(), record, desks[0]


def media(desk: Desk) -> list[dict[str, Any]]:
    return [message for message in desk.got if message["event"] == "media"]


def test_it_begins_as_twilio_does() -> None:
    def line(desk: Desk) -> None:
        desk.until("media")

    ending, _, desk = ring(line, ScriptedCaller())
    assert ending == "closed"
    assert desk.socket.request is not None and desk.socket.request.headers["X-Twilio-Signature"] == "signed"
    connected, begin, first = desk.got
    assert connected == {"event": "connected", "protocol": "Call", "version": "1.0.0"}
    assert begin["event"] == "start" and begin["streamSid"] == "MZ1"
    expected = {"callSid": "CA1", "accountSid": ACCOUNT, "streamSid": "MZ1", "mediaFormat": FORMAT}
    assert {name: begin["start"][name] for name in expected} == expected
    assert begin["start"]["customParameters"] == {"call": "our-id"}
    assert first["media"]["track"] == "inbound" and len(base64.b64decode(first["media"]["payload"])) == 160
    assert [int(begin["sequenceNumber"]), int(first["sequenceNumber"])] == [1, 2]


def test_a_mark_comes_back_when_its_sound_was_played_not_before() -> None:
    def line(desk: Desk) -> None:
        desk.play(tone(500, 600), "1:welcome:aa")
        desk.play(b"", "1:listen:menu")
        for _ in range(2):
            desk.until("mark")

    _, record, desk = ring(line, ScriptedCaller(otherwise="silence"))
    frames_before_mark = [m["event"] for m in desk.got].index("mark")
    assert frames_before_mark >= 600 / 20
    assert [m["mark"]["name"] for m in desk.got if m["event"] == "mark"] == ["1:welcome:aa", "1:listen:menu"]
    [heard] = record.prompts
    assert (heard.prompt, heard.key, heard.text, heard.whole) == ("welcome", "aa", "[aa]", True)
    assert record.steps == ["menu"]
    assert 500 <= duration_ms(bytes(record.heard).strip(b"\0")) <= 700


def test_clear_gives_all_marks_back_at_once_and_forgets_the_sound() -> None:
    def line(desk: Desk) -> None:
        desk.play(tone(500, 60_000), "1:welcome:aa")
        desk.play(tone(500, 60_000), "1:menu:bb")
        desk.until("media")
        desk.send(event="clear")
        desk.until("mark")
        desk.until("mark")

    _, record, desk = ring(line, ScriptedCaller())
    assert [m["mark"]["name"] for m in desk.got if m["event"] == "mark"] == ["1:welcome:aa", "1:menu:bb"]
    assert [(heard.prompt, heard.whole) for heard in record.prompts] in ([("welcome", False)], [])
    assert record.steps == []


def test_frames_go_on_without_pause_and_count_their_time() -> None:
    def line(desk: Desk) -> None:
        for _ in range(50):
            desk.until("media")

    _, _, desk = ring(line, ScriptedCaller())
    assert [int(m["media"]["timestamp"]) for m in media(desk)] == [20 * n for n in range(len(media(desk)))]
    assert [int(m["media"]["chunk"]) for m in media(desk)] == [n + 1 for n in range(len(media(desk)))]


def test_keys_are_pressed_one_by_one_and_the_answer_is_timed() -> None:
    def line(desk: Desk) -> None:
        desk.play(b"", "1:listen:status")
        for _ in "12#":
            desk.until("dtmf")
        desk.play(tone(500, 100), "2:found:cc")
        desk.until("mark")

    _, record, desk = ring(line, ScriptedCaller({"status": "keys:12#"}))
    assert [m["dtmf"]["digit"] for m in desk.got if m["event"] == "dtmf"] == ["1", "2", "#"]
    [time] = record.answer_times
    assert (time.step, time.by) == ("status", "keys") and time.ms >= 0


def test_speech_goes_out_in_real_time_after_the_question(tmp_path: Path) -> None:
    write_wav(tmp_path / "said.wav", tone(800, 400))

    def line(desk: Desk) -> None:
        desk.play(b"", "1:listen:report")
        while not (loud := [m for m in media(desk) if loudness(m) > 1000]) or loudness(media(desk)[-1]) > 1000:
            desk.until("media")
        assert 19 <= len(loud) <= 21
        desk.play(tone(500, 100), "2:thanks:dd")
        desk.until("mark")

    _, record, _ = ring(line, ScriptedCaller({"report": tmp_path / "said.wav"}))
    assert [h.text for h in record.happenings if h.kind == "said"] == ["[said.wav]"]
    [time] = record.answer_times
    assert (time.step, time.by) == ("report", "voice") and time.ms >= 0
    assert len(record.sent) == len(record.heard)


def loudness(message: dict[str, Any]) -> int:
    payload = base64.b64decode(message["media"]["payload"])
    return max(abs(int.from_bytes(payload[i : i + 1], "big") % 128 - 127) for i in range(len(payload))) * 20


def test_a_caller_who_puts_down_says_stop() -> None:
    def line(desk: Desk) -> None:
        desk.play(b"", "1:listen:menu")
        desk.until("stop")

    ending, _, desk = ring(line, ScriptedCaller({"menu": "hang-up"}))
    assert ending == "hung-up"
    assert desk.got[-1]["stop"] == {"accountSid": ACCOUNT, "callSid": "CA1"}


def test_a_caller_tires_of_a_line_that_says_nothing() -> None:
    def line(desk: Desk) -> None:
        desk.until("stop")

    ending, _, _ = ring(line, ScriptedCaller(), limit_s=0.5)
    assert ending == "hung-up"


def test_what_is_no_message_of_a_stream_is_noted_and_passed_over() -> None:
    def line(desk: Desk) -> None:
        for text in ("{", "[]", '{"event": "media", "streamSid": "MZ2"}', '{"event": "x", "streamSid": "MZ1"}'):
            desk.socket.send(text)
        desk.play(b"", "1:listen:menu")
        desk.until("mark")

    _, record, _ = ring(line, ScriptedCaller(otherwise="silence"))
    assert [h.name for h in record.happenings if h.kind == "failed"] == ["message"] * 4
    assert record.steps == ["menu"]


def test_a_line_that_is_not_there_is_said_in_one_sentence() -> None:
    with pytest.raises(LineUnreachable, match=r"nothing answers at http://127\.0\.0\.1:9; start the line"):
        Telephone("http://127.0.0.1:9", TOKEN, ACCOUNT).call(ScriptedCaller())


# -- who calls


def test_answers_come_by_step_then_in_order_then_by_default() -> None:
    caller = ScriptedCaller({"menu": ["keys:1", "keys:2"]}, ["keys:3"], otherwise={"menu": "silence"})
    given = [caller.asked(step, []) for step in ("menu", "place", "menu", "menu", "place")]
    assert given == [Keys("1"), Keys("3"), Keys("2"), Quiet(), PutDown()]


def test_an_interruption_happens_once() -> None:
    caller = ScriptedCaller(interruptions={"welcome": "keys:8"})
    assert [caller.hears("menu", ""), caller.hears("welcome", ""), caller.hears("welcome", "")] == [
        None,
        Keys("8"),
        None,
    ]


def test_a_voice_is_heard_and_its_end_is_the_end_of_its_words() -> None:
    said = Voice("f2").say("lampu jalan mati")
    assert 500 < duration_ms(said.pcm) < 4000
    assert said.end_ms <= duration_ms(said.pcm)
    assert abs(Speech(said.pcm + silence(700), "").end_ms - said.end_ms) <= 5
    assert Speech(b"", "").end_ms == 0


def test_a_number_is_found_among_the_sentences_that_were_heard() -> None:
    record = CallRecord("CA1")
    texts = [
        "Nomor laporannya.",
        "sembilan dua enam.",
        "tiga tiga dua.",
        "satu tujuh.",
        "Saya ulangi.",
        "sembilan dua.",
    ]
    for text in texts:
        record.hear(HeardPrompt("ticket", "k", text, 0))
    assert record.number_heard() == "92633217"
    assert record.number_heard("status-found") == ""


def test_both_sides_stay_in_step() -> None:
    record = CallRecord("CA1")
    record.sound(silence(100), b"")
    record.sound(b"", silence(40))
    assert len(record.heard) == len(record.sent) == 140 * BYTES_PER_MS
