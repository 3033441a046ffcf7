"""Whether a request really comes from Twilio: its signature, checked against the one configured public URL."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from urllib.parse import urlencode

from flask import Request
from twilio.request_validator import SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER, RequestValidator
from twilio.request_validator import get_signature_algorithm as algorithm_of

DAY_S = 86_400


class TwilioSignature:
    """Checks signatures of webhooks and of the media stream's handshake, and signs the addresses of our clips.

    The Host header and proxies' headers are never looked at: whoever can send them could choose what is signed.

    Args:
        base_url: how Twilio reaches us, without a slash at its end; https in earnest.
        auth_token: the account's secret.
    """

    def __init__(self, base_url: str, auth_token: str) -> None:
        self.base_url = base_url
        self.stream_url = "ws" + base_url.removeprefix("http")  # http -> ws (this machine only), https -> wss
        self._token = auth_token.encode()
        self._validator = RequestValidator(auth_token)

    def signed_url(self, request: Request) -> str:
        """The address that Twilio must have signed, without the query (that may hold anything)."""
        websocket = request.headers.get("Upgrade", "").lower() == "websocket"
        return (self.stream_url if websocket else self.base_url) + request.path

    def passes(self, request: Request) -> bool:
        """Whether the signature is there and right. An empty auth token lets nobody in."""
        signature = request.headers.get(SIGNATURE_HEADER, "")
        if not signature or not self._token:
            return False
        url = self.signed_url(request)
        if request.query_string:
            url += "?" + request.query_string.decode("latin-1")
        algorithm = algorithm_of(request.headers.get(SIGNATURE_SETTINGS_HEADER, ""))
        # Twilio signs a stream's address with a slash at its end in some regions, and without in others.
        urls = (url, url + "/") if url.startswith("ws") else (url,)
        return any(self._validator.validate(each, request.form, signature, algorithm) for each in urls)

    def clip_url(self, key: str, now_s: float | None = None) -> str:
        """Where Twilio finds a clip: good today and tomorrow (UTC), and for nobody who was not told.

        A clip may name a ticket and its due date, and its key can be computed from its words: hence the
        token. One address a day, so that Twilio's cache still serves the prompts that all callers hear.
        """
        until = int((time.time() if now_s is None else now_s) // DAY_S + 2)
        return f"{self.base_url}/twilio/audio/{key}.wav?" + urlencode(
            {"until": until, "token": self._token_of(key, until)}
        )

    def opens_clip(self, key: str, until: str, token: str, now_s: float | None = None) -> bool:
        """Whether this token was made by `clip_url`, and its days have not passed."""
        if not (self._token and until.isascii() and until.isdigit() and len(until) < 8):
            return False
        fresh = (time.time() if now_s is None else now_s) < int(until) * DAY_S
        return fresh and hmac.compare_digest(token.encode(), self._token_of(key, int(until)).encode())

    def _token_of(self, key: str, until: int) -> str:
        digest = hmac.new(self._token, f"clip {key} {until}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:18]).decode()
