"""Where the test telephone keeps what `<Record>` recorded: a small web server in Twilio's place."""

from __future__ import annotations

import base64
import hmac
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from speech.audio import wav_bytes

_PATH = re.compile(r"/2010-04-01/Accounts/(AC[0-9a-f]{32})/Recordings/(RE[0-9a-f]{32})(\.wav)?")


class RecordingHost:
    """Gives recordings to whoever knows the account's password, as api.twilio.com does.

    Args:
        account_sid, auth_token: name and password of HTTP's basic authentication.
        port: 0 takes a free one. The server listens on this machine only.
    """

    def __init__(self, account_sid: str, auth_token: str, port: int = 0) -> None:
        self._account_sid = account_sid
        secret = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._recordings: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(f"Basic {secret}", self._recordings))
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    def keep(self, pcm: bytes) -> str:
        """Take 16-bit samples at 8 kHz; gives the address as Twilio writes it, without `.wav`."""
        sid = "RE" + uuid.uuid4().hex
        self._recordings[sid] = wav_bytes(pcm)
        return f"{self.origin}/2010-04-01/Accounts/{self._account_sid}/Recordings/{sid}"

    def __enter__(self) -> RecordingHost:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(authorization: str, recordings: dict[str, bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not hmac.compare_digest(self.headers.get("Authorization", ""), authorization):
                self.send_error(401)
                return
            path = _PATH.fullmatch(self.path)
            wav = recordings.get(path[2]) if path else None
            if wav is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", "audio/x-wav")
            self.send_header("Content-Length", str(len(wav)))
            self.end_headers()
            self.wfile.write(wav)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's own name
            """Nothing: the one who listens is a test."""

    return Handler
