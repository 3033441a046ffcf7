"""Calls and cases as the line would have written them, for the console's tests and screenshots."""

from __future__ import annotations

import datetime as dt
import math
import struct
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.base import utcnow
from models.calls import Call, HandOver, Recording, Transcript, Turn
from models.cases import Case, CaseEvent
from models.crypto import Vault
from models.recordings import Recordings
from models.store.announcements import AnnouncementStore
from models.store.cases import CaseStore
from routing.announcements import NewAnnouncement, announce
from routing.city import City, store_city

NUMBER = "+6281234567890"


def tone(ms: int) -> bytes:
    """16-bit mono samples at 8 kHz of a soft tone."""
    count = ms * 8
    return struct.pack(f"<{count}h", *(int(3000 * math.sin(i * 440 * math.tau / 8000)) for i in range(count)))


def words(*pairs: tuple[str, float], start_ms: int = 0) -> list[dict[str, Any]]:
    """Words 400 ms apart, with their confidences."""
    return [
        {"text": text, "start_ms": start_ms + 400 * i, "end_ms": start_ms + 400 * i + 350, "confidence": confidence}
        for i, (text, confidence) in enumerate(pairs)
    ]


def make_case(engine: Engine, ticket: str, opened_at: dt.datetime | None = None, **changes: Any) -> Case:
    """A case about a street lamp, due in three days; `changes` overrides columns."""
    opened = opened_at or utcnow()
    values: dict[str, Any] = {
        "ticket": ticket,
        "origin": f"test:{ticket}",
        "channel": "twilio",
        "category_code": "pju",
        "category_by": "caller",
        "severity": "sedang",
        "area_code": "36.71.01.1001",
        "landmark": "depan masjid",
        "description": "lampu jalan mati sudah tiga malam",
        "agency_code": "dishub",
        "due_on": (opened + dt.timedelta(days=3)).date(),
        "opened_at": opened,
        "stage_since": opened,
    }
    values["answer_due_on"] = changes.get("due_on", values["due_on"])
    case = Case(**{**values, **changes})
    case.events = [
        CaseEvent(
            number=1,
            kind="opened",
            key="opened",
            actor="caller",
            channel="twilio",
            reason=case.review or "",
            details={"category": case.category_code, "agency": case.agency_code, "due_on": case.due_on.isoformat()},
            at=opened,
        )
    ]
    with Session(engine, expire_on_commit=False) as session, session.begin():
        session.add(case)
    return case


def add_events(engine: Engine, case: Case, *events: dict[str, Any]) -> None:
    """Append events to a case, a minute apart."""
    with Session(engine) as session, session.begin():
        for number, event in enumerate(events, start=2):
            at = case.opened_at + dt.timedelta(minutes=number)
            values = {"actor": "machine", "channel": "worker", "key": f"{number}", "details": {}, **event}
            session.add(CaseEvent(case_id=case.id, number=number, at=at, **values))


def make_call(engine: Engine, vault: Vault, recordings: Recordings | None = None, **changes: Any) -> Call:
    """A report by voice and keys with every kind of turn; its sound is written when `recordings` is given."""
    begun = changes.pop("started_at", utcnow() - dt.timedelta(minutes=9))
    call = Call(
        channel="twilio",
        provider_id=changes.pop("provider_id", f"CA{begun.timestamp()}"),
        caller_sealed=vault.seal_text(NUMBER),
        caller_lookup=vault.lookup(NUMBER),
        state={"step": "ended", "prompted": "Terima kasih sudah menelepon. Sampai jumpa."},
        started_at=begun,
        heard_at=begun + dt.timedelta(seconds=95),
        ended_at=begun + dt.timedelta(seconds=95),
        end_reason="goodbye",
    )
    for name, value in changes.items():
        setattr(call, name, value)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        session.add(call)
        session.flush()
        recording = Recording(call_id=call.id, started_at=begun)
        session.add(recording)
        session.flush()
        session.add_all(_turns(call.id, recording.id, begun))
    if recordings is not None:
        with recordings.writer(recording.id) as writer:
            writer.append(tone(12_000))
    return call


