"""A line behind a real web server, with real WebSockets, as the tests of channels use it."""

from __future__ import annotations

import base64
import json
import os
import selectors
import socket
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from xml.etree import ElementTree

from flask import Flask
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]
from twilio.request_validator import RequestValidator
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from ivr.channels.telephone import Telephone
from ivr.channels.telephone_recordings import RecordingHost
from ivr.channels.twilio import twilio_blueprint
from ivr.line import Line
from speech.audio import mulaw_from_pcm

TOKEN = "the token of the tests"
ACCOUNT = "AC" + "5" * 32
CALLER = "+6281234567890"
FORMAT = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
PATIENCE_S = 15  # no test waits longer for something that must happen


@dataclass
class Served:
    """A running server and what is needed to call it."""

    line: Line
    app: Flask
    url: str
    recordings: RecordingHost

    def telephone(self, **more: Any) -> Telephone:
        more = {"hurry": True, "recordings": self.recordings, "text_of": self.text_of, "number": CALLER, **more}
        return Telephone(self.url, TOKEN, ACCOUNT, **more)

    def text_of(self, key: str) -> str | None:
        clip = self.line.voice.by_key(key)
        return clip.text if clip else None

    # -- webhooks

    def post(
        self, path: str, form: Mapping[str, str], signed_url: str | None = None, token: str = TOKEN
    ) -> tuple[int, str]:
        """A signed webhook: status and body."""
        signature = RequestValidator(token).compute_signature(signed_url or self.url + path, dict(form))
        return self.send("POST", path, form, {"X-Twilio-Signature": signature})

    def send(self, method: str, path: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, str]:
        body = urlencode(form).encode() if method == "POST" else None
        try:
            with urlopen(Request(self.url + path, body, dict(headers), method=method), timeout=PATIENCE_S) as answer:
                return answer.status, answer.read().decode("latin-1")
        except HTTPError as error:
            return error.code, ""

    def twiml(self, path: str, call_sid: str, **more: str) -> ElementTree.Element:
        """What a webhook of this call is answered with."""
        status, body = self.post(path, form(call_sid, **more))
        assert status == 200
        return ElementTree.fromstring(body)

    def words(self, document: ElementTree.Element) -> str:
        """All that the `<Play>` verbs of a document say."""
        keys = [(play.text or "").split("/")[-1].split(".")[0] for play in document.iter("Play")]
        return " ".join(self.text_of(key) or "" for key in keys)

    # -- the stream

    def begin(self, caller: str | None = CALLER) -> tuple[str, str]:
        """A stored call: its CallSid and our id."""
        sid = "CA" + uuid.uuid4().hex
        return sid, self.line.begin("twilio", sid, caller)

    def connect(self, signature: str | None = None, path: str = "/twilio/media") -> ClientConnection:
        url = self.url.replace("http", "ws", 1) + path
        right = RequestValidator(TOKEN).compute_signature(url, {})
        headers = {"X-Twilio-Signature": right if signature is None else signature}
        return connect(url, additional_headers=headers, compression=None, proxy=None, ping_interval=None, max_size=None)

    @contextmanager
    def stream(self, call_sid: str, call_id: str, **changes: Any) -> Iterator[Wire]:
        """An open stream of a call, after `start`."""
        with self.connect() as socket:
            wire = Wire(socket)
            wire.send(event="connected", protocol="Call", version="1.0.0")
            wire.send(**start(call_sid, call_id, **changes))
            yield wire


class Wire:
    """The other end of a media stream, by hand."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def send(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def sound(self, pcm: bytes) -> None:
        """20 ms a message, as fast as it goes."""
        mulaw = mulaw_from_pcm(pcm)
        for at in range(0, len(mulaw), 160):
            payload = base64.b64encode(mulaw[at : at + 160]).decode()
            self.send(event="media", streamSid="MZ1", media={"track": "inbound", "payload": payload})

    def press(self, key: str) -> None:
        self.send(event="dtmf", streamSid="MZ1", dtmf={"track": "inbound_track", "digit": key})

    def until_mark(self, part: str, answer: bool = True) -> list[str]:
        """Read on until a mark holds `part`; marks are given back at once, as if all were played in no time."""
        marks: list[str] = []
        while True:
            message = json.loads(self.socket.recv(timeout=PATIENCE_S))
            if message["event"] == "mark":
                marks.append(message["mark"]["name"])
                if answer:
                    self.send(event="mark", streamSid="MZ1", mark={"name": marks[-1]})
                if part in marks[-1]:
                    return marks

    def closed(self) -> int:
        """Read on until the server closes; its close code.

        Raises:
            TimeoutError: when it does not.
        """
        try:
            while True:
                self.socket.recv(timeout=PATIENCE_S)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def form(call_sid: str, **more: str) -> dict[str, str]:
    """The parameters of every webhook."""
    return {"CallSid": call_sid, "AccountSid": ACCOUNT, "From": CALLER, "CallStatus": "in-progress", **more}


def start(call_sid: str, call_id: str, **changes: Any) -> dict[str, Any]:
    content = {
        "streamSid": "MZ1", "callSid": call_sid, "accountSid": ACCOUNT, "tracks": ["inbound"],
        "mediaFormat": FORMAT, "customParameters": {"call": call_id, "caller": CALLER}, **changes,
    }  # fmt: skip
    return {"event": "start", "sequenceNumber": "1", "streamSid": "MZ1", "start": content}


class Gunicorn(ThreadWorker):  # type: ignore[misc]
    """The worker that serves in earnest, as a thread of the test: so tests can look into the line that it serves.

    (Werkzeug's own server does not close connections after a WebSocket.)
    """

    def __init__(self, app: Flask, listener: socket.socket) -> None:
        config = Config()
        config.set("threads", 40)
        config.set("graceful_timeout", 5)
        super().__init__(1, os.getppid(), [listener], None, 30, config, Logger(config))
        self.wsgi = app
        self.tpool = self.get_thread_pool()
        self.poller = selectors.DefaultSelector()
        self.method_queue.init()

    def stop(self) -> None:
        self.alive = False
        self.method_queue.defer(lambda: None)


@contextmanager
def serve(line: Line, recordings: RecordingHost) -> Iterator[Served]:
    app = Flask("served")
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    app.register_blueprint(twilio_blueprint(line, url, TOKEN, ACCOUNT, recordings.origin))
    with answering(app, listener):
        yield Served(line, app, url, recordings)


@contextmanager
def answering(app: Flask, listener: socket.socket) -> Iterator[None]:
    """The app answers on this socket."""
    worker = Gunicorn(app, listener)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(PATIENCE_S)
