"""Signed webhooks, in the form of Standard Webhooks (https://www.standardwebhooks.com, version 1.0.0)."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import asdict

from routing.gateways.contract import Handed, Sent
from routing.gateways.http import Answer, Http, taken

PREFIX = "whsec_"
SECRET_BYTES = range(24, 65)  # of the specification
KIND = "case.delivered"


class Webhook:
    """POSTs each case as JSON. An answer `{"id": "..."}` gives it a number; any 2xx without one is as good.

    Args:
        secret: whsec_ and base64 of 24 to 64 random bytes.

    Raises:
        ValueError: when the secret is none.
    """

    way = "webhook"

    def __init__(self, http: Http, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._http, self._url, self._clock = http, url, clock
        self._secret = read_secret(secret)

    def send(self, case: Handed) -> Sent:
        stamp = int(self._clock())
        body = _body(case, stamp)
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "webhook-id": case.event_id,
            "webhook-timestamp": str(stamp),
            "webhook-signature": signature(self._secret, case.event_id, stamp, body),
        }
        return Sent(_number(taken(self._http.post(self._url, headers, body))))

    def find(self, case: Handed, since: dt.datetime) -> Sent | None:
        """Nobody can be asked; sent again, it has the same webhook-id."""
        return None


def read_secret(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        key = b""
    if not secret.startswith(PREFIX) or len(key) not in SECRET_BYTES:
        raise ValueError("a webhook's secret is whsec_ and the base64 of 24 to 64 random bytes")
    return key


def signature(secret: bytes, event_id: str, stamp: int, body: bytes) -> str:
    """Of id, time (seconds since 1970) and body, a dot between."""
    signed = f"{event_id}.{stamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def _body(case: Handed, stamp: int) -> bytes:
    data = asdict(case) | {"opened_at": case.opened_at.isoformat(), "promised": case.promised.isoformat()}
    at = dt.datetime.fromtimestamp(stamp, dt.UTC).isoformat()
    return json.dumps({"type": KIND, "timestamp": at, "data": data}, ensure_ascii=False).encode()


def _number(answer: Answer) -> str:
    try:
        said = json.loads(answer.body)
    except ValueError:
        return ""
    number = said.get("id") if isinstance(said, dict) else None
    return str(number)[:160] if isinstance(number, str | int) else ""
