"""Messages between a browser and the line: text and binary in, facts out, and back. Pure; the wire format stops here.

Both ways a text message is one JSON object with a `type`. The browser's binary messages are 16-bit mono samples
at `BROWSER_RATE`; ours are mu-law at 8 kHz (half the bytes, and all that the line's voice has), followed by the
`mark` that the browser gives back once all before it was heard.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ivr.conversation import Output, Speak
from ivr.effects import HandOver, HangUp, Listen
from speech.recognize import RATE
from speech.spoken import DIGITS

BROWSER_RATE = 2 * RATE  # samples per second of what a browser sends
LONGEST_TEXT = 1000  # characters; a report that somebody types has 100 to 300
LONGEST_MARK = 200
SOUND_BYTES = 32 * 1024  # a second of the browser's sound: none sends more at once
_TOKEN = re.compile(r"[\w\-]{43}")  # 32 bytes, url-safe
_KEY = re.compile(r"[0-9*#]")

Problem = Literal["bad", "busy", "ended", "fast", "idle", "moved", "origin", "speech", "trouble"]


class BadMessage(Exception):
    """A message breaks the format; says which part, never its content."""


@dataclass(frozen=True)
class Hello:
    """The first message. `call`: the token of a call that goes on, or empty for a new one.

    Attributes:
        voice: prompts are sent as sound; else the words alone.
        mic: the browser hears, so that silence means that nobody speaks.
    """

    call: str
    voice: bool
    mic: bool


@dataclass(frozen=True)
class Sound:
    """16-bit mono samples at `BROWSER_RATE`."""

    samples: bytes


@dataclass(frozen=True)
class Key:
    """One key, 0-9 * #."""

    key: str


@dataclass(frozen=True)
class Typed:
    """An answer in writing; never empty."""

    text: str


@dataclass(frozen=True)
class Heard:
    """Everything up to the mark was played."""

    mark: str


@dataclass(frozen=True)
class Switch:
    """The caller switched the microphone or our voice on or off."""

    what: Literal["mic", "voice"]
    on: bool


@dataclass(frozen=True)
class Back:
    """The caller is back from a call to a person."""

    answered: bool


@dataclass(frozen=True)
class Alive:
    """The browser is there, though nothing is said."""


@dataclass(frozen=True)
class Stop:
    """The caller ends the call."""


Message = Hello | Sound | Key | Typed | Heard | Switch | Back | Alive | Stop


def parse(data: str | bytes) -> Message:
    """One message of a browser.

    Raises:
        BadMessage
    """
    if isinstance(data, bytes):
        if len(data) % 2 or not 0 < len(data) <= SOUND_BYTES:
            raise BadMessage("sound of no whole samples, or too much at once")
        return Sound(data)
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        raise BadMessage("not JSON") from None
    if not isinstance(message, dict):
        raise BadMessage("not an object")
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in _PARSERS:
        raise BadMessage("unknown type")
    return _PARSERS[kind](message)


def _hello(message: dict[str, Any]) -> Hello:
    call = _text(message, "call", 43)
    if call and not _TOKEN.fullmatch(call):
        raise BadMessage("a call that is no token")
    return Hello(call, _flag(message, "voice"), _flag(message, "mic"))


def _key(message: dict[str, Any]) -> Key:
    key = _text(message, "key", 1)
    if not _KEY.fullmatch(key):
        raise BadMessage("no such key")
    return Key(key)


def _typed(message: dict[str, Any]) -> Typed:
    spaced = " ".join(_text(message, "text", LONGEST_TEXT).split())
    text = " ".join("".join(c for c in spaced if c.isprintable()).split())
    if not text:
        raise BadMessage("an empty text")
    return Typed(text)


def _text(message: dict[str, Any], name: str, most: int) -> str:
    value = message.get(name)
    if not isinstance(value, str) or len(value) > most:
        raise BadMessage(f"{name} is no text, or too long")
    return value


def _flag(message: dict[str, Any], name: str) -> bool:
    value = message.get(name)
    if not isinstance(value, bool):
        raise BadMessage(f"{name} is neither true nor false")
    return value


