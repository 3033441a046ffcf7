"""How a view becomes a route: its limits, its answer in the form that the address names, its errors as documents."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

import structlog
from flask import Blueprint, Response, request
from flask_limiter import Limiter
from pydantic import BaseModel
from werkzeug.exceptions import HTTPException

from routing.open311 import errors, keys, shapes, wire
from routing.open311.described import Described, described
from routing.open311.errors import Refused

FORM = "<any(json, xml):form>"
MOST_BYTES = 128 * 1024  # 4000 letters of 12 bytes each (an emoji, form-encoded) and the small fields beside
# A city's busiest season brought 25,000 reports in an hour over all its channels (417 a minute).
READS, WRITES, WRITES_OF_ADDRESS = "600 per minute", "300 per minute", "900 per minute"
View = TypeVar("View", bound=Callable[..., Any])

log = structlog.get_logger(__name__)


class Routes:
    """Adds views to a blueprint. A view gives models; `root` names them in XML."""

    def __init__(self, blueprint: Blueprint, limiter: Limiter) -> None:
        self._blueprint = blueprint
        self._slowly = limiter.shared_limit(READS, scope="open311-read")
        self._by_key = limiter.shared_limit(WRITES, scope="open311-write", key_func=_sender)
        self._by_address = limiter.shared_limit(WRITES_OF_ADDRESS, scope="open311-write-address")

    def get(self, path: str, root: str, what: Described) -> Callable[[View], View]:
        return self._add("GET", path, root, what)

    def post(self, path: str, root: str, what: Described) -> Callable[[View], View]:
        return self._add("POST", path, root, what)

    def _add(self, method: str, path: str, root: str, what: Described) -> Callable[[View], View]:
        def decorate(view: View) -> View:
            served: Any = described(what)(_answered(root, view))
            limited = self._slowly(served) if method == "GET" else self._by_address(self._by_key(served))
            self._blueprint.add_url_rule(f"{path}.{FORM}", view.__name__, limited, methods=[method])
            return view

        return decorate


def _answered(root: str, view: Callable[..., Any]) -> Callable[..., Response]:
    @wraps(view)
    def served(form: str, **where: str) -> Response:
        return response(root, view(**where), form)

    return served


def response(root: str, content: Any, form: str, status: int = 200) -> Response:
    return Response(wire.written(root, _plain(content), form), status, content_type=wire.TYPES[form])


def _plain(content: Any) -> Any:
    if isinstance(content, BaseModel):
        sparse = isinstance(content, shapes.Definition | shapes.Opened | shapes.Updated)
        return content.model_dump(exclude_none=sparse)
    return [_plain(one) for one in content] if isinstance(content, list) else content


def shown_key() -> str:
    """The key as it was shown: in a header, in the form (as GeoReport has it), or in the address."""
    return request.headers.get("X-Api-Key") or request.form.get("api_key") or request.args.get("api_key", "")


def _sender() -> str:
    """Who is counted: the key, hashed, if it looks like one; else the address."""
    shown = shown_key() if (request.content_length or 0) <= MOST_BYTES else ""
    return keys.hashed(shown)[:32] if keys.KEY.fullmatch(shown) else request.remote_addr or "-"


def add_errors(blueprint: Blueprint) -> None:
    """Every refusal below the blueprint's address is an error document, unknown addresses included."""

    @blueprint.before_request
    def small_enough() -> None:
        request.max_content_length = request.max_form_memory_size = MOST_BYTES

    @blueprint.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return _told(error.status, error.problems)

    @blueprint.errorhandler(HTTPException)
    def by_framework(error: HTTPException) -> Response:
        code = error.code or 500
        answer = _told(code, (errors.PLAIN.get(code, errors.PLAIN[400]),))
        kept = ("retry-after", "allow")
        answer.headers.extend([(name, value) for name, value in error.get_headers() if name.lower() in kept])
        return answer

    @blueprint.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        log.exception("Open311 failed", failure=type(error).__name__)
        return _told(500, (errors.PLAIN[500],))

    @blueprint.route("/", defaults={"rest": ""}, methods=["GET", "POST"])
    @blueprint.route("/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    def nothing_here(rest: str) -> Response:
        raise Refused(404, errors.PLAIN[404])


def _told(status: int, problems: tuple[str, ...]) -> Response:
    form = (request.view_args or {}).get("form") or ("json" if request.path.endswith(".json") else "xml")
    return response("errors", errors.document(status, problems), form, status)
