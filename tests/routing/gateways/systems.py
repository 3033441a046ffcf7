"""Agencies' systems on this machine: a receiver of webhooks, and an Open311 server, which is our own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from flask import Flask, request
from werkzeug.serving import make_server


@dataclass
class Receiver:
    """Keeps what it is sent, and answers with what it is told to."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    body: bytes = b'{"id": "R-1"}'
    headers: dict[str, str] = field(default_factory=dict)


@contextmanager
def receiver() -> Iterator[Receiver]:
    known = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            known.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(known.status)
            for name, value in {"Content-Length": str(len(known.body)), **known.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(known.body)

        def do_GET(self) -> None:  # a redirect that was followed would come here
            self.do_POST()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    known.url = f"http://127.0.0.1:{server.server_port}/laporan"
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Remote:
    """A served Flask application. `fails`: a status with which it answers everything."""

    url: str
    fails: int = 0
    without: str = ""  # paths that hold this are not there


@contextmanager
def serve(app: Flask) -> Iterator[Remote]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    remote = Remote(f"http://127.0.0.1:{server.server_port}/open311/v2")

    @app.before_request
    def out_of_order() -> Any:
        if remote.without and remote.without in request.path:
            return "nothing here", 404
        return ("out of order", remote.fails) if remote.fails else None

    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield remote
    finally:
        server.shutdown()
        server.server_close()
