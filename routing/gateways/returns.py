"""Brings home what agencies' systems say of their cases: an answer, a new stage, the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import structlog

from models.cases import Case
from models.gateways import Delivery
from models.store.cases import CLOSED_STAGES, CaseStore
from models.store.deliveries import DeliveryStore
from routing.city import City
from routing.gateways.contract import Gateway, NotDelivered
from routing.gateways.open311 import News
from routing.open311 import returned

OVERLAP = dt.timedelta(hours=1)  # asked for again, as clocks differ and servers write late; a repetition is harmless
LONGEST = dt.timedelta(days=30)  # of what a server that was away is asked for at once
AT_ONCE = 25  # numbers that are asked for singly in one round (a job has two minutes); the rest has its turn next

log = structlog.get_logger(__name__)


@runtime_checkable
class Asks(Protocol):
    """A gateway whose system can be asked for news."""

    def number_of(self, token: str) -> str: ...

    def updates(self, since: dt.datetime, until: dt.datetime) -> list[News] | None: ...

    def statuses(self, numbers: tuple[str, ...]) -> list[News]: ...


def poll(
    store: CaseStore, deliveries: DeliveryStore, gateways: Mapping[str, Gateway], city: City, now: dt.datetime
) -> int:
    """Ask every system that can be asked; how many acts came of it. One that does not answer holds up no other."""
    acts = 0
    for agency, gateway in gateways.items():
        if not isinstance(gateway, Asks):
            continue
        try:
            acts += _poll_one(store, deliveries, gateway, agency, city, now)
        except NotDelivered as error:
            log.warning("a system was not reached for news", agency=agency, reason=str(error))
    return acts


def _poll_one(
    store: CaseStore, deliveries: DeliveryStore, gateway: Asks, agency: str, city: City, now: dt.datetime
) -> int:
    out = _with_numbers(deliveries, gateway, deliveries.out(agency))
    if not out:
        return 0
    asked = tuple(out)
    news = gateway.updates(_since(out, now), now)
    if news is None:
        asked = asked[:AT_ONCE]
        news = gateway.statuses(asked)
    acts = 0
    for one in news:
        if delivery := out.get(one.remote_id):
            acts += _take(store, deliveries, delivery, one, agency, city)
    deliveries.polled([out[number].id for number in asked], now)
    for delivery in out.values():
        _end(store, deliveries, delivery)
    return acts


def _with_numbers(deliveries: DeliveryStore, gateway: Asks, out: tuple[Delivery, ...]) -> dict[str, Delivery]:
    """Deliveries by the other system's number, tokens exchanged where the number is there by now."""
    known = {}
    for delivery in out:
        number = delivery.remote_id
        if not number and delivery.token and (number := gateway.number_of(delivery.token)):
            deliveries.numbered(delivery.id, number)
        if number:
            known[number] = delivery
    return known


def _since(out: dict[str, Delivery], now: dt.datetime) -> dt.datetime:
    """From where the one that was asked about longest ago was left."""
    earliest = min(delivery.polled_at or delivery.began_at for delivery in out.values())
    return max(earliest - OVERLAP, now - LONGEST)


def _take(store: CaseStore, deliveries: DeliveryStore, delivery: Delivery, news: News, agency: str, city: City) -> int:
    case = store.get(delivery.case_id)
    if case is None or case.agency_code != agency:  # handed on meanwhile: another answers for it now
        return 0
    acts = returned.by_agency(case, news.status, news.text, f"agency:{agency}", f"{agency}:{news.told_by}")
    return returned.apply(store, city, case, acts)


def _end(store: CaseStore, deliveries: DeliveryStore, delivery: Delivery) -> None:
    """Nothing more is asked about a case that is closed here, or that somebody else has."""
    case: Case | None = store.get(delivery.case_id)
    if case is None or case.stage in CLOSED_STAGES or case.agency_code != delivery.agency_code:
        deliveries.over(delivery.id)
