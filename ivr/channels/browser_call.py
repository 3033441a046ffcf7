"""Which call a browser goes on with: it holds a token, and the store the token's hash."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from models.calls import Call

if TYPE_CHECKING:
    from ivr.line import Line

CHANNEL = "browser"


def new_token() -> str:
    """What lets a browser go on with its call; nobody guesses it."""
    return secrets.token_urlsafe(32)


def begin(line: Line, token: str) -> str:
    """Write a call before anything else is done; its id. Nothing of who calls is known, or asked for."""
    return line.begin(CHANNEL, _provider_id(token), None)


def find(line: Line, token: str) -> Call | None:
    """The token's call, if it is still going on."""
    call = line.calls.by_provider(_provider_id(token))
    return None if call is None or call.ended_at is not None else call


def _provider_id(token: str) -> str:
    """Hashed: whoever reads the store cannot take a call over."""
    return "web" + hashlib.sha256(token.encode()).hexdigest()[:61]
