"""What an officer does with a case: answer, ask, forward, close. Heard before it is sent, refused where it makes no
sense."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Protocol

import structlog
from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from admin import wording
from admin.scope import agency_of_user, control_room_only, sees
from admin.sound import answer_with_sound
from models.cases import Case
from models.store.cases import CaseStore
from models.store.console import ConsoleStore
from routing.answers import concerns
from routing.cases import act_on
from routing.city import City
from routing.life import VERBS, Act, NotAllowed, allowed

CONTROL_ROOM_VERBS = ("correct", "merge", "unmerge", "reviewed")  # what needs the ear, or the view of all cases
MOST_CLIPS = 60  # sentences of one answer

log = structlog.get_logger(__name__)


class UnusableSound(Exception):
    """A file is no sound that callers could hear."""


class Voice(Protocol):
    """The line's voice, as `app.py` lends it to the console."""

    def recorded(self, file: bytes) -> bytes:
        """A WAV file as callers will hear it: 16-bit mono at 8 kHz, of the prompts' loudness, without silent ends.

        Raises:
            UnusableSound: it is no WAV file, or holds no sound.
        """

    def said(self, text: str) -> str:
        """The text as the voice says it: numbers and abbreviations as words."""

    def clips(self, text: str) -> tuple[str, ...]:
        """Keys of the sentences' sounds, rendered now."""

    def pcm(self, key: str) -> bytes | None:
        """16-bit mono samples at 8 kHz of one sentence; None when there is none with this key."""


CasePage = Callable[..., str]  # how a case's page is shown again: its ticket, and what else stands on it


def rehearsed(voice: Voice, text: str) -> dict[str, object]:
    """How a text will be heard, for the macro `rehearsal`: as it is said, its sound, what is hard to understand."""
    said = voice.said(text)
    sound = url_for("console.preview", klip=",".join(voice.clips(text))) if text else ""
    return {"said": said, "concerns": concerns(text, said), "preview": sound}


def choices(case: Case) -> dict[str, str]:
    """What may be done with this case now, by verb, in the console's order."""
    barred = CONTROL_ROOM_VERBS if agency_of_user() else ()
    return {verb: label for verb, label in wording.VERBS.items() if allowed(case, verb) and verb not in barred}


def add_acting(
    blueprint: Blueprint, store: ConsoleStore, cases: CaseStore, city: City, voice: Voice, page: CasePage
) -> None:
    """The routes `/admin/laporan/TICKET/tindakan` and `/admin/suara.wav`."""

    @blueprint.post("/laporan/<ticket>/tindakan")
    def act(ticket: str) -> ResponseReturnValue:
        row = store.case(ticket)
        if row is None or not sees(row.case):
            abort(404)
        wish = _wish(cases)
        if wish.verb not in wording.VERBS:  # a reporter's own act, or none at all
            abort(400)
        if wish.verb in CONTROL_ROOM_VERBS:
            control_room_only()
        if request.form.get("langkah") == "dengarkan":
            return page(ticket, draft=wish, **rehearsed(voice, wish.text))
        try:
            act_on(cases, city, row.case.id, wish)
        except NotAllowed as refused:
            return page(ticket, draft=wish, refused=str(refused)), 409
        log.info("acted on a case", account=current_user.id, case=row.case.id, verb=wish.verb)
        return redirect(url_for("console.case", ticket=ticket, _anchor="riwayat"), 303)

    @blueprint.get("/suara.wav")
    def preview() -> Response:
        keys = request.args.get("klip", "").split(",")[:MOST_CLIPS]
        parts = [voice.pcm(key) if key.isalnum() else None for key in keys]
        if not all(parts):
            abort(404)
        return answer_with_sound(b"".join(part for part in parts if part))


def _wish(cases: CaseStore) -> Act:
    """The form as an act. What is not known is refused by `routing.life`, in the officer's language."""
    form = request.form
    verb = form.get("tindakan", "")
    needs = VERBS[verb].needs if verb in VERBS else ()
    return Act(
        verb=verb,
        actor=current_user.id,
        channel="console",
        key=form.get("kunci", "")[:32] or "form",
        text=form.get("teks", "").strip(),
        agency=form.get("instansi", "") if "agency" in needs else "",
        category=form.get("kategori", "") if "category" in needs else "",
        severity=form.get("tingkat", "") if "severity" in needs else "",
        due=_day(form.get("janji", "")) if "due" in needs else None,
        other=_other(cases, form.get("gabung", "")) if "other" in needs else "",
    )


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _other(cases: CaseStore, ticket: str) -> str:
    """The id of the case with this ticket; something that is none when there is no such case."""
    found = cases.by_ticket("".join(sign for sign in ticket if sign.isdigit()))
    return found.id if found else "none" if ticket.strip() else ""
