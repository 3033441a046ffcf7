"""Servers of this machine that stand for the city's mail server and for Twilio's REST interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.services.line import free_port

ACCOUNT = "AC" + "5" * 32


@dataclass
class MailServer:
    """Keeps what it gets; addresses that begin with "gone" are refused."""

    url: str = ""
    letters: list[Message] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  the name that aiosmtpd calls
        self, server: SMTP, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address.startswith("gone"):
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        self.letters.append(BytesParser().parsebytes(envelope.content))
        return "250 OK"


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        server.url = f"smtp://127.0.0.1:{port}"
        yield server
    finally:
        controller.stop()


@dataclass
class Provider:
    """What was asked of "Twilio". `fails`: an HTTP status and an error code that it answers with."""

    made: list[dict[str, str]] = field(default_factory=list)
    fails: tuple[int, int] | None = None
    url: str = ""

    def client(self) -> Client:
        """Twilio's own client, whose requests come here."""
        return Client(ACCOUNT, "token", http_client=_Here(self.url))


class _Here(TwilioHttpClient):  # type: ignore[misc]
    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url

    def request(self, method: str, url: str, *rest: Any, **more: Any) -> Response:
        parts = urlsplit(url)
        return super().request(method, f"{self._url}{parts.path}?{parts.query}", *rest, **more)


@contextmanager
def provider() -> Iterator[Provider]:
    known = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            if known.fails:
                status, code = known.fails
                self._answer(status, {"code": code, "message": "refused", "status": status})
                return
            kind = "SM" if "Messages" in self.path else "CA"
            made = {name: values[0] for name, values in form.items()} | {"sid": f"{kind}{len(known.made):032d}"}
            known.made.append(made)
            self._answer(201, _resource(made))

        def do_GET(self) -> None:
            wanted = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
            name = "messages" if "Messages" in self.path else "calls"
            found = [_resource(made) for made in known.made if made["To"] == wanted["To"]]
            self._answer(200, {name: found, "page": 0, "page_size": 50, "next_page_uri": None})

        def _answer(self, status: int, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    known.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()


def _resource(made: dict[str, str]) -> dict[str, Any]:
    return {
        "sid": made["sid"],
        "to": made["To"],
        "from": made["From"],
        "body": made.get("Body"),
        "account_sid": ACCOUNT,
    }
