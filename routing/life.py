"""What may happen to a case, and what follows from it: the one place that allows and refuses. Pure.

An act (an officer's, a citizen's, a machine's) and the case as it stands give a `Change`: new values, the event, and
what the citizen is told. Stages are LAKSA's (pengaduan, proses, pengerjaan, selesai) and five more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from models.base import new_id
from models.cases import Case
from models.store.cases import CLOSED_STAGES, OPEN_STAGES, Change
from routing.city import SEVERITIES, City
from routing.responsible import responsible, unit_of
from routing.sla import answer_due_on, due_on, local_day, working_days_after, working_days_between
from routing.telling import tell

__all__ = ["OPEN_STAGES", "STAGES", "VERBS", "Act", "NotAllowed", "Verb", "allowed", "decide", "key_of"]

STAGES = (*OPEN_STAGES, *CLOSED_STAGES)
LONGEST_TEXT = 2000  # letters; what is spoken must be short, and `routing.answers` warns far earlier


class NotAllowed(Exception):
    """This cannot happen to the case as it stands; the message (Indonesian) tells an officer why."""


@dataclass(frozen=True)
class Verb:
    """What somebody may do with a case.

    Attributes:
        sources: stages in which it is allowed.
        target: the stage after it; empty: the stage stays.
        needs: fields of the act that must not be empty.
        answers: it is an answer to the citizen: the clock of the first answer stops.
    """

    sources: tuple[str, ...]
    target: str = ""
    needs: tuple[str, ...] = ()
    answers: bool = False


_WORKABLE = ("pengaduan", "proses", "pengerjaan")
VERBS: dict[str, Verb] = {
    "accept": Verb(("pengaduan",), "proses"),
    "start": Verb(("pengaduan", "proses"), "pengerjaan"),
    "answer": Verb(OPEN_STAGES, needs=("text",), answers=True),
    "ask": Verb(_WORKABLE, "menunggu", ("text",), answers=True),
    "reply": Verb(("menunggu",), "proses", ("text",)),
    "forward": Verb(_WORKABLE, "diteruskan", ("agency",), answers=True),
    "return": Verb(("diteruskan",), "proses"),
    "solve": Verb(("pengaduan", "proses", "pengerjaan", "diteruskan"), "selesai", ("text",), answers=True),
    "reject": Verb(("pengaduan", "proses", "pengerjaan", "menunggu", "diteruskan"), "ditolak", ("text",), answers=True),
    "reopen": Verb(("selesai", "ditolak", "dicabut"), "proses", ("text",)),
    "merge": Verb(OPEN_STAGES, "digabung", ("other",)),
    "unmerge": Verb(("digabung",), "pengaduan", ("text",)),
    "withdraw": Verb(OPEN_STAGES, "dicabut"),
    "add": Verb(OPEN_STAGES, needs=("text",)),
    "note": Verb(STAGES, needs=("text",)),
    "hand": Verb(OPEN_STAGES, needs=("agency",)),
    "move": Verb(OPEN_STAGES, needs=("due", "text")),
    "correct": Verb(OPEN_STAGES, needs=("text",)),
    "grade": Verb(OPEN_STAGES, needs=("severity", "text")),
    "sort": Verb(OPEN_STAGES, needs=("category",)),
    "reviewed": Verb(STAGES),
    "confirm": Verb(("selesai",)),
}


@dataclass(frozen=True)
class Act:
    """Somebody's wish. Fields that the verb has no use for stay empty.

    Attributes:
        key: unique to this wish within the case (a form's token, a remote update's id): doing it twice is harmless.
        text: what the citizen hears, or the reason, or the citizen's own words.
        by_citizen: the reporter said so themselves: they need not be told.
    """

    verb: str
    actor: str
    channel: str
    key: str = field(default_factory=new_id)
    text: str = ""
    agency: str = ""
    unit: str = ""
    category: str = ""
    severity: str = ""
    due: dt.date | None = None
    other: str = ""  # id of the case that this one is merged into
    by_citizen: bool = False
    score: int = 0  # how content the reporter is, 1 to 5; 0: not said


def key_of(act: Act) -> str:
    """The key of the event that the act becomes."""
    return f"{act.verb}:{act.key}"


def allowed(case: Case, verb: str) -> bool:
    """Whether the stage permits this: what a page offers."""
    return verb in VERBS and case.stage in VERBS[verb].sources


def decide(case: Case, act: Act, city: City, now: dt.datetime) -> Change:
    """What becomes of the case.

    Raises:
        NotAllowed: when the stage does not permit it, or the act lacks or misnames something.
    """
    verb = _check(case, act, city)
    values, details = _stage(case, verb, now), dict[str, Any](verb=act.verb)
    if verb.target:
        details["stage"] = verb.target
    if verb.answers and case.answered_at is None:
        values["answered_at"] = now
    values |= _EFFECTS.get(act.verb, _nothing)(case, act, city, now)
    details |= {name: _plain(value) for name, value in values.items() if name in _SHOWN}
    if act.text:
        details["text"] = act.text
    if act.score:
        details["score"] = act.score
    key = key_of(act)
    told = () if act.by_citizen else tell(case, act.verb, act.text, values, city, now, key)
    return Change(_kind(act.verb), key, act.actor, act.channel, _reason(act), details, values, told, now)


_SHOWN = ("agency_code", "unit_code", "category_code", "severity", "due_on", "answer_due_on", "merged_into")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


_KINDS = {
    "answer": "answered",
    "add": "added",
    "note": "note",
    "reopen": "reopened",
    "merge": "merged",
    "reviewed": "reviewed",
    "move": "moved",
    "confirm": "confirmed",
    "hand": "assigned",
    "sort": "sorted",
    "grade": "graded",
    "correct": "corrected",
}


def _kind(verb: str) -> str:
    """Event kinds: the stage's move, or what else happened."""
    return _KINDS.get(verb, "stage")


