"""The page `/admin/pengumuman`: what callers from or about a place hear first. For the control room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from admin.acting import UnusableSound, Voice, rehearsed
from admin.scope import control_room_only
from admin.sound import answer_with_sound
from models.base import new_id, utcnow
from models.crypto import Vault
from models.notices import Announcement
from models.store.announcements import AnnouncementStore
from models.store.cases import CaseStore
from routing.announcements import LONGEST_SOUND_MS, LONGEST_TEXT, BadAnnouncement, NewAnnouncement, announce
from routing.city import City

USUAL = dt.timedelta(hours=6)
MOST_BYTES = 8 * 1024 * 1024  # of the form: 30 s of stereo at 48 kHz and 24 bit

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Draft:
    """The form as it was filled in; times as the browser writes them."""

    key: str
    text: str = ""
    category: str = ""
    area: str = ""
    begins: str = ""
    ends: str = ""


def state_of(one: Announcement, now: dt.datetime) -> str:
    """coming, holds, ended (early) or over."""
    if one.cancelled_at:
        return "ended"
    if one.ends_at <= now:
        return "over"
    return "holds" if one.begins_at <= now else "coming"


def add_announcing(
    blueprint: Blueprint, store: AnnouncementStore, cases: CaseStore, city: City, voice: Voice, vault: Vault
) -> None:
    """The list with its form, the sound before it is heard, and the end before its time."""
    zone = ZoneInfo(city.time_zone)

    @blueprint.url_value_preprocessor
    def take_a_recording(endpoint: str | None, _values: object) -> None:
        """Before anything reads the form: a recording is more than other forms may be."""
        if endpoint == "console.make_announcement":
            request.max_content_length = MOST_BYTES

    def page(draft: Draft | None = None, **more: object) -> str:
        now = utcnow()
        begins = now.astimezone(zone).replace(second=0, microsecond=0, tzinfo=None)
        fresh = Draft(new_id(), begins=begins.isoformat(), ends=(begins + USUAL).isoformat())
        limits = {"longest": LONGEST_TEXT, "longest_s": LONGEST_SOUND_MS // 1000}
        shown = {**limits, "city": city, "now": now, "state_of": state_of, **more}
        return render_template("console/announcements.html", rows=store.latest(), draft=draft or fresh, **shown)

    @blueprint.get("/pengumuman")
    def announcements() -> str:
        control_room_only()
        return page()

    @blueprint.post("/pengumuman")
    def make_announcement() -> ResponseReturnValue:
        control_room_only()
        draft = _draft()
        if request.form.get("langkah") == "dengarkan":
            return page(draft, lost=bool(request.files.get("rekaman")), **rehearsed(voice, draft.text))
        try:
            wanted = _with_recording(_wanted(draft, zone), voice, vault)
            opened = announce(store, cases, city, wanted, current_user.id, utcnow())
        except BadAnnouncement as refused:
            return page(draft, problems=refused.problems, lost=bool(request.files.get("rekaman"))), 400
        log.info("announced", account=current_user.id, announcement=wanted.key, case=opened.case_id)
        return redirect(url_for("console.announcements", _anchor="daftar"), 303)

    @blueprint.get("/pengumuman/<announcement_id>/suara.wav")
    def announcement_sound(announcement_id: str) -> Response:
        control_room_only()
        sealed = store.sound_sealed(announcement_id)
        if sealed is None:
            abort(404)
        return answer_with_sound(vault.open(sealed))

    @blueprint.post("/pengumuman/<announcement_id>/akhiri")
    def end_announcement(announcement_id: str) -> ResponseReturnValue:
        control_room_only()
        if store.get(announcement_id) is None:
            abort(404)
        store.end(announcement_id, current_user.id, utcnow())
        log.info("announcement ended", account=current_user.id, announcement=announcement_id)
        return redirect(url_for("console.announcements", _anchor="daftar"), 303)


def _with_recording(wanted: NewAnnouncement, voice: Voice, vault: Vault) -> NewAnnouncement:
    file = request.files.get("rekaman")
    content = file.read() if file else b""
    if not content:
        return wanted
    try:
        pcm = voice.recorded(content)
    except UnusableSound as error:
        log.info("a recording is refused", why=str(error))
        raise BadAnnouncement("Rekaman itu tidak dapat dipakai. Simpan sebagai WAV, atau rekam lagi.") from error
    return replace(wanted, sound_sealed=vault.seal(pcm), sound_ms=len(pcm) // 16)


def _draft() -> Draft:
    form: Callable[[str], str] = lambda name: request.form.get(name, "").strip()  # noqa: E731
    key = form("kunci")[:32]
    return Draft(
        key if key.isalnum() else new_id(),
        " ".join(form("teks").split()),
        form("kategori"),
        form("wilayah"),
        form("mulai"),
        form("sampai"),
    )


def _wanted(draft: Draft, zone: ZoneInfo) -> NewAnnouncement:
    try:
        begins, ends = (dt.datetime.fromisoformat(text).replace(tzinfo=zone) for text in (draft.begins, draft.ends))
    except ValueError:
        raise BadAnnouncement("Isi waktu mulai dan waktu berakhir.") from None
    return NewAnnouncement(draft.key, draft.text, draft.category, draft.area or None, begins, ends)
