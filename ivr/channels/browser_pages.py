"""Pages for everybody: `/`, which is nothing but the widget, and how a ticket stands, told without a log-in."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_talisman import Talisman

from ivr.effects import FindCases
from ivr.steps.status import spoken_cases
from speech.audio import silence, wav_bytes
from speech.clips import sentences
from speech.spoken import DIGITS
from speech.synthesize import STANDARD_PACE

if TYPE_CHECKING:
    from ivr.line import Line

LOOKS = "60 per minute"  # of tickets, per address: a person looks at three, who tries all numbers at more
GAP_MS = 250  # between two sentences
_TICKET = re.compile(r"[0-9]{8}")


def policy(base_url: str, microphone: bool) -> dict[str, Any]:
    """Headers of a page: only what is ours; the microphone only where it is asked for."""
    stream = "ws" + base_url.removeprefix("http")  # older Safari does not count a WebSocket as 'self'
    return {
        "content_security_policy": {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self'",
            "media-src": "'self'",
            "manifest-src": "'self'",
            "worker-src": "'self'",
            "connect-src": f"'self' {stream}",
            "form-action": "'self'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
        },
        "permissions_policy": {
            "camera": "()",
            "microphone": "(self)" if microphone else "()",
            "geolocation": "()",
        },
    }


def add_pages(blueprint: Blueprint, line: Line, base_url: str, limiter: Limiter) -> None:
    """`/`, its manifest, `/tiket` and `/tiket/NUMBER` with its sound."""
    city, own_headers = line.knows.city, Talisman()
    names = {"line_name": city.line_name, "city_name": city.name}

    @blueprint.get("/", endpoint="page")
    @own_headers(**policy(base_url, microphone=True))  # type: ignore[untyped-decorator]
    def page() -> str:
        return render_template("widget/page.html", **names)

    @blueprint.get("/manifest.webmanifest", endpoint="manifest")
    def manifest() -> Response:
        told = {
            "name": city.line_name,
            "short_name": "Suara Warga",
            "lang": "id",
            "start_url": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#07504a",
            "icons": [{"src": "/widget/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
        }
        response = jsonify(told)
        response.mimetype = "application/manifest+json"
        return response

    @blueprint.get("/tiket", endpoint="ask_ticket")
    @own_headers(**policy(base_url, microphone=False))  # type: ignore[untyped-decorator]
    def ask_ticket() -> ResponseReturnValue:
        number = _digits(request.args.get("nomor", ""))
        if _TICKET.fullmatch(number):
            return redirect(url_for("browser.ticket", number=number))
        return render_template("widget/ticket.html", **names, number=number, told=[], wrong="nomor" in request.args)

    @blueprint.get("/tiket/<number>", endpoint="ticket")
    @limiter.limit(LOOKS)
    @own_headers(**policy(base_url, microphone=False))  # type: ignore[untyped-decorator]
    def ticket(number: str) -> ResponseReturnValue:
        told = _told(line, number)
        page = render_template("widget/ticket.html", **names, number=number[:8], told=_shown(told), wrong=not told)
        return page, 200 if told else 404, {"Cache-Control": "no-store"}

    @blueprint.get("/tiket/<number>/suara.wav", endpoint="ticket_sound")
    @limiter.limit(LOOKS)
    def ticket_sound(number: str) -> ResponseReturnValue:
        told = _told(line, number)
        if not told:
            return "", 404
        gap = silence(GAP_MS)
        sound = b"".join(line.voice.clip(sentence, STANDARD_PACE).pcm + gap for sentence in told)
        return Response(wav_bytes(sound), mimetype="audio/wav", headers={"Cache-Control": "no-store"})


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isascii() and c.isdigit())[:20]


def _told(line: Line, number: str) -> list[str]:
    """What the telephone says to somebody who is not the reporter; empty when there is no such ticket."""
    if not _TICKET.fullmatch(number):
        return []
    found = line.find_cases(FindCases(number), None)
    says = spoken_cases(tuple(asdict(case) for case in found.cases))
    return [sentence for say in says for sentence in sentences(line.prompts.text(say, line.today()))]


def _shown(told: list[str]) -> list[str]:
    """Without the number in words, which only ears need."""
    spelt = [place for place, sentence in enumerate(told) if set(sentence.rstrip(".").split()) <= set(DIGITS)]
    return told[spelt[-1] + 1 :] if spelt else told
