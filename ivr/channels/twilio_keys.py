"""The dialogue as TwiML: prompts played, keys gathered, free speech recorded. For when the stream cannot be had."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from twilio.twiml.voice_response import Gather, VoiceResponse

from ivr.conversation import Output, Speak
from ivr.effects import HandOver, HangUp, Listen
from ivr.events import Event, Heard, Keyed, Silence

# A recording ends after so many seconds without a voice; the caller may also press #. The same time runs
# before the first word, so it must not be short: DOMAIN's callers think before they speak.
RECORD_SILENCE_S = 5
KEY_GAP_S = 4  # a number keyed without # at its end is taken after so long a pause

_KEYS = re.compile(r"[0-9*#]{1,40}")
_RECORDING_PATH = r"/2010-04-01/Accounts/{sid}/Recordings/RE[0-9a-f]{{32}}"
_TWILIO_API = r"https://api(\.[a-z0-9-]+){0,2}\.twilio\.com"  # api.twilio.com, or api.EDGE.REGION.twilio.com


@dataclass(frozen=True)
class Addresses:
    """What TwiML points to.

    Attributes:
        keys, recorded, go_on: our routes, absolute.
        clips: gives the addresses of a prompt's sentences.
    """

    keys: str
    recorded: str
    go_on: str
    clips: Callable[[Speak], list[str]]


def twiml(outputs: Iterable[Output], at: Addresses, expected: Listen | None) -> VoiceResponse:
    """What a turn of the dialogue sounds like in TwiML.

    Args:
        outputs: of `Conversation.open` or `handle`.
        at: where our routes are.
        expected: what the state listens for; used when the outputs bring no question of their own
            (an event that came twice, and changed nothing).
    """
    response = VoiceResponse()
    spoken: list[Speak] = []
    for output in outputs:
        match output:
            case Speak():
                spoken.append(output)
            case Listen():
                return _question(response, spoken, output, at)
            case HandOver():
                _play(response, spoken, at)
                response.redirect(at.go_on, method="POST")
                return response
            case HangUp():
                _play(response, spoken, at)
                response.hangup()
                return response
    if expected is not None:
        return _question(response, spoken, expected, at)
    _play(response, spoken, at)
    response.redirect(at.go_on, method="POST")
    return response


def _play(where: VoiceResponse | Gather, spoken: Iterable[Speak], at: Addresses) -> None:
    for speak in spoken:
        for url in at.clips(speak):
            where.play(url)


def _question(response: VoiceResponse, spoken: list[Speak], listen: Listen, at: Addresses) -> VoiceResponse:
    query = f"?step={listen.step}"
    if listen.phrases is None and listen.kind in ("sentence", "message"):
        _play(response, spoken, at)
        response.record(
            action=at.recorded + query,
            method="POST",
            finish_on_key="0123456789*#",
            max_length=max(2, listen.limit_ms // 1000),
            timeout=RECORD_SILENCE_S,
            play_beep=True,
            trim="do-not-trim",
        )
    else:
        gather = _gather(listen, at.keys + query)
        _play(gather, spoken, at)
        response.append(gather)
    # Reached only when nothing was pressed, or nothing was said.
    response.redirect(f"{at.keys}{query}&silence=1", method="POST")
    return response


def _gather(listen: Listen, action: str) -> Gather:
    wait_s = max(1, round(listen.wait_ms / 1000))
    if listen.keys == 1:
        return Gather(input="dtmf", action=action, method="POST", num_digits=1, finish_on_key="", timeout=wait_s)
    return Gather(
        input="dtmf",
        action=action,
        method="POST",
        num_digits=listen.keys,
        finish_on_key="#",
        timeout=min(wait_s, 2 * KEY_GAP_S),
    )


def keyed(form: Mapping[str, str], silent: bool) -> Event | None:
    """What the caller did at a `<Gather>`; None when nothing came with the request: the call begins here."""
    if "Digits" in form:
        keys = form["Digits"] or "#"  # the key that ends a number is not sent; alone it is an answer
        return Keyed(keys) if _KEYS.fullmatch(keys) else Silence()
    return Silence() if silent else None


def recorded(form: Mapping[str, str], stored: bool) -> Event:
    """What the caller did at a `<Record>`: spoke, or pressed a command key.

    0, 5 to 9 and * mean themselves whatever was said before (which is kept); any other key ends a
    recording, unless the caller had not begun to speak.
    """
    key = form.get("Digits", "")
    duration = form.get("RecordingDuration", "0")
    brief = not duration.isdigit() or int(duration) < 2
    if len(key) == 1 and _KEYS.fullmatch(key) and (key in "056789*" or brief):
        return Keyed(key)
    return Heard("", confidence=0.0, recorded=stored)


def recording_duration_ms(form: Mapping[str, str]) -> int | None:
    """Length that Twilio gives, in ms."""
    duration = form.get("RecordingDuration", "")
    return int(duration) * 1000 if duration.isascii() and duration.isdigit() and len(duration) < 6 else None


def is_recording_url(url: str, account_sid: str, also: str | None = None) -> bool:
    """Whether a recording's address is of this account at Twilio: our worker will fetch it with our password.

    Args:
        also: another origin to be trusted (`http://127.0.0.1:PORT`): the test telephone's.
    """
    path = _RECORDING_PATH.format(sid=re.escape(account_sid))
    origins = [_TWILIO_API, *([re.escape(also)] if also else [])]
    return any(re.fullmatch(origin + path, url) for origin in origins)
