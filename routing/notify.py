"""Sends what is to be told, once: claims a notice, sends it its way, notes what came of it, tries again later.

A way is one of `call`, `sms`, `whatsapp`, `email`. Which ones there are is wired by `worker.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from models.crypto import UnreadableSecret
from models.store.notices import Claimed, NoticeStore
from routing.city import City
from routing.sla import decent_time

AGAIN_AFTER = tuple(dt.timedelta(minutes=minutes) for minutes in (2, 15, 60, 240))  # then a person is asked

log = structlog.get_logger(__name__)


class NotSent(Exception):
    """The provider did not take it; `final`: it never will (a wrong number, a message that it refuses)."""

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Way(Protocol):
    """One way to reach a person."""

    def send(self, to: str, subject: str, text: str, notice_id: str) -> str:
        """Send it now; returns the provider's identifier.

        Raises:
            NotSent: when it was certainly not sent.
        """

    def find(self, to: str, text: str, notice_id: str, since: dt.datetime) -> str | None:
        """The provider's identifier of this very message, if it was sent since then; None when it was not.

        Asked when a worker died while it was sending.

        Raises:
            NotSent: when the provider cannot be asked.
        """


def send_notice(
    store: NoticeStore,
    ways: Mapping[str, Way],
    open_sealed: Callable[[str], str],
    city: City,
    notice_id: str,
    now: dt.datetime,
) -> None:
    """Send one notice if it is due; harmless when repeated, by any number of workers."""
    claimed = store.claim(notice_id, now)
    if claimed is None:
        return
    way = ways.get(claimed.way)
    if way is None:
        store.give_up(claimed, f"tidak ada saluran untuk {claimed.way}")
        return
    try:
        to = open_sealed(claimed.to_sealed)
        known = way.find(to, claimed.text, claimed.ids[0], claimed.since) if claimed.before else None
        store.sent(claimed, known or way.send(to, claimed.subject, claimed.text, claimed.ids[0]))
    except UnreadableSecret:
        store.give_up(claimed, "nomor tidak dapat dibuka dengan kunci yang terpasang")
    except NotSent as error:
        _again_or_not(store, claimed, error, city, now)


def _again_or_not(store: NoticeStore, claimed: Claimed, error: NotSent, city: City, now: dt.datetime) -> None:
    if error.final or claimed.tries > len(AGAIN_AFTER):
        log.error("a notice was given up", notice=claimed.ids[0], way=claimed.way, tries=claimed.tries)
        store.give_up(claimed, str(error))
        return
    at = now + AGAIN_AFTER[claimed.tries - 1]
    store.try_again(claimed, at if claimed.way == "email" else decent_time(at, city), str(error))
