"""What everybody may know of a case. Pure; the one place that decides it.

Published of every case: category, area, stage, agency, dates. Words (description, landmark, coordinates, an
officer's answer) only of a case that came through this interface, is open, and waits for no review: who speaks into a
telephone was not told that the words would be read by everybody. Nothing of the reporter, ever.
"""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from models.cases import Case, CaseEvent
from models.store.cases import CLOSED_STAGES
from routing.city import City
from routing.open311.shapes import ExtendedStatus, Request, Update

CHANNEL = "open311"
SPOKEN = frozenset({"answer", "ask", "solve", "reject", "forward"})  # verbs whose text is meant for the citizen
# Kinds of events that other systems hear of, with the verbs that count among them.
TOLD = ("stage", "answered", "reopened", "merged", "moved")
LOCATED = "note"  # the kind of the event that keeps coordinates; its details hold lat, long, media_url
_PERSONAL = re.compile(r"\b\d{16}\b|(?:\+62|\b62|\b0)(?:[ \-.]?\d){8,12}\b|\b\S+@\S+\.\w+")  # NIK, numbers, addresses

NOTES = {
    "pengaduan": "Laporan sudah diterima dan menunggu dikerjakan.",
    "proses": "Laporan sedang diproses.",
    "pengerjaan": "Laporan sedang dikerjakan di lapangan.",
    "menunggu": "Petugas menunggu keterangan dari pelapor.",
    "diteruskan": "Laporan diteruskan ke instansi di luar pemerintah kota.",
    "selesai": "Laporan sudah selesai ditangani.",
    "ditolak": "Laporan ini tidak dapat ditangani.",
    "digabung": "Laporan digabung dengan laporan lain tentang masalah yang sama.",
    "dicabut": "Laporan dicabut oleh pelapornya.",
}
REVIEWED = "Laporan sudah diterima dan sedang dibaca petugas."
STATUSES: dict[str, ExtendedStatus] = {
    "pengaduan": "open",
    "proses": "investigating",
    "pengerjaan": "in_progress",
    "menunggu": "open",
    "diteruskan": "open",
    "selesai": "fixed",
    "ditolak": "no_further_action",
    "digabung": "duplicate",
    "dicabut": "cancelled",
}


def may_tell(case: Case) -> bool:
    """Whether the words of the case may be published."""
    return case.channel == CHANNEL and case.disclosure == "open" and not case.review


def number_of(case: Case) -> str:
    """Under which number a case is listed.

    Of a telephone's case not by its ticket: with that number anybody hears by telephone what became of it.
    """
    return case.ticket if case.channel == CHANNEL else case.id


def request(case: Case, city: City, number: str = "") -> Request:
    """One case for everybody. `number`: under which it was asked for, so that its holder finds it again."""
    category = city.categories.get(case.category_code) or city.categories[city.other_category]
    agency = city.agencies.get(case.agency_code or "")
    words = may_tell(case)
    closed = case.stage in CLOSED_STAGES
    lat, long = _place(case) if words else (None, None)
    return Request(
        service_request_id=number or number_of(case),
        status="closed" if closed else "open",
        status_notes=_notes(case, words),
        service_name=category.name,
        service_code=case.category_code,
        description=without_personal(case.description) if words and case.description else None,
        agency_responsible=agency.name if agency and not case.review else None,
        requested_datetime=moment(case.opened_at, city),
        updated_datetime=moment(case.stage_since if closed else case.changed_at, city),
        expected_datetime=moment(_end_of(case.due_on, city), city),
        address=address(case, city) or None,
        address_id=case.area_code,
        lat=lat,
        long=long,
    )


def _notes(case: Case, words: bool) -> str:
    note = REVIEWED if case.review and case.stage == "pengaduan" else NOTES.get(case.stage, "")
    said = next((e.details["text"] for e in reversed(case.events) if _is_answer(e)), "") if words else ""
    return f"{note} {without_personal(said)}".strip()


def _is_answer(event: CaseEvent) -> bool:
    return event.details.get("verb") in SPOKEN and bool(event.details.get("text"))


def _place(case: Case) -> tuple[float | None, float | None]:
    found = [e.details for e in case.events if e.kind == LOCATED and e.channel == CHANNEL and "lat" in e.details]
    return (found[-1]["lat"], found[-1]["long"]) if found else (None, None)


def address(case: Case, city: City) -> str:
    """From the most specific to the most general, as GeoReport asks; the landmark only where words may be told."""
    area = city.area(case.area_code or "")
    parent = city.area(area.parent) if area and area.parent else None
    parts = [without_personal(case.landmark)] if case.landmark and may_tell(case) else []
    if area:
        parts.append(f"{'Kelurahan' if parent else 'Kecamatan'} {area.name}")
    if parent:
        parts.append(f"Kecamatan {parent.name}")
    return ", ".join([*parts, city.name] if parts else [])


def updates(events: tuple[CaseEvent, ...], city: City) -> list[Update]:
    """What happened, for systems that follow many cases; what says nothing to a citizen is left out."""
    return [_update(event, city) for event in events]


def _update(event: CaseEvent, city: City) -> Update:
    case = event.case
    stage = str(event.details.get("stage") or ("proses" if event.kind == "reopened" else case.stage))
    said = str(event.details.get("text") or "") if may_tell(case) and _is_answer(event) else ""
    note = {"moved": _moved(event), "answered": "Petugas sudah memberi jawaban."}.get(event.kind, NOTES.get(stage, ""))
    return Update(
        update_id=event.id,
        service_request_id=number_of(case),
        status="reopen" if event.kind == "reopened" else STATUSES.get(stage, "open"),
        updated_datetime=moment(event.at, city),
        description=without_personal(said) or note or "Ada kabar baru tentang laporan ini.",
        external_status_code=stage,
    )


def _moved(event: CaseEvent) -> str:
    day = str(event.details.get("due_on") or "")
    return f"Tanggal janji diubah menjadi {day}." if day else "Tanggal janji diubah."


def without_personal(text: str) -> str:
    """Numbers of people and mail addresses are taken out, wherever somebody wrote them."""
    return _PERSONAL.sub("[disembunyikan]", text)


def moment(at: dt.datetime, city: City) -> str:
    """As GeoReport wants it: ISO 8601 in whole seconds, with the city's own zone."""
    return at.astimezone(ZoneInfo(city.time_zone)).isoformat(timespec="seconds")


def _end_of(day: dt.date, city: City) -> dt.datetime:
    return dt.datetime.combine(day, city.hours.end, ZoneInfo(city.time_zone))
