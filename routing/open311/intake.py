"""A report from another system becomes a case like any other. Pure but for the random origin of what has none."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import phonenumbers

from models.api_keys import ApiKey
from routing.cases import CaseDraft
from routing.city import City
from routing.current_places import CurrentPlaces
from routing.open311.errors import Refused
from routing.open311.forms import NewRequest
from routing.open311.published import CHANNEL
from routing.open311.services import CLIENTS_ID, DISCLOSURES
from routing.places import PlaceFinder

SURE_OF_PLACE = 0.85  # as the dialogue's: what is surer need not be asked about (see routing/places.py)
EMERGENCY = "darurat"  # review: a person looks first, and at once
UNCLEAR = "belum jelas"


def draft(
    new: NewRequest,
    city: City,
    places: PlaceFinder | CurrentPlaces,
    key: ApiKey,
    clients_id: str,
    seal: Callable[[str], str],
    lookup: Callable[[str], str],
) -> CaseDraft:
    """What is opened.

    Args:
        clients_id: what makes two sendings the same: of a header, or empty.
        seal, lookup: encrypt a telephone number, and the hash under which it is found again.

    Raises:
        Refused: for an unknown category, area, disclosure, or a telephone number that is none.
    """
    category = city.categories.get(new.service_code)
    if category is None:
        raise Refused(400, "service_code tidak dikenal; daftarnya ada di services.json.")
    disclosure = new.attributes.get("keterbukaan") or "open"
    if disclosure not in DISCLOSURES:
        raise Refused(400, f"attribute[keterbukaan] harus salah satu dari {', '.join(DISCLOSURES)}.")
    number = _number(new.phone)
    return CaseDraft(
        origin=origin(key, clients_id or new.attributes.get(CLIENTS_ID, "")),
        channel=CHANNEL,
        call_id=None,
        category=category.code,
        category_by="caller",
        area=_area(new, city, places),
        landmark=". ".join(part for part in (new.attributes.get("patokan", ""), new.address_string) if part),
        description=new.description,
        review=EMERGENCY if category.emergency else None if new.description else UNCLEAR,
        reporter_sealed=seal(number) if number else None,
        reporter_lookup=lookup(number) if number else None,
        disclosure=disclosure,
        notify="none",  # the system that sent it tells its user
    )


def origin(key: ApiKey, clients_id: str) -> str:
    """Unique to a report of one key: sent again with the same identifier, it is the same case."""
    told = hashlib.sha256(clients_id.encode()).hexdigest() if clients_id else uuid.uuid4().hex
    return f"{mark(key)}{told[:22]}"  # 64 characters are kept; 88 bits of them tell reports apart


def mark(key: ApiKey) -> str:
    """What the origins of all cases of this key begin with."""
    return f"{CHANNEL}:{key.id}:"


def details(new: NewRequest) -> dict[str, Any]:
    """What has no column of its own, for the event that keeps it; empty when there is nothing."""
    kept: dict[str, Any] = {}
    lines = []
    if new.lat is not None and new.long is not None:
        kept |= {"lat": round(new.lat, 6), "long": round(new.long, 6)}  # 0.1 m
        lines.append(f"Titik di peta: {kept['lat']}, {kept['long']}")
    if new.media_url:
        kept["media_url"] = list(new.media_url)
        lines.append(f"Foto: {' '.join(new.media_url)}")
    return kept | {"text": ". ".join(lines)} if kept else {}


def _area(new: NewRequest, city: City, places: PlaceFinder | CurrentPlaces) -> str | None:
    if new.address_id and city.area(new.address_id):
        return new.address_id
    if new.address_id and not new.address_string and new.lat is None:
        raise Refused(400, "address_id harus kode resmi kelurahan atau kecamatan kota ini.")
    found = places.find(new.address_string) if new.address_string else ()
    return found[0].area.code if found and found[0].score >= SURE_OF_PLACE else None


def _number(phone: str) -> str:
    """In international form; empty for none.

    Raises:
        Refused: when it cannot be a telephone number.
    """
    if not phone:
        return ""
    try:
        parsed = phonenumbers.parse(phone, "ID")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise Refused(400, "phone bukan nomor telepon.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
