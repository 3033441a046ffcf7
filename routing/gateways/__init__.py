"""Cases go to agencies' own systems: Open311, signed webhooks, letters. One file a way, one contract for all.

`deliver` gives one case to the system of its agency; `routing.gateways.returns` brings back what comes of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import structlog

from models.cases import Case, CaseEvent
from models.gateways import Delivery
from models.store.cases import CLOSED_STAGES, CaseStore, Change
from models.store.deliveries import DeliveryStore
from routing.city import City
from routing.gateways.contract import Gateway, Handed, NotDelivered, Sent
from routing.open311.published import LOCATED

__all__ = ["Gateway", "Handed", "NotDelivered", "Sent", "deliver", "turn_of"]

log = structlog.get_logger(__name__)


def deliver(
    store: CaseStore,
    deliveries: DeliveryStore,
    gateways: Mapping[str, Gateway],
    city: City,
    case_id: str,
    now: dt.datetime,
) -> bool:
    """Give the case to its agency's system and write that it was; False when there is nothing to do.

    The network is asked outside of any transaction. A worker that died on the way leaves a delivery that has begun:
    then the other system is asked first whether the case arrived.

    Raises:
        NotDelivered: when it was not taken; nothing is then written on the case.
    """
    case = store.get(case_id)
    gateway = gateways.get(case.agency_code or "") if case else None
    if case is None or gateway is None or case.delivered_at is not None or case.stage in CLOSED_STAGES:
        return False
    turn = turn_of(case)
    delivery, before = deliveries.begin(case.id, turn, case.agency_code or "", gateway.way, now)
    remote = delivery.remote_id or delivery.token
    if delivery.state == "sending":
        handed = _handed(case, delivery, city)
        sent = (gateway.find(handed, delivery.began_at) if before else None) or gateway.send(handed)
        deliveries.sent(delivery.id, sent.remote_id, sent.token, now)
        remote = sent.remote_id or sent.token
    return store.decide(case_id, lambda current: _delivered(current, case, turn, gateway.way, remote, now))


def turn_of(case: Case) -> int:
    """Number of the event that last gave the case to somebody: it may come back to an agency that had it before."""
    return max(event.number for event in case.events if event.kind != "delivered" and _names_agency(event))


def _names_agency(event: CaseEvent) -> bool:
    return event.kind == "opened" or bool({"agency", "agency_code"} & set(event.details))


def _delivered(case: Case, sent: Case, turn: int, way: str, remote: str, now: dt.datetime) -> Change | None:
    """Unless it changed hands meanwhile: then its new agency is still to get it."""
    if case.delivered_at is not None or case.agency_code != sent.agency_code or turn_of(case) != turn:
        return None
    details = {"agency": case.agency_code, "way": way, "remote_id": remote}
    key = f"delivered:{turn}:{case.agency_code}"
    return Change("delivered", key, "machine", "worker", details=details, values={"delivered_at": now}, at=now)


def _handed(case: Case, delivery: Delivery, city: City) -> Handed:
    agency = city.agencies[delivery.agency_code]
    category = city.categories.get(case.category_code) or city.categories[city.other_category]
    spots = [event.details for event in case.events if event.kind == LOCATED and "lat" in event.details]
    return Handed(
        event_id=delivery.id,
        case_id=case.id,
        ticket=case.ticket,
        agency=agency.code,
        agency_name=agency.name,
        city_name=city.name,
        category=category.code,
        category_name=category.name,
        severity=case.severity,
        area=case.area_code or "",
        place=_place(case, city),
        description=case.description,
        opened_at=case.opened_at,
        promised=case.due_on,
        lat=spots[-1]["lat"] if spots else None,
        long=spots[-1]["long"] if spots else None,
    )


def _place(case: Case, city: City) -> str:
    area = city.area(case.area_code or "")
    parent = city.area(area.parent) if area and area.parent else None
    named = f"{'Kelurahan' if parent else 'Kecamatan'} {area.name}" if area else ""
    above = f"Kecamatan {parent.name}" if parent else ""
    return ", ".join(part for part in (case.landmark, named, above) if part)
