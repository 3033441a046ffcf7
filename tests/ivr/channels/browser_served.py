"""A line behind a real web server, and the other end of its WebSocket by hand: what a browser would send."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import numpy as np
import soxr
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from ivr.channels.browser import browser_blueprint
from ivr.channels.browser_places import IDLE_S, Places
from ivr.channels.browser_wire import BROWSER_RATE
from ivr.line import CallGate, Line
from tests.ivr.channels.served import PATIENCE_S, answering

LISTED = "https://www.contoh.go.id"  # a host that the city lists
PIECE_BYTES = 1280  # 40 ms


def at_16_khz(pcm: bytes) -> bytes:
    """Sound of the line's rate as a browser's microphone brings it."""
    samples = soxr.resample(np.frombuffer(pcm, dtype="<i2").astype(np.float32), 8000, BROWSER_RATE)
    whole: np.ndarray[Any, Any] = np.clip(samples, -32768, 32767).astype("<i2")
    return whole.tobytes()


@dataclass
class Site:
    """A running server with the widget."""

    line: Line
    url: str
    gate: CallGate

    @contextmanager
    def browser(
        self, call: str = "", *, voice: bool = True, mic: bool = False, hello: bool = True
    ) -> Iterator[Browser]:
        with self.connect() as socket:
            browser = Browser(socket)
            if hello:
                browser.send(type="hello", call=call, voice=voice, mic=mic)
            yield browser

    def connect(self, origin: str | None = None) -> ClientConnection:
        url = self.url.replace("http", "ws", 1) + "/widget/stream"
        return connect(url, origin=Origin(origin or self.url), compression=None, proxy=None, ping_interval=None)

    def post(self, body: bytes, token: str = "", origin: str | None = None, **headers: str) -> tuple[int, Any]:
        """A turn by request: status and messages."""
        more = {"Origin": origin or self.url, "X-Call": token, "X-Voice": "0", **headers}
        return self.fetch("/widget/turn", body, more)

    def fetch(self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """Status, and JSON or text; 0 when we are cut off before all was sent."""
        try:
            with urlopen(Request(self.url + path, body, dict(headers or {})), timeout=PATIENCE_S) as answer:
                return answer.status, _content(answer.read(), answer.headers["Content-Type"])
        except HTTPError as error:
            return error.code, _content(error.read(), error.headers["Content-Type"])
        except URLError:
            return 0, ""


def _content(body: bytes, kind: str | None) -> Any:
    return json.loads(body) if kind and "json" in kind else body.decode("utf-8", "replace")


class Browser:
    """The other end of a stream. Keeps the last turn, the token and the sound that came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.token = ""
        self.turn: dict[str, Any] = {}
        self.turns: list[dict[str, Any]] = []
        self.understood: list[str] = []
        self.sound = b""
        self.marks: list[str] = []
        self.others: list[dict[str, Any]] = []
        self.playing = False  # marks are kept, as while a prompt plays

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def speak(self, pcm: bytes) -> None:
        """Sound of 8 kHz, 40 ms a message, as fast as it goes."""
        samples = at_16_khz(pcm)
        for at in range(0, len(samples), PIECE_BYTES):
            self.socket.send(samples[at : at + PIECE_BYTES])

    def receive(self) -> dict[str, Any] | bytes:
        """One message, taken note of; marks are given back at once, as if all were played in no time,
        unless it is `playing`.

        Raises:
            ConnectionClosed, TimeoutError
        """
        data = self.socket.recv(timeout=PATIENCE_S)
        if isinstance(data, bytes):
            self.sound += data
            return data
        message: dict[str, Any] = json.loads(data)
        match message["type"]:
            case "call":
                self.token = message["call"]
            case "turn":
                self.turn = message
                self.turns.append(message)
            case "understood":
                self.understood.append(message["text"])
            case "mark":
                self.marks.append(message["mark"])
                if not self.playing:
                    self.send(type="heard", mark=message["mark"])
            case _:
                self.others.append(message)
        return message

    def until(self, step: str) -> Browser:
        """Read on until the line has asked this, and everything was played."""
        while True:
            try:
                message = self.receive()
            except TimeoutError:
                raise AssertionError(f"never asked {step}; heard {self.understood}, said {self.said}") from None
            if isinstance(message, dict) and message.get("listen") and message["type"] == "mark":
                assert self.turn["listen"], "a question that is asked is in its turn"
                if self.turn["listen"]["step"] == step:
                    return self

    def until_type(self, kind: str) -> dict[str, Any]:
        while True:
            message = self.receive()
            if isinstance(message, dict) and message["type"] == kind:
                return message

    def closed(self) -> str:
        """Read on until the server closes; the code of the last problem that it told, or empty."""
        try:
            while True:
                self.receive()
        except ConnectionClosed:
            return next((one["code"] for one in reversed(self.others) if one["type"] == "problem"), "")

    @property
    def said(self) -> str:
        return " ".join(one["text"] for one in self.turn["said"])


@contextmanager
def serve_widget(
    line: Line,
    most: int = 16,
    app: Flask | None = None,
    limiter: Limiter | None = None,
    hosts: tuple[str, ...] = (),
    idle_s: float = IDLE_S,
) -> Iterator[Site]:
    """The widget behind a real web server, alone or in an app with the headers and pages of the console."""
    app = app or Flask("site")
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    gate = CallGate(most)
    limiter = limiter or Limiter(get_remote_address, app=app, storage_uri="memory://")
    app.register_blueprint(browser_blueprint(line, url, [LISTED, *hosts], Places(gate, idle_s), limiter))
    with answering(app, listener):
        yield Site(line, url, gate)
