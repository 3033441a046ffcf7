"""What a citizen is told of a case, and when: the sentences of notices. Pure.

Short, for they are heard or read on the smallest phone. The call-back plays them with the line's own voice.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date

from models.cases import Case
from models.store.cases import NewNotice
from routing.city import City
from routing.sla import decent_time

SENTENCES = Path(__file__).with_name("telling.yaml")
WAYS = ("call", "sms", "whatsapp", "none")


@lru_cache(maxsize=8)
def _sentences(city_file: Path) -> dict[str, str]:
    """The product's sentences, and the city's own where `cities/NAME/telling.yaml` has some."""
    sentences: dict[str, str] = yaml.safe_load(SENTENCES.read_text(encoding="utf-8"))
    if city_file.is_file():
        sentences = {**sentences, **(yaml.safe_load(city_file.read_text(encoding="utf-8")) or {})}
    return sentences


def tell(
    case: Case, verb: str, text: str, values: dict[str, Any], city: City, now: dt.datetime, key: str
) -> tuple[NewNotice, ...]:
    """Notices to the reporter and to all who follow the case; none for acts that they need not hear of.

    Args:
        values: new values of the case's columns, which outrank its own.
        key: of the event; one notice a person and event.
    """
    kind = _kind(verb, values, case)
    sentence = _sentences(city.folder / "telling.yaml").get(kind)
    if not sentence:
        return ()
    said = fill(sentence, case, text, values, city)
    people = [("reporter", case.reporter_sealed, case.notify)]
    if kind in ("solve", "reject", "move", "forward"):
        people += [(follower.id, follower.follower_sealed, follower.notify) for follower in case.followers]
    return tuple(
        NewNotice(f"{case.id}:{key}:{who}", verb, way, sealed, said, not_before=decent_time(now, city))
        for who, sealed, way in people
        if sealed and way != "none"
    )


def _kind(verb: str, values: dict[str, Any], case: Case) -> str:
    """The sentence for an act. A promise that is moved is told; one that comes earlier needs no words."""
    if verb in ("grade", "sort"):
        return "move" if values.get("due_on", case.due_on) > case.due_on else ""
    return verb


def fill(sentence: str, case: Case, text: str, values: dict[str, Any], city: City) -> str:
    """A sentence with its slots: ticket, category, agency, due, text."""
    agency = city.agencies.get(values.get("agency_code", case.agency_code) or "")
    category = city.categories.get(values.get("category_code", case.category_code))
    due: dt.date = values.get("due_on", case.due_on)
    slots = {
        "line": city.line_name,
        "ticket": case.ticket,  # in one piece: the voice says it digit by digit
        "category": category.name.lower() if category else "",
        "agency": agency.spoken if agency and not values.get("review", case.review) else "petugas ruang kendali",
        "contact": f", {agency.contact}" if agency and agency.contact else "",
        "due": format_date(due, "d MMMM y", locale="id"),
        "text": " ".join(text.split()).rstrip(". ") + "." if text else "",
    }
    return " ".join(sentence.format(**slots).split())
