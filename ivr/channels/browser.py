"""The web widget's side of the server: its files, its WebSocket, and the same turns by request.

The stream and the turns are open to pages of our own address and of the hosts that the city lists; a browser says
truly where its page is from. Who is no browser gains nothing by lying: a call of this channel is nobody's, is counted
like every other, and may not send more than a person can say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from flask import Blueprint, Response, jsonify, make_response, request, send_from_directory
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_sock import Sock
from werkzeug.exceptions import HTTPException

from ivr.channels import browser_wire as wire
from ivr.channels.browser_pages import add_pages
from ivr.channels.browser_stream import BrowserStream, WebSocket
from ivr.channels.browser_turns import RECORDING_BYTES, BrowserTurns, Messages
from ivr.channels.twilio_media import MESSAGE_LIMIT, LiveStreams

if TYPE_CHECKING:
    from ivr.channels.browser_places import Places
    from ivr.line import Line

FOLDER = Path(__file__).parents[1] / "widget"
# Per address. Whole neighbourhoods share one behind their provider, and a kelurahan's visitors its tablet's.
STREAMS = "60 per minute"  # with those that come back after a break
TURNS = "240 per minute"
FILES_S = 300  # a new release reaches embedding pages within five minutes
TOKEN_HEADER, VOICE_HEADER = "X-Call", "X-Voice"
TURN_BYTES = 4096

log = structlog.get_logger(__name__)


def browser_blueprint(line: Line, base_url: str, hosts: Sequence[str], places: Places, limiter: Limiter) -> Blueprint:
    """The widget, the page at `/` that is nothing but the widget, and the pages about a ticket.

    Args:
        base_url: our own address, without a slash at its end.
        hosts: origins of other sites that may embed the widget, such as `https://www.example.go.id`.
        places: how many may talk at once.
    """
    blueprint = Blueprint("browser", __name__, template_folder=str(FOLDER / "templates"))
    allowed = frozenset((*_own(base_url), *hosts))
    streams = LiveStreams()

    @blueprint.before_request
    def only_pages_that_may() -> ResponseReturnValue | None:
        guarded = request.endpoint in ("browser.stream", "browser.turn") and request.method != "OPTIONS"
        if not guarded or request.headers.get("Origin") in allowed:
            return None
        log.warning("widget on a host that is not listed", origin=request.headers.get("Origin", "")[:100])
        return _readable(jsonify(messages=[wire.problem_message("origin")])), 403

    knock = limiter.limit(STREAMS)(_nothing)

    @blueprint.before_request
    def not_too_often() -> None:
        if request.endpoint == "browser.stream":
            knock()

    @Sock().route("/widget/stream", bp=blueprint, endpoint="stream")  # type: ignore[untyped-decorator]
    def stream(ws: WebSocket) -> None:
        BrowserStream(ws, line, places, streams, request.remote_addr or "").run()

    @blueprint.record_once
    def bounded(state: Any) -> None:
        state.app.config.setdefault("SOCK_SERVER_OPTIONS", {"max_message_size": MESSAGE_LIMIT})

    _add_turns(blueprint, BrowserTurns(line), limiter)
    _add_files(blueprint)
    add_pages(blueprint, line, base_url, limiter)
    return blueprint


def _nothing() -> None:
    """What a limit can be put on."""


def _own(base_url: str) -> tuple[str, ...]:
    """Our own origin; on a machine without a public address under both of its names."""
    names = ("127.0.0.1", "localhost")
    here = next((name for name in names if base_url.startswith(f"http://{name}")), None)
    return tuple(base_url.replace(here, name, 1) for name in names) if here else (base_url,)


# -- turns by request


def _add_turns(blueprint: Blueprint, turns: BrowserTurns, limiter: Limiter) -> None:
    """`/widget/turn`: JSON for what is pressed or typed, 16-bit samples for what is spoken."""

    @blueprint.route("/widget/turn", methods=["POST", "OPTIONS"], endpoint="turn")
    @limiter.limit(TURNS, methods=["POST"])
    def turn() -> ResponseReturnValue:
        if request.method == "OPTIONS":
            return _readable(make_response("", 204))
        try:
            return _readable(jsonify(messages=_turn(turns)))
        except wire.BadMessage as error:
            log.warning("turn of a browser broken", fault=str(error))
            return _readable(jsonify(messages=[wire.problem_message("bad")])), 400
        except HTTPException:
            raise
        except Exception:
            log.exception("turn of a browser failed")
            return _readable(jsonify(messages=[wire.problem_message("trouble")])), 500


def _readable(response: Response) -> Response:
    """Open to the page that asked, so that it can say why it was refused; whether it may ask is decided before."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = f"Content-Type, {TOKEN_HEADER}, {VOICE_HEADER}"
    response.headers["Access-Control-Max-Age"] = "600"
    response.headers["Cache-Control"] = "no-store"
    return response


def _turn(turns: BrowserTurns) -> Messages:
    token, voice = request.headers.get(TOKEN_HEADER, "")[:100], request.headers.get(VOICE_HEADER) == "1"
    if request.mimetype == "application/octet-stream":
        request.max_content_length = RECORDING_BYTES
        samples = request.get_data()
        return turns.recording(token, samples[: len(samples) // 2 * 2], voice)
    request.max_content_length = TURN_BYTES
    message = wire.parse(request.get_data(as_text=True))
    return turns.hello(message) if isinstance(message, wire.Hello) else turns.answer(token, message, voice)


# -- files


def _add_files(blueprint: Blueprint) -> None:
    """`/widget.js` for embedding pages, and what it loads. Public: the same for everybody, whatever the page."""
    folder = FOLDER / "static"

    def file(name: str) -> Response:
        response = send_from_directory(folder, name, max_age=FILES_S)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    def loader() -> Response:
        return file("widget.js")

    def worker() -> Response:
        return file("sw.js")

    views: dict[str, tuple[str, Callable[..., Response]]] = {
        "file": ("/widget/<path:name>", file),
        "loader": ("/widget.js", loader),
        "worker": ("/sw.js", worker),  # at the top: a service worker serves what lies below it
    }
    for endpoint, (path, view) in views.items():
        blueprint.add_url_rule(path, endpoint, view)
