"""The console's pages: cases, calls, one of each in full, and the sound."""

from __future__ import annotations

import re
from typing import Any

import structlog
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import Engine

from admin import present, wording
from admin.access import Access, is_administrator
from admin.acting import CasePage, Voice, add_acting, choices
from admin.announcing import add_announcing
from admin.present import Present
from admin.scope import agency_of_user, control_room_only, may_hear, sees
from admin.sound import Sounds, answer_with_sound
from models.base import new_id, utcnow
from models.crypto import UnreadableSecret, Vault
from models.recordings import RecordingMissing
from models.store.announcements import AnnouncementStore
from models.store.cases import CaseStore
from models.store.console import CallFilter, CaseFilter, ConsoleStore, Cursor
from routing.city import City

CALL_KINDS = {
    "review": "Laporannya perlu ditinjau",
    "no-case": "Tanpa laporan",
    "hand-over": "Disambungkan ke petugas",
    "live": "Sedang berlangsung",
}
NARROWING = ("tiket", "tahap", "instansi", "tinjau", "terlambat", "jenis")  # in addresses of lists

log = structlog.get_logger(__name__)


def admin_blueprint(
    engine: Engine, vault: Vault, recordings: Sounds, city: City, access: Access, voice: Voice
) -> Blueprint:
    """The pages under `/admin`, every one behind log-in."""
    blueprint = Blueprint("console", __name__, url_prefix="/admin")
    store, shown = ConsoleStore(engine), Present(city)
    blueprint.before_request(access.guard)
    blueprint.after_request(_keep_out_of_caches)

    @blueprint.context_processor
    def helpers() -> dict[str, Any]:
        today = shown.today(utcnow())
        return {
            "p": shown,
            "f": present,
            "w": wording,
            "today": today,
            "counts": lambda: store.counts(today, shown.midnight(today)),
            "is_administrator": is_administrator(),
            "in_control_room": not agency_of_user(),
            "kept": lambda: {name: value for name in NARROWING if (value := request.args.get(name))},
        }

    _add_lists(blueprint, store, shown, city)
    page = _add_details(blueprint, store, vault, city)
    add_acting(blueprint, store, CaseStore(engine), city, voice, page)
    add_announcing(blueprint, AnnouncementStore(engine), CaseStore(engine), city, voice, vault)
    _add_sound(blueprint, store, recordings)
    return blueprint


def _keep_out_of_caches(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store, private"
    return response


def _add_lists(blueprint: Blueprint, store: ConsoleStore, shown: Present, city: City) -> None:
    @blueprint.get("/")
    def home() -> ResponseReturnValue:
        return redirect(url_for("console.cases"))

    @blueprint.get("/laporan")
    def cases() -> str:
        own = agency_of_user()
        everything = CaseFilter(agency=own, settled=bool(own))
        wanted = CaseFilter(
            ticket=_ticket(),
            stage=_one_of("tahap", wording.STAGES),
            agency=own or _one_of("instansi", city.agencies),
            review=bool(request.args.get("tinjau")) and not own,
            settled=bool(own),
            late=bool(request.args.get("terlambat")),
        )
        page = store.cases(wanted, _cursor(), shown.today(utcnow()))
        agencies = sorted(city.agencies.values(), key=lambda agency: agency.name)
        return render_template(
            "console/cases.html", page=page, wanted=wanted, narrowed=wanted != everything, agencies=agencies
        )

    @blueprint.get("/panggilan")
    def calls() -> str:
        control_room_only()
        wanted = CallFilter(ticket=_ticket(), which=_one_of("jenis", CALL_KINDS))
        page = store.calls(wanted, _cursor())
        return render_template(
            "console/calls.html", page=page, wanted=wanted, narrowed=wanted != CallFilter(), kinds=CALL_KINDS
        )


def _add_details(blueprint: Blueprint, store: ConsoleStore, vault: Vault, city: City) -> CasePage:
    """The pages of one case and of one call; returns how a case's page is shown."""

    def case_page(ticket: str, full_number: bool = False, **more: object) -> str:
        row = store.case(ticket)
        if row is None or not sees(row.case):
            abort(404)
        number = present.opened_number(vault, row.case.reporter_sealed)
        if full_number:
            log.info("number shown", account=current_user.id, case=row.case.id)
        phone = _phone(number, full_number)
        hears = row.case.call_id is not None and may_hear(store.cases_of_call(row.case.call_id))
        shown = {
            "hears": hears,
            "notices": store.notices(row.case.id),
            "draft": None,
            "choices": choices(row.case),
            "city": city,
            "key": new_id(),
            **more,
        }
        return render_template("console/case.html", row=row, case=row.case, phone=phone, **shown)

    def call_page(call_id: str, full_number: bool = False) -> str:
        view = store.call(call_id)
        if view is None or not may_hear(view.cases):
            abort(404)
        number = present.opened_number(vault, view.call.caller_sealed)
        if full_number:
            log.info("number shown", account=current_user.id, call=call_id)
        return render_template("console/call.html", view=view, call=view.call, phone=_phone(number, full_number))

    @blueprint.get("/laporan/<ticket>")
    def case(ticket: str) -> str:
        return case_page(ticket)

    @blueprint.get("/panggilan/<call_id>")
    def call(call_id: str) -> str:
        return call_page(call_id)

    @blueprint.post("/laporan/<ticket>/nomor")
    def case_number(ticket: str) -> str:
        _administrators_only()
        return case_page(ticket, full_number=True)

    @blueprint.post("/panggilan/<call_id>/nomor")
    def call_number(call_id: str) -> str:
        _administrators_only()
        return call_page(call_id, full_number=True)

    return case_page


def _add_sound(blueprint: Blueprint, store: ConsoleStore, recordings: Sounds) -> None:
    @blueprint.get("/rekaman/<recording_id>.wav")
    def sound(recording_id: str) -> ResponseReturnValue:
        recording = store.recording(recording_id)
        if recording is None or not may_hear(store.cases_of_call(recording.call_id)):
            abort(404)
        try:
            pcm = recordings.read_pcm(recording_id)
        except RecordingMissing:
            return _no_sound("Rekaman ini tidak ada: sudah dihapus sesuai masa simpannya, atau belum diterima.", 404)
        except UnreadableSecret:
            log.error("a recording does not open with the configured keys", recording=recording_id)
            return _no_sound("Rekaman ini tidak dapat dibuka dengan kunci yang terpasang. Hubungi administrator.", 500)
        if request.range is None or request.range.ranges[0][0] == 0:  # once a listening, not once a piece
            log.info("recording heard", account=current_user.id, recording=recording_id, call=recording.call_id)
        return answer_with_sound(pcm)


def _no_sound(sentence: str, status: int) -> ResponseReturnValue:
    return sentence, status, {"Content-Type": "text/plain; charset=utf-8"}


def _phone(number: str | None, full: bool) -> dict[str, Any]:
    return {"text": present.national(number) if full else present.masked(number), "full": full, "known": bool(number)}


def _administrators_only() -> None:
    if not is_administrator():
        abort(403)


def _ticket() -> str:
    return re.sub(r"\D", "", request.args.get("tiket", ""))[:12]


def _one_of(name: str, known: Any) -> str:
    value = request.args.get(name, "")
    return value if value in known else ""


def _cursor() -> Cursor:
    newer = request.args.get("sesudah", "")
    return Cursor(newer or request.args.get("sebelum", ""), bool(newer))