def _turns(call_id: str, recording_id: str, begun: dt.datetime) -> list[Turn]:
    """Greeting, silence, story with doubtful words, key, no-match, result, hang-up."""
    spoken = words(
        ("lampu", 0.99), ("jalan", 1.0), ("mati", 0.62), ("di", 0.99), ("depan", 0.98), ("masjid", 0.91), start_ms=4000
    )
    story = Transcript(text="lampu jalan mati di depan masjid", words=spoken, confidence=0.915, recogniser="uji")
    noise = Transcript(text="[unk]", words=words(("[unk]", 0.4), start_ms=9000), confidence=0.4, recogniser="uji")
    rows: list[dict[str, Any]] = [
        {"step": "start", "kind": "start"},
        {"step": "menu", "kind": "silence", "said": "Untuk melapor, katakan lapor, atau tekan satu."},
        {
            "step": "report",
            "kind": "speech",
            "said": "Silakan ceritakan, ada masalah apa, dan di mana tempatnya.",
            "recording_id": recording_id,
            "start_ms": 4000,
            "end_ms": 6400,
            "transcript": story,
        },
        {
            "step": "category-confirm",
            "kind": "no-match",
            "said": "Saya catat sebagai lampu jalan. Betul?",
            "recording_id": recording_id,
            "start_ms": 9000,
            "end_ms": 9400,
            "transcript": noise,
        },
        {"step": "category-confirm", "kind": "key", "said": "Kalau betul, tekan satu.", "keys": "1"},
        {"step": "opening", "kind": "result"},
        {"step": "after-ticket", "kind": "hang-up", "said": "Nomor tiket Bapak Ibu: 481 207 35."},
    ]
    return [
        Turn(call_id=call_id, number=number, at=begun + dt.timedelta(seconds=12 * number), **row)
        for number, row in enumerate(rows, start=1)
    ]


def fill(engine: Engine, city: City, vault: Vault, recordings: Recordings) -> Call:
    """A morning of the line: cases in every stage, calls with and without a case, an emergency. Returns one call."""
    store_city(engine, city)
    now = utcnow()
    day = dt.timedelta(days=1)
    call = make_call(engine, vault, recordings)
    sealed = vault.seal_text(NUMBER)
    case = make_case(engine, "48120735", call.started_at, call_id=call.id, reporter_sealed=sealed, stage="proses")
    proposals = [{"category": "pju", "score": 0.86}, {"category": "jalan", "score": 0.09}]
    add_events(
        engine,
        case,
        {"kind": "classified", "details": {"proposals": proposals}},
        {"kind": "assigned", "reason": "rule", "details": {"agency": "dishub"}},
        {"kind": "delivered", "details": {"agency": "dishub", "way": "inbox"}},
        {"kind": "stage", "actor": "petugas", "channel": "console", "details": {"stage": "proses"}},
    )
    plain: list[tuple[str, str, str, str, str, int]] = [
        ("71930462", "jalan", "pupr", "36.71.02.1001", "pengerjaan", 2),
        ("26508419", "sampah", "dlh", "36.71.03.1001", "pengaduan", 3),
        ("90317746", "pju", "dishub", "36.71.04.1001", "selesai", 4),
        ("55281903", "jalan", "pupr", "36.71.05.1001", "proses", 40),
    ]
    for ticket, category, agency, area, stage, ago in plain:
        due = (now + (5 - ago) * day).date()
        codes = {"category_code": category, "agency_code": agency, "area_code": area}
        make_case(engine, ticket, now - ago * day, stage=stage, due_on=due, **codes)
    lost = make_call(engine, vault, started_at=now - dt.timedelta(hours=2), end_reason="lost")
    make_case(
        engine,
        "63094418",
        lost.started_at,
        call_id=lost.id,
        review="telepon terputus",
        description="",
        area_code=None,
        landmark="",
        category_code=city.other_category,
        category_by="machine",
        agency_code=city.control_room,
    )
    make_call(engine, vault, started_at=now - dt.timedelta(seconds=40), ended_at=None, heard_at=now, end_reason=None)
    urgent = make_call(engine, vault, started_at=now - dt.timedelta(hours=5), end_reason="hand-over")
    hours = dt.timedelta(hours=4)
    announced = NewAnnouncement("a1", "Lampu jalan padam karena gardu rusak.", "pju", "36.71.04.1001", now, now + hours)
    announce(AnnouncementStore(engine), CaseStore(engine), city, announced, "petugas", now)
    with Session(engine) as session, session.begin():
        session.add(
            HandOver(call_id=urgent.id, number=1, target="emergency", heard="kebakaran", outcome="answered", at=now)
        )
    return call
