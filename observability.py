"""What can be seen of the running line: log lines without personal data, and measurements.

Two guards stand before every line, whoever wrote it (ours, gunicorn, rq, werkzeug, SQLAlchemy):
fields that hold personal data by their name are hidden whole, and runs of seven digits or more
(telephone numbers, NIK, tickets) are hidden in all other text, exceptions included.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping
from ipaddress import ip_address
from secrets import compare_digest
from typing import Any

import structlog
from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

HANDLER = "guarded-stderr"
HIDDEN = "[disembunyikan]"
PERSONAL_FIELDS = frozenset(
    {
        *("caller", "number", "phone", "from_number", "to_number", "reporter", "email", "address", "landmark"),
        *("text", "transcript", "words", "heard", "said", "hypothesis", "keys", "digits", "description"),
        *("password", "token", "body", "form", "params", "parameters"),
    }
)
# Kept as they are: our identifiers, Twilio's (two letters and 32 hexadecimal digits), dates and times.
_KEPT = r"\b(?:[A-Z]{2})?[0-9a-f]{32}\b|\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d)?|(?<=0x)[0-9a-f]+"
_DIGITS = re.compile(rf"(?P<kept>{_KEPT})|\+?\d(?:[ \-]?\d){{6,}}")
# SQLAlchemy writes the values of a failed statement into its message.
_PARAMETERS = re.compile(r"\[parameters: .*?\]\s*(?=\n|\(Background|$)", re.DOTALL)
# Loggers that would else write by themselves.
LIBRARIES = ("gunicorn.error", "gunicorn.access", "rq.worker", "werkzeug", "flask.app")
_OWN_TIME = frozenset({"timestamp", "level", "logger"})


def hide_digits(text: str) -> str:
    """`text` with every run of seven digits or more (spaces or hyphens between them count in) hidden."""
    return _DIGITS.sub(lambda found: found.group() if found.group("kept") else HIDDEN, text)


def hide_personal(_logger: Any, _method: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """A structlog processor: the last one before a line is written out."""
    return {name: value if name in _OWN_TIME else _hidden(name, value) for name, value in line.items()}


def _hidden(name: str, value: Any) -> Any:
    if name.lower() in PERSONAL_FIELDS:
        return HIDDEN if value not in (None, "", [], ()) else value
    if isinstance(value, Mapping):
        return {key: _hidden(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden("", inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return hide_digits(_PARAMETERS.sub(f"[parameters: {HIDDEN}]", value if isinstance(value, str) else str(value)))


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logging(level: str = "INFO", *, console: bool | None = None) -> None:
    """Send every log line of the process through the guards to stderr. Calling it again is harmless.

    Call it in each process after its framework has set up its own logging (in gunicorn: in the worker).

    Args:
        level: DEBUG, INFO, WARNING, ERROR or CRITICAL.
        console: lines for people instead of JSON; None: for people when stderr is a terminal.

    Raises:
        ValueError: when `level` is none of these.
    """
    if level.upper() not in logging.getLevelNamesMapping():
        raise ValueError(f"LOG_LEVEL must be DEBUG, INFO, WARNING, ERROR or CRITICAL, not {level!r}")
    handler = logging.StreamHandler(sys.stderr)
    handler.name = HANDLER
    handler.setFormatter(_formatter(sys.stderr.isatty() if console is None else console))
    root = logging.getLogger()
    # Not logging.config.dictConfig: it closes every handler of the process, also those of others.
    root.handlers = [other for other in root.handlers if other.name != HANDLER] + [handler]
    root.setLevel(level.upper())
    for name in LIBRARIES:
        library = logging.getLogger(name)
        library.handlers, library.propagate = [], True
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def _formatter(console: bool) -> logging.Formatter:
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,  # before the guard, or exceptions' messages would slip past it
            hide_personal,
            structlog.dev.ConsoleRenderer() if console else as_json,
        ],
    )


REGISTRY = CollectorRegistry()
CALLS = Counter("suara_warga_calls", "Calls taken", ["channel"], registry=REGISTRY)
CALLS_ENDED = Counter("suara_warga_calls_ended", "Calls ended", ["reason"], registry=REGISTRY)
CALLS_LIVE = Gauge("suara_warga_calls_live", "Calls on the line now, in this process", registry=REGISTRY)
TURNS = Counter("suara_warga_turns", "Turns of all calls", ["kind"], registry=REGISTRY)
ANSWER_SECONDS = Histogram(
    "suara_warga_answer_seconds",
    "From the decision that the caller has finished to the first sound of our answer",
    # 0.7 s is the promised 95th percentile.
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.5, 5.0),
    registry=REGISTRY,
)


def metrics_text() -> bytes:
    """All measurements of this process in Prometheus' text format."""
    return generate_latest(REGISTRY)


def metrics_blueprint(token: str = "") -> Blueprint:
    """`/metrics`, for this machine itself, or for whoever shows `Authorization: Bearer TOKEN`.

    A request that a proxy passed on comes from 127.0.0.1 as well, so it counts as from outside.
    """
    blueprint = Blueprint("metrics", __name__)

    @blueprint.get("/metrics")
    def show() -> Response:
        if not (_from_this_machine() or _shows(token)):
            abort(404)
        return Response(metrics_text(), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _from_this_machine() -> bool:
    passed_on = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"))
    try:
        return not passed_on and ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _shows(token: str) -> bool:
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and compare_digest(shown.encode(), token.encode())