_PARSERS: dict[str, Callable[[dict[str, Any]], Message]] = {
    "hello": _hello,
    "key": _key,
    "text": _typed,
    "heard": lambda message: Heard(_text(message, "mark", LONGEST_MARK)),
    "mic": lambda message: Switch("mic", _flag(message, "on")),
    "voice": lambda message: Switch("voice", _flag(message, "on")),
    "back": lambda message: Back(_flag(message, "answered")),
    "alive": lambda message: Alive(),
    "stop": lambda message: Stop(),
}


# -- what we send


def call_message(token: str) -> dict[str, Any]:
    """The call is ours; whoever has the token may go on with it."""
    return {"type": "call", "call": token}


def turn_message(outputs: Iterable[Output], ticket: str, numbers: dict[str, str]) -> dict[str, Any]:
    """A turn of the dialogue as a screen shows it.

    Args:
        ticket: number of the report that the call has opened, or empty.
        numbers: telephone numbers of people, by target of a hand-over.
    """
    said: list[Speak] = []
    message: dict[str, Any] = {"type": "turn", "listen": None, "choices": [], "dial": None, "ended": False}
    for output in outputs:
        match output:
            case Speak():
                said.append(output)
            case Listen():
                message["listen"] = {"step": output.step, "kind": output.kind, "keys": output.keys}
                message["choices"] = choices(said[-1].text if said else "", output.kind)
            case HandOver():
                message["dial"] = dial(output.target, numbers)
            case HangUp():
                message["ended"] = True
    message["said"] = [{"prompt": one.prompt, "text": one.text} for one in said]
    message["ticket"] = ticket
    return message


def dial(target: str, numbers: dict[str, str]) -> dict[str, str]:
    """Whom the caller may call from here."""
    return {"target": target, "number": numbers.get(target, "")}


def understood_message(text: str) -> dict[str, Any]:
    """What the line took the caller to say."""
    return {"type": "understood", "text": text}


def mark_message(mark: str) -> dict[str, Any]:
    """Give this back when everything before it was played. The mark of a question stands after its last word."""
    return {"type": "mark", "mark": mark, "listen": mark.split(":", 2)[1:2] == ["listen"]}


def problem_message(code: Problem) -> dict[str, Any]:
    """Something cannot be done; the browser has the words for it."""
    return {"type": "problem", "code": code}


CLEAR: dict[str, Any] = {"type": "clear"}  # forget what is not played yet
ALIVE: dict[str, Any] = {"type": "alive"}
REST: dict[str, Any] = {"type": "rest"}  # nobody speaks: switch the microphone off, and wait for as long as it takes

_NAMES = {**{word: str(digit) for digit, word in enumerate(DIGITS)}, "pagar": "#"}
# "Untuk melapor, katakan lapor, atau tekan satu." "Kalau sudah selesai, diam sebentar, atau tekan pagar."
_CHOICE = re.compile(
    rf"\b(?:Untuk|Kalau) ([^.,?]+),((?: [^.,?]+,)*?)(?: atau)? tekan ({'|'.join(_NAMES)})(?=[.,?])", re.IGNORECASE
)
_ANSWERS = {"katakan ya": "Ya", "katakan tidak": "Tidak"}


def choices(question: str, kind: str) -> list[dict[str, str]]:
    """The keys that a question names, with what they mean, to be touched instead: [{"key", "label"}].

    Prompts name the option before its key, always in one form (`ivr/prompts/id.yaml`), so that they can be read here.
    """
    if kind == "veto":
        return [{"key": "1", "label": "Sambungkan sekarang"}, {"key": "9", "label": "Batal"}]
    found: dict[str, str] = {}
    for label, between, key in _CHOICE.findall(question):
        ways = [part.strip() for part in between.split(",")]
        plain = next((answer for said, answer in _ANSWERS.items() if said in ways), label.strip())
        found.setdefault(_NAMES[key.lower()], plain[:1].upper() + plain[1:])
    if kind == "yes-no" and "?" in question:
        found = {"1": "Ya", "2": "Tidak", **found}
    return [{"key": key, "label": label} for key, label in found.items()]
