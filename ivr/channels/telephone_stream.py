"""Twilio's side of a media stream: the caller's sound in real time, the line's sound played back, marks returned."""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Literal

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from ivr.channels.telephone_caller import Answer, Caller, Keys, PutDown
from ivr.channels.telephone_record import AnswerTime, CallRecord, HeardPrompt
from ivr.channels.telephone_voice import Speech, room
from speech.audio import FRAME_BYTES, FRAME_MS, mulaw_from_pcm, pcm_from_mulaw

ANSWER_AFTER_MS = 300  # people answer 200 ms after a question in a room, later on the telephone
KEY_GAP_MS = 200  # between two keys
FRAME_MULAW = FRAME_BYTES // 2
SPOKEN_BY_OTHERS = ""  # prompt of a mark that does not follow TURN:PROMPT:KEY


@dataclass
class StreamCall:
    """What a stream is told of its call."""

    url: str
    signature: str
    call_sid: str
    account_sid: str
    stream_sid: str
    parameters: Mapping[str, str]
    limit_s: float  # the caller hangs up when the stream has lasted so long
    text_of: Callable[[str], str | None]
    on_step: Callable[[str], None] | None = None


@dataclass
class _Piece:
    """Sound up to a mark."""

    sound: bytearray = field(default_factory=bytearray)
    mark: str | None = None
    begun_ms: int | None = None
    announced: bool = False


