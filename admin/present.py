"""How the console shows times, numbers, words and codes. Pure functions, used by templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime

from admin import wording
from models.cases import Case, CaseEvent
from models.crypto import UnreadableSecret, Vault
from models.store.cases import CLOSED_STAGES
from routing.city import City
from routing.classify import SURE_ENOUGH
from routing.sla import local_day

# Vosk is sure of itself: right words average 0.99, wrong ones 0.93 on clean speech, so a word is
# pointed out from here on.
DOUBTFUL_BELOW = 0.95
UNKNOWN_WORD = "[unk]"


@dataclass(frozen=True)
class Due:
    """A promised day as it stands today. `state` is open, soon (2 days or less), late or closed."""

    day: dt.date
    state: str
    words: str


class Present:
    """Presentation for one city: its zone, its names."""

    def __init__(self, city: City) -> None:
        self._city = city
        self._zone = ZoneInfo(city.time_zone)

    def today(self, now: dt.datetime) -> dt.date:
        return local_day(now, self._city)

    def midnight(self, day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), self._zone)

    def local(self, moment: dt.datetime) -> dt.datetime:
        return moment.astimezone(self._zone)

    def moment(self, moment: dt.datetime) -> str:
        """23 Nov 2025, 21.44"""
        return format_datetime(self.local(moment), "d MMM y, HH.mm", locale="id")

    def clock(self, moment: dt.datetime) -> str:
        """21.44.05"""
        return format_datetime(self.local(moment), "HH.mm.ss", locale="id")

    def day(self, day: dt.date) -> str:
        """Senin, 24 November 2025"""
        return format_date(day, "EEEE, d MMMM y", locale="id")

    def short_day(self, day: dt.date) -> str:
        """24 Nov 2025"""
        return format_date(day, "d MMM y", locale="id")

    def due(self, case: Case, today: dt.date) -> Due:
        left = (case.due_on - today).days
        if case.stage in CLOSED_STAGES:
            return Due(case.due_on, "closed", "sudah ditutup")
        if left < 0:
            return Due(case.due_on, "late", f"terlambat {-left} hari")
        words = {0: "hari ini", 1: "besok"}.get(left, f"{left} hari lagi")
        return Due(case.due_on, "soon" if left <= 2 else "open", words)

    def agency(self, code: str | None) -> str:
        agency = self._city.agencies.get(code or "")
        return agency.name if agency else code or "belum ditentukan"

    def category(self, code: str) -> str:
        category = self._city.categories.get(code)
        return category.name if category else code

    def area(self, code: str | None) -> str:
        area = self._city.area(code or "")
        if area is None:
            return code or ""
        parent = self._city.area(area.parent) if area.parent else None
        return f"Kelurahan {area.name}, Kecamatan {parent.name}" if parent else f"Kecamatan {area.name}"

    def _proposals(self, proposals: Sequence[dict[str, Any]]) -> list[str]:
        """What the machine holds likely, whether it is sure of it, and the words that spoke for the first."""
        if not proposals:
            return ["Mesin tidak punya usulan"]
        names = [f"{self.category(p.get('category', ''))} ({percent(p.get('score', 0))})" for p in proposals]
        doubt = "" if proposals[0].get("score", 0) >= SURE_ENOUGH else " (mesin tidak yakin)"
        lines = [f"Usulan: {', '.join(names)}{doubt}"]
        if words := proposals[0].get("words"):
            lines.append(f"Kata yang menentukan: {', '.join(words)}")
        return lines

    def event_lines(self, event: CaseEvent, raw: bool = True) -> list[str]:
        """What an event says beyond its kind, a line each; without `raw`, no words that only the recogniser heard."""
        details, lines = event.details or {}, []
        if event.kind == "classified":
            lines += self._proposals(details.get("proposals", ()))
        elif agency := details.get("agency") or details.get("agency_code"):
            lines.append(self.agency(agency))
        if details.get("due_on"):
            lines.append(f"Dijanjikan {self.day(dt.date.fromisoformat(details['due_on']))}")
        if details.get("stage"):
            lines.append(wording.STAGES.get(details["stage"], details["stage"]))
        if details.get("area"):
            lines.append(self.area(details["area"]))
        lines += [f"“{details[name]}”" for name in ("description", "landmark") if raw and details.get(name)]
        if details.get("text"):
            lines.append(f"“{details['text']}”")
        if event.reason and event.reason != details.get("text"):
            lines.append("Alasan: " + wording.REASONS.get(event.reason, event.reason))
        return lines


def percent(share: float) -> str:
    return f"{round(share * 100)}%"


def spaced(ticket: str) -> str:
    """A ticket number in the groups in which it is spoken: 123 456 78."""
    return " ".join(part for part in (ticket[:3], ticket[3:6], ticket[6:]) if part)


def offset(ms: int | None) -> str:
    """A place in a recording, to a tenth of a second: 1:05,3."""
    tenths = (ms or 0) // 100
    return f"{tenths // 600}:{tenths // 10 % 60:02d},{tenths % 10}"


def lasted(begun: dt.datetime, ended: dt.datetime | None) -> str:
    """3 menit 20 detik; empty while it goes on."""
    if ended is None:
        return ""
    minutes, seconds = divmod(max(0, round((ended - begun).total_seconds())), 60)
    return f"{minutes} menit {seconds} detik" if minutes else f"{seconds} detik"


def doubtful(word: dict[str, Any]) -> bool:
    """Whether a person should listen to this word."""
    return word.get("text") == UNKNOWN_WORD or float(word.get("confidence", 0)) < DOUBTFUL_BELOW


def opened_number(vault: Vault, sealed: str | None) -> str | None:
    """The number in E.164, or None when it was hidden or no key opens it."""
    try:
        return vault.open_text(sealed) if sealed else None
    except UnreadableSecret:
        return None


def masked(number: str | None) -> str:
    """Enough of a number to tell two callers apart on one screen: 08xx-xxxx-890."""
    if not number:
        return "tidak diketahui"
    head = "08xx" if number.startswith("+628") else "0xxx" if number.startswith("+62") else "+xxx"
    return f"{head}-xxxx-{number[-3:]}"


def national(number: str | None) -> str:
    """A number as people write it here: 0812-3456-7890."""
    if not number:
        return "tidak diketahui"
    try:
        parsed = phonenumbers.parse(number, "ID")
    except phonenumbers.NumberParseException:
        return number
    at_home = parsed.country_code == 62
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)