def _reason(act: Act) -> str:
    return act.text if act.verb in ("reject", "reopen", "unmerge", "move", "grade", "hand", "sort", "forward") else ""


def _check(case: Case, act: Act, city: City) -> Verb:
    verb = VERBS.get(act.verb)
    if verb is None:
        raise NotAllowed(f"Tindakan {act.verb!r} tidak dikenal.")
    if case.stage not in verb.sources:
        raise NotAllowed(f"Laporan yang {_STAGE_WORDS[case.stage]} tidak dapat {_VERB_WORDS[act.verb]}.")
    for name in verb.needs:
        if not getattr(act, name):
            raise NotAllowed(f"{_NEED_WORDS[name]} perlu diisi.")
    if len(act.text) > LONGEST_TEXT:
        raise NotAllowed(f"Teks paling panjang {LONGEST_TEXT} huruf.")
    if act.agency and act.agency not in city.agencies:
        raise NotAllowed("Instansi itu tidak ada di data kota.")
    if act.unit and (act.unit not in city.units or city.units[act.unit].agency != act.agency):
        raise NotAllowed("Unit itu bukan milik instansi yang dipilih.")
    if act.category and act.category not in city.categories:
        raise NotAllowed("Kategori itu tidak ada di data kota.")
    if act.severity and act.severity not in SEVERITIES:
        raise NotAllowed("Tingkat masalah itu tidak dikenal.")
    if act.other and act.other == case.id:
        raise NotAllowed("Laporan tidak dapat digabung dengan dirinya sendiri.")
    return verb


def _stage(case: Case, verb: Verb, now: dt.datetime) -> dict[str, Any]:
    return {"stage": verb.target, "stage_since": now} if verb.target and verb.target != case.stage else {}


# -- what each act does beyond the stage


