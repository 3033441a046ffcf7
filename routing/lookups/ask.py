"""Asks the owners of the city's services, within the time that a caller waits, and keeps answers for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass
from typing import Literal, Protocol

import structlog

from routing.gateways.contract import NotDelivered
from routing.gateways.http import Http
from routing.lookups import LookUp, sentence

Outcome = Literal["found", "missing", "away", "unreadable"]
MOST_BYTES = 64 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Answer:
    """What came of a look-up. `text` is the sentence, when something was found."""

    outcome: Outcome
    text: str = ""


class Cache(Protocol):
    """Keeps answers for a while, for all processes. Never raises: what it loses is asked again."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, value: str, seconds: int) -> None: ...


class NoCache:
    def get(self, key: str) -> str | None:
        return None

    def put(self, key: str, value: str, seconds: int) -> None: ...


def offered(services: Mapping[str, LookUp], secret: Callable[[str], str]) -> dict[str, LookUp]:
    """Those that can be asked: not marked "contoh", and with all their secrets there."""
    return {code: one for code, one in services.items() if not one.status and all(map(secret, one.headers.values()))}


class LookUps:
    """Asks the owners of the city's services. Safe to share between threads.

    Args:
        services: by code; only those that are `offered` are asked.
        secret: value of a variable that the city's data name; empty when there is none.
        hidden: a number as a key of the cache, from which it cannot be had back.
        seal, open_sealed: encrypt an answer for the cache, and open it again.
    """

    def __init__(
        self,
        services: Mapping[str, LookUp],
        secret: Callable[[str], str],
        cache: Cache | None = None,
        hidden: Callable[[str], str] = lambda number: number,
        seal: Callable[[str], str] = lambda text: text,
        open_sealed: Callable[[str], str] = lambda text: text,
    ) -> None:
        self._secret, self._hidden, self._cache = secret, hidden, cache or NoCache()
        self._seal, self._open_sealed = seal, open_sealed
        self.services = offered(services, secret)
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="look-up")

    def ask(self, code: str, number: str) -> Answer:
        """How it stands with this number, after `timeout_s` of the service at the latest. Never raises."""
        service = self.services.get(code)
        if service is None or not (number.isdigit() and len(number) in service.digits):
            return Answer("missing")
        key = f"lookup:{code}:{self._hidden(f'{code} {number}')}"
        known = self._cache.get(key)
        if known is not None:
            return Answer("found", self._open_sealed(known))
        asked: Future[Answer] = self._threads.submit(self._ask, service, number)
        try:
            answer = asked.result(service.timeout_s)
        except TooLate:
            asked.cancel()
            answer = Answer("away")
        except Exception:  # the caller hears that it does not work now; whoever runs the city finds it in the log
            log.exception("a look-up failed", service=code)
            answer = Answer("away")
        if answer.outcome == "found" and service.cache_s:
            self._cache.put(key, self._seal(answer.text), service.cache_s)
        if answer.outcome in ("away", "unreadable"):
            log.warning("a look-up gave no answer", service=code, outcome=answer.outcome)
        return answer

    def _ask(self, service: LookUp, number: str) -> Answer:
        headers = {"Accept": "application/json"}
        headers |= {name: self._secret(variable) for name, variable in service.headers.items()}
        http = Http(service.private, connect_s=service.timeout_s, read_s=service.timeout_s, most_bytes=MOST_BYTES)
        try:
            answer = http.get(service.url.replace("{number}", number), {}, headers)
        except NotDelivered:
            return Answer("away")
        if answer.status == 404:
            return Answer("missing")
        if answer.status != 200:
            return Answer("away")
        text = sentence(service, answer.body)
        return Answer("found", text) if text else Answer("unreadable")