class TelephoneStream:
    """One stream. `run` returns when it is over."""

    def __init__(self, call: StreamCall, caller: Caller, record: CallRecord) -> None:
        self._call = call
        self._caller = caller
        self._record = record
        self._inbox: SimpleQueue[tuple[float, str | bytes | None]] = SimpleQueue()
        self._queue: deque[_Piece] = deque()
        self._sequence = 0
        self._frames = 0
        self._saying = b""
        self._said = 0
        self._speech_end_s: float | None = None  # when the last sound of the answer was (or will be) sent
        self._keys: deque[str] = deque()
        self._next_key_s = 0.0
        self._answer: tuple[float, Answer] | None = None
        self._waiting: tuple[float, Literal["voice", "keys"]] | None = None
        self._step = ""
        self._room = room()

    def run(self) -> Literal["closed", "refused", "hung-up"]:
        """Speak and listen until the line closes the stream, or the caller puts down."""
        headers = {"X-Twilio-Signature": self._call.signature}
        try:
            socket = connect(
                self._call.url, additional_headers=headers, user_agent_header="Twilio.TmeWs/1.0", compression=None,
                proxy=None, ping_interval=None, open_timeout=10, close_timeout=2, max_size=None,
            )  # fmt: skip
        except (OSError, WebSocketException) as error:
            self._record.note("failed", "stream", type(error).__name__)
            return "refused"
        self._record.note("stream", "connected")
        with socket:
            reader = threading.Thread(target=self._read, args=(socket,), daemon=True)
            reader.start()
            ending = self._converse(socket)
        reader.join(5)
        return ending

    def _read(self, socket: ClientConnection) -> None:
        try:
            for message in socket:
                self._inbox.put((time.monotonic(), message))
        except ConnectionClosed:
            self._record.note("lost", "stream")
        self._inbox.put((time.monotonic(), None))

    # -- 50 times a second

    def _converse(self, socket: ClientConnection) -> Literal["closed", "hung-up"]:
        begun_s = time.monotonic()
        try:
            self._begin(socket)
            while True:
                due_s = begun_s + self._frames * FRAME_MS / 1000
                time.sleep(max(0.0, due_s - time.monotonic()))
                if not self._receive(socket):
                    return "closed"
                self._play(socket)
                if self._act(socket) or time.monotonic() - begun_s > self._call.limit_s:
                    return self._put_down(socket)
        except ConnectionClosed:
            return "closed"

    def _receive(self, socket: ClientConnection) -> bool:
        """Take what the line sent; False when it has closed the stream."""
        while True:
            try:
                at_s, text = self._inbox.get_nowait()
            except Empty:
                return True
            if text is None:
                return False
            try:
                self._take(socket, at_s, json.loads(text))
            except (ValueError, KeyError, TypeError, binascii.Error):
                self._record.note("failed", "message")  # Twilio warns 31950, and goes on

    def _take(self, socket: ClientConnection, at_s: float, message: Any) -> None:
        if message["streamSid"] != self._call.stream_sid:
            raise ValueError("another stream's")
        match message["event"]:
            case "media":
                sound = base64.b64decode(message["media"]["payload"], validate=True)
                self._answered(at_s)
                if not self._queue or self._queue[-1].mark is not None:
                    self._queue.append(_Piece())
                self._queue[-1].sound += sound
            case "mark":
                if not self._queue or self._queue[-1].mark is not None:
                    self._queue.append(_Piece())
                self._queue[-1].mark = message["mark"]["name"]
            case "clear":
                self._clear(socket)
            case _:
                raise ValueError("unknown event")

    def _answered(self, at_s: float) -> None:
        """The first sound after the caller has finished."""
        if self._waiting and at_s >= self._waiting[0]:
            ended_s, by = self._waiting
            self._waiting = None
            ms = round((at_s - ended_s) * 1000)
            self._record.answer_times.append(AnswerTime(self._step, by, ms))
            self._record.note("answer", self._step, f"{ms} ms")

    def _clear(self, socket: ClientConnection) -> None:
        self._record.note("clear")
        for piece in self._queue:
            if piece.begun_ms is not None and piece.mark is not None:
                self._hear(piece.mark, piece.begun_ms, whole=False)
            if piece.mark is not None:
                self._send(socket, "mark", {"name": piece.mark})
        self._queue.clear()

    def _play(self, socket: ClientConnection) -> None:
        """20 ms of the line's voice into the caller's ear, and 20 ms of the caller's to the line."""
        heard = bytearray()
        while self._queue and len(heard) < FRAME_MULAW:
            piece = self._queue[0]
            if piece.sound and piece.begun_ms is None:
                piece.begun_ms = self._record.now_ms
            if piece.mark is not None and not piece.announced:
                piece.announced = True
                self._begins(piece.mark)
            take = FRAME_MULAW - len(heard)
            heard += piece.sound[:take]
            del piece.sound[:take]
            if piece.sound or piece.mark is None:
                break
            self._queue.popleft()
            self._send(socket, "mark", {"name": piece.mark})
            self._hear(piece.mark, self._record.now_ms if piece.begun_ms is None else piece.begun_ms, whole=True)
        sent = self._next_frame()
        self._record.sound(pcm_from_mulaw(bytes(heard)).ljust(FRAME_BYTES, b"\0"), sent)
        payload = base64.b64encode(mulaw_from_pcm(sent)).decode()
        timestamp = str(self._frames * FRAME_MS)
        self._frames += 1
        media = {"track": "inbound", "chunk": str(self._frames), "timestamp": timestamp, "payload": payload}
        self._send(socket, "media", media)

    def _next_frame(self) -> bytes:
        begin = (self._frames * FRAME_BYTES) % len(self._room)
        quiet = self._room[begin : begin + FRAME_BYTES]
        if self._said >= len(self._saying):
            return quiet
        frame = self._saying[self._said : self._said + FRAME_BYTES]
        self._said += FRAME_BYTES
        return frame + quiet[len(frame) :]

    # -- what the caller makes of it

    def _begins(self, mark: str) -> None:
        prompt, key = _prompt_of(mark)
        if prompt not in ("listen", SPOKEN_BY_OTHERS):
            answer = self._caller.hears(prompt, self._call.text_of(key) or "")
            if answer is not None:
                self._answer = (time.monotonic() + ANSWER_AFTER_MS / 1000, answer)

    def _hear(self, mark: str, begun_ms: int, whole: bool) -> None:
        prompt, key = _prompt_of(mark)
        if prompt == "listen":
            if whole:
                self._asked(key)
            return
        if prompt != SPOKEN_BY_OTHERS:
            text = self._call.text_of(key) or ""
            self._record.hear(HeardPrompt(prompt, key, text, begun_ms, whole))

    def _asked(self, step: str) -> None:
        self._step = step
        self._record.note("asked", step)
        if self._call.on_step:
            self._call.on_step(step)
        if self._answer is None:  # else an interruption is about to be said
            self._answer = (time.monotonic() + ANSWER_AFTER_MS / 1000, self._caller.asked(step, self._record.prompts))

    def _act(self, socket: ClientConnection) -> bool:
        """Begin what is to be done now. True when the caller puts down."""
        now_s = time.monotonic()
        if self._keys and now_s >= self._next_key_s:
            self._send(socket, "dtmf", {"track": "inbound_track", "digit": self._keys.popleft()})
            self._next_key_s = now_s + KEY_GAP_MS / 1000
            if not self._keys:
                self._waiting = (now_s, "keys")
        busy = self._keys or self._said < len(self._saying)
        if busy or self._answer is None or now_s < self._answer[0]:
            return False
        answer, self._answer = self._answer[1], None
        match answer:
            case Speech():
                self._saying, self._said = answer.pcm, 0
                # The first sample leaves with the next frame.
                self._waiting = (now_s + answer.end_ms / 1000, "voice")
                self._record.note("said", self._step, answer.text)
            case Keys():
                self._keys = deque(answer.keys)
                self._record.note("pressed", self._step, answer.keys)
            case PutDown():
                return True
            case _:
                self._record.note("quiet", self._step)
        return False

    # -- the wire

    def _begin(self, socket: ClientConnection) -> None:
        call = self._call
        socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        start = {
            "accountSid": call.account_sid, "streamSid": call.stream_sid, "callSid": call.call_sid,
            "tracks": ["inbound"], "customParameters": dict(call.parameters),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        }  # fmt: skip
        self._send(socket, "start", start)

    def _send(self, socket: ClientConnection, event: str, content: dict[str, Any]) -> None:
        self._sequence += 1
        message = {"event": event, "sequenceNumber": str(self._sequence), event: content}
        socket.send(json.dumps({**message, "streamSid": self._call.stream_sid}))

    def _put_down(self, socket: ClientConnection) -> Literal["hung-up"]:
        self._send(socket, "stop", {"accountSid": self._call.account_sid, "callSid": self._call.call_sid})
        return "hung-up"


def _prompt_of(mark: str) -> tuple[str, str]:
    """Prompt and clip key (or "listen" and the step) of TURN:PROMPT:KEY."""
    parts = mark.split(":", 2)
    return (parts[1], parts[2]) if len(parts) == 3 else (SPOKEN_BY_OTHERS, mark)
