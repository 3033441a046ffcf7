"""Another city from the greeting to the tables: nothing but its folder makes it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from admin.access import add_account
from app import load_knowledge, load_prompts
from ivr.events import Heard, Keyed
from ivr.line import CallGate, Line
from models.crypto import Vault
from models.db import connect
from models.migrations import upgrade
from models.recordings import Recordings
from models.store.announcements import AnnouncementStore
from models.store.callers import CallerStore
from models.store.calls import CallStore
from models.store.cases import CaseStore
from models.store.exports import ExportStore
from models.store.notices import NoticeStore
from models.store.words import WordStore
from routing import exports, jobs
from routing.attention import concern, digests
from routing.city import City, load_city, store_city
from routing.current_places import CurrentPlaces
from routing.queues import Queues
from routing.sla import due_on
from settings import Settings
from speech.clips import ClipStore
from speech.espeak import EspeakSynthesizer
from tests.admin.consoles import console_app, log_in
from tests.conftest import ROOT

PASSWORD = "kata sandi uji 1"


@pytest.fixture(scope="module")
def contoh() -> City:
    return load_city(ROOT / "cities" / "contoh")


@pytest.fixture
def engine(database_url: str, contoh: City) -> Engine:
    engine = connect(database_url)
    upgrade(engine)
    store_city(engine, contoh)
    return engine


@pytest.fixture
def line(engine: Engine, contoh: City, vault: Vault, tmp_path: Path, redis_url: str) -> Line:
    Redis.from_url(redis_url).flushall()
    return Line(
        knows=load_knowledge(Settings(), contoh),
        prompts=load_prompts(contoh),
        voice=ClipStore(tmp_path / "clips", EspeakSynthesizer()),
        hearing=lambda: None,
        calls=CallStore(engine),
        callers=CallerStore(engine),
        cases=CaseStore(engine),
        notices=NoticeStore(engine),
        announcements=AnnouncementStore(engine),
        places=CurrentPlaces(contoh, WordStore(engine)),
        recordings=Recordings(tmp_path / "sound", vault),
        vault=vault,
        queues=Queues(redis_url),
        gate=CallGate(4),
    )


def said(outputs: tuple[object, ...]) -> str:
    return " ".join(out.text for out in outputs if hasattr(out, "text"))


def test_a_report_in_another_city(
    line: Line, engine: Engine, contoh: City, vault: Vault, tmp_path: Path, redis_url: str
) -> None:
    call = line.conversation(line.begin("twilio", "CA1", "+6281234567890"))
    assert "kota kecil yang mau mendengar" in said(call.open())  # its own prompt
    for text in ("lapor", "bak sampah penuh tidak diangkut di kelurahan melati", "ya", "ya", "tidak ada"):
        heard = said(call.handle(Heard(text)))
    assert "Kelurahan Melati, Kecamatan Sungai Hilir" in heard
    ended = said(call.handle(Keyed("1")))
    case = line.cases.by_ticket(call.state.ticket)
    assert case and "Dinas Kebersihan" in ended
    jobs.use(jobs.Parts(engine, contoh, Queues(redis_url)))
    jobs.take_in(case.id)
    case = line.cases.get(case.id)
    assert case and (case.agency_code, case.unit_code) == ("kebersihan", "hilir")  # its own unit
    assert case.due_on == due_on(case.opened_at, contoh.categories["sampah"], "sedang", contoh)  # its own days
    status = line.conversation(line.begin("twilio", "CA2", "+6281234567890"))
    status.open()
    assert "Dinas Kebersihan" in said(status.handle(Keyed("2"))) + said(status.handle(Keyed("#")))
    late = concern(case, case.due_on + dt.timedelta(days=30), contoh)
    assert late and "kepala@kebersihan.invalid" in digests([late], contoh)  # its own people
    rows = list(
        exports.cases(
            ExportStore(engine),
            contoh,
            case.opened_at - dt.timedelta(1),
            case.opened_at + dt.timedelta(1),
            case.opened_at,
        )
    )
    assert rows[1][2:4] == ["Sampah", "Dinas Kebersihan"]
    with Session(engine) as session, session.begin():
        add_account(session, "a@contoh.id", PASSWORD, "operator")
    client = console_app(engine, vault, Recordings(tmp_path / "sound", vault), contoh).test_client()
    assert log_in(client, "a@contoh.id", PASSWORD) == 302
    page = client.get(f"/admin/laporan/{case.ticket}").text
    assert "Kelurahan Melati, Kecamatan Sungai Hilir" in page and "Kota Contoh" in page and "Tangerang" not in page


def test_a_city_without_a_model_of_its_own_goes_by_rules(contoh: City) -> None:
    knows = load_knowledge(Settings(), contoh)
    assert not (contoh.folder / "learnt.npz").exists()
    assert knows.propose("lampu jalan mati")[0][0] == "jalan"
    assert knows.judge("tolong rumah saya kebakaran sekarang") == ("sure", "api")
