"""Messages of Twilio's Media Streams: text in, facts out, and back. Pure; the wire format stops here."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

# A second of sound a message: small enough that `clear` and other calls never wait long behind one.
MESSAGE_MULAW_BYTES = 8000


class BadMessage(Exception):
    """A message breaks Twilio's format; says which part, never its content."""


@dataclass(frozen=True)
class Connected:
    """The first message."""


@dataclass(frozen=True)
class Start:
    """What is on this stream. `parameters` are those of our `<Stream>`."""

    stream_sid: str
    call_sid: str
    account_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Media:
    """The caller's sound: mu-law, one byte a sample, 8 kHz; 20 ms as a rule."""

    mulaw: bytes


@dataclass(frozen=True)
class Dtmf:
    """One key, 0-9 * # (or A-D, which no telephone has)."""

    key: str


@dataclass(frozen=True)
class MarkPlayed:
    """The caller has heard everything up to the mark, or it was cleared."""

    name: str


@dataclass(frozen=True)
class Stop:
    """The call is over."""


@dataclass(frozen=True)
class Unknown:
    """A kind of message that Twilio added after this was written."""


Message = Connected | Start | Media | Dtmf | MarkPlayed | Stop | Unknown


def parse(text: str | bytes) -> Message:
    """One message as a fact.

    Raises:
        BadMessage: not JSON, no object, a part missing or of a wrong type, bad base64, sound in another format.
    """
    if isinstance(text, bytes):
        raise BadMessage("binary frame; Media Streams are text")
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage("not JSON") from error
    match _text(_object(message, "message"), "event"):
        case "connected":
            return Connected()
        case "start":
            return _start(_part(message, "start"))
        case "media":
            return _media(_part(message, "media"))
        case "dtmf":
            return _dtmf(_part(message, "dtmf"))
        case "mark":
            return MarkPlayed(_text(_part(message, "mark"), "name"))
        case "stop":
            return Stop()
        case _:
            return Unknown()


def _start(start: dict[str, Any]) -> Start:
    sound = _part(start, "mediaFormat")
    if (sound.get("encoding"), sound.get("sampleRate"), sound.get("channels")) != ("audio/x-mulaw", 8000, 1):
        raise BadMessage("mediaFormat is not mu-law, 8000 Hz, 1 channel")
    given = start.get("customParameters") or {}
    parameters = {str(name): str(value) for name, value in _object(given, "customParameters").items()}
    return Start(_text(start, "streamSid"), _text(start, "callSid"), _text(start, "accountSid"), parameters)


def _media(media: dict[str, Any]) -> Media:
    if media.get("track", "inbound") != "inbound":
        return Media(b"")  # our own voice, if somebody asks for both tracks
    try:
        return Media(base64.b64decode(_text(media, "payload"), validate=True))
    except (binascii.Error, ValueError) as error:
        raise BadMessage("payload is not base64") from error


def _dtmf(dtmf: dict[str, Any]) -> Dtmf:
    key = _text(dtmf, "digit")
    if len(key) != 1 or key not in "0123456789*#ABCD":
        raise BadMessage("digit is no key")
    return Dtmf(key)


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadMessage(f"{name} is no object")
    return value


def _part(message: dict[str, Any], name: str) -> dict[str, Any]:
    return _object(message.get(name), name)


def _text(message: dict[str, Any], name: str) -> str:
    value = message.get(name)
    if not isinstance(value, str):
        raise BadMessage(f"{name} is no text")
    return value


def media_messages(stream_sid: str, mulaw: bytes) -> list[str]:
    """Sound to be played, at most a second a message."""
    pieces = (mulaw[i : i + MESSAGE_MULAW_BYTES] for i in range(0, len(mulaw), MESSAGE_MULAW_BYTES))
    return [
        json.dumps({"event": "media", "streamSid": stream_sid, "media": {"payload": base64.b64encode(piece).decode()}})
        for piece in pieces
    ]


def mark_message(stream_sid: str, name: str) -> str:
    """Comes back when everything before it was played."""
    return json.dumps({"event": "mark", "streamSid": stream_sid, "mark": {"name": name}})


def clear_message(stream_sid: str) -> str:
    """Forget what is not yet played."""
    return json.dumps({"event": "clear", "streamSid": stream_sid})