def _nothing(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    return {}


def _pause(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    return {"paused_on": local_day(now, city)}


def _go_on(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    """The days that were spent waiting for the citizen do not count."""
    if case.paused_on is None:
        return {}
    waited = working_days_between(case.paused_on, local_day(now, city), city)
    values: dict[str, Any] = {"paused_on": None, "due_on": working_days_after(case.due_on, waited, city)}
    if case.answered_at is None:
        values["answer_due_on"] = working_days_after(case.answer_due_on, waited, city)
    return values


def _close(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    return {"paused_on": None, "review": None}


def _begin_again(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    """A case that was not solved after all gets both clocks anew."""
    category = city.categories.get(case.category_code) or city.categories[city.other_category]
    return {
        "answered_at": None,
        "merged_into": None,
        "due_on": due_on(now, category, case.severity, city),
        "answer_due_on": answer_due_on(now, category, case.severity, city),
    }


def _merge(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    return {"merged_into": act.other, "paused_on": None, "review": None}


def _hand(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    unit = act.unit
    if not unit:
        found = unit_of(city, act.agency, case.category_code, case.area_code)
        unit = found.code if found else ""
    return {"agency_code": act.agency, "unit_code": unit or None, "review": None, "delivered_at": None}


def _move(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    if act.due is None or act.due < local_day(now, city):
        raise NotAllowed("Tanggal janji yang baru harus hari ini atau sesudahnya.")
    return {"due_on": act.due}


def _grade(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    return {"severity": act.severity, **_promised(case, case.category_code, act.severity, city, now)}


def _sort(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    """Another category: its agency, its unit, its clock."""
    severity = act.severity or city.categories[act.category].usual_severity
    owner = responsible(city, act.category, case.area_code)
    values: dict[str, Any] = {"category_code": act.category, "category_by": "operator", "severity": severity}
    values |= {"agency_code": owner.agency.code, "unit_code": owner.unit.code if owner.unit else None, "review": None}
    if values["agency_code"] != case.agency_code:
        values["delivered_at"] = None
    return values | _promised(case, act.category, severity, city, now)


def _promised(case: Case, code: str, severity: str, city: City, now: dt.datetime) -> dict[str, Any]:
    """Clocks of another category or severity, counted from the report; never in the past."""
    category, today = city.categories.get(code) or city.categories[city.other_category], local_day(now, city)
    values: dict[str, Any] = {"due_on": max(today, due_on(case.opened_at, category, severity, city))}
    if case.answered_at is None:
        values["answer_due_on"] = max(today, answer_due_on(case.opened_at, category, severity, city))
    return values


def _correct(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    """What was really said, or as much of it as an agency may read. What the recogniser heard stays in the call."""
    return {"description": act.text}


def _reviewed(case: Case, act: Act, city: City, now: dt.datetime) -> dict[str, Any]:
    owner = responsible(city, case.category_code, case.area_code)
    return {
        "review": None,
        "agency_code": owner.agency.code,
        "unit_code": owner.unit.code if owner.unit else None,
        "delivered_at": None,
    }


_EFFECTS = {
    "ask": _pause,
    "reply": _go_on,
    "solve": _close,
    "reject": _close,
    "withdraw": _close,
    "reopen": _begin_again,
    "unmerge": _begin_again,
    "merge": _merge,
    "forward": _hand,
    "hand": _hand,
    "move": _move,
    "grade": _grade,
    "sort": _sort,
    "correct": _correct,
    "reviewed": _reviewed,
}

_STAGE_WORDS = {
    "pengaduan": "baru masuk",
    "proses": "sedang diproses",
    "pengerjaan": "sedang dikerjakan",
    "menunggu": "menunggu jawaban pelapor",
    "diteruskan": "sudah diteruskan ke luar",
    "selesai": "sudah selesai",
    "ditolak": "sudah ditolak",
    "digabung": "sudah digabung",
    "dicabut": "sudah dicabut pelapornya",
}
_VERB_WORDS = {
    "accept": "diterima lagi",
    "start": "mulai dikerjakan",
    "answer": "dijawab",
    "ask": "ditanyakan ke pelapor",
    "reply": "dilengkapi jawabannya",
    "forward": "diteruskan",
    "return": "diambil kembali",
    "solve": "diselesaikan",
    "reject": "ditolak",
    "reopen": "dibuka kembali",
    "merge": "digabung",
    "unmerge": "dipisahkan",
    "withdraw": "dicabut",
    "add": "ditambah keterangannya",
    "note": "diberi catatan",
    "hand": "dipindahkan",
    "move": "diubah tanggal janjinya",
    "grade": "diubah tingkatnya",
    "sort": "diubah kategorinya",
    "correct": "diperbaiki kata-katanya",
    "reviewed": "ditinjau",
    "confirm": "dinyatakan beres",
}
_NEED_WORDS = {
    "text": "Penjelasan",
    "other": "Laporan tujuan",
    "agency": "Instansi",
    "due": "Tanggal janji yang baru",
    "severity": "Tingkat masalah",
    "category": "Kategori",
}
