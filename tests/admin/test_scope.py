"""An officer sees the cases of the own agency, and of confidential ones neither voice nor number nor raw words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.calls import Recording
from models.crypto import Vault
from models.recordings import Recordings
from models.store.cases import CaseStore
from routing.cases import act_on
from routing.city import City
from routing.life import Act
from tests.admin.consoles import OFFICER, OPERATOR, console_app, log_in, token
from tests.admin.samples import NUMBER, add_events, make_call, make_case

MINE, OTHERS, UNSEEN, SECRET = "48120735", "22222222", "33333333", "55555555"


@pytest.fixture
def sound(tmp_path: Path, vault: Vault) -> Recordings:
    return Recordings(tmp_path / "sound", vault)


@pytest.fixture
def cases(engine: Engine, vault: Vault, sound: Recordings) -> dict[str, str]:
    """Cases of dishub (open, not yet reviewed, confidential) and of another agency; the ids of their calls."""
    calls = {}
    wanted: dict[str, dict[str, Any]] = {
        MINE: {"agency_code": "dishub"},
        OTHERS: {"agency_code": "dlh"},
        UNSEEN: {"agency_code": "dishub", "review": "belum jelas"},
        SECRET: {"agency_code": "dishub", "disclosure": "confidential"},
    }
    for number, (ticket, values) in enumerate(wanted.items()):
        call = make_call(engine, vault, sound, provider_id=f"CA{number}")
        make_case(engine, ticket, call_id=call.id, reporter_sealed=vault.seal_text(NUMBER), **values)
        calls[ticket] = call.id
    return calls


def client_of(email: str, engine: Engine, vault: Vault, sound: Recordings, city: City) -> FlaskClient:
    client = console_app(engine, vault, sound, city).test_client()
    assert log_in(client, email) == 302
    return client


@pytest.fixture
def officer(engine: Engine, vault: Vault, sound: Recordings, city: City) -> Iterator[FlaskClient]:
    with client_of(OFFICER, engine, vault, sound, city) as client:
        yield client


def recording_of(engine: Engine, call_id: str) -> str:
    with Session(engine) as session:
        return session.scalars(select(Recording.id).where(Recording.call_id == call_id)).one()


def test_the_list_holds_the_own_agencys_settled_cases(officer: FlaskClient, cases: dict[str, str]) -> None:
    for address in ("/admin/laporan", "/admin/laporan?instansi=dlh", "/admin/laporan?tinjau=1"):
        page = officer.get(address).text
        assert all(f"/admin/laporan/{ticket}" in page for ticket in (MINE, SECRET))
        assert not any(f"/admin/laporan/{ticket}" in page for ticket in (OTHERS, UNSEEN))
        assert "Panggilan" not in page and "perlu ditinjau" not in page


@pytest.mark.parametrize("ticket", [OTHERS, UNSEEN])
def test_no_other_case_can_be_opened_or_acted_on(officer: FlaskClient, cases: dict[str, str], ticket: str) -> None:
    assert officer.get(f"/admin/laporan/{ticket}").status_code == 404
    form = {"csrf_token": token(officer.get(f"/admin/laporan/{MINE}").text), "tindakan": "accept"}
    assert officer.post(f"/admin/laporan/{ticket}/tindakan", data=form).status_code == 404


def test_an_officer_hears_open_reports_alone(officer: FlaskClient, engine: Engine, cases: dict[str, str]) -> None:
    answers = {
        ticket: {
            officer.get(f"/admin/panggilan/{call_id}").status_code,
            officer.get(f"/admin/rekaman/{recording_of(engine, call_id)}.wav").status_code,
        }
        for ticket, call_id in cases.items()
    }
    assert answers == {MINE: {200}, OTHERS: {404}, UNSEEN: {404}, SECRET: {404}}
    assert "Dengarkan panggilannya" in officer.get(f"/admin/laporan/{MINE}").text
    assert "Dengarkan panggilannya" not in officer.get(f"/admin/laporan/{SECRET}").text


def test_a_call_with_another_agencys_report_is_not_heard(
    officer: FlaskClient, engine: Engine, cases: dict[str, str]
) -> None:
    make_case(engine, "66666666", call_id=cases[MINE], agency_code="dlh", origin="second")
    assert officer.get(f"/admin/panggilan/{cases[MINE]}").status_code == 404


def test_an_officer_never_gets_a_number(officer: FlaskClient, cases: dict[str, str]) -> None:
    page = officer.get(f"/admin/laporan/{MINE}").text
    assert "Nomor pelapor" not in page and f"xxxx-{NUMBER[-3:]}" not in page
    form = {"csrf_token": token(page)}
    assert officer.post(f"/admin/laporan/{MINE}/nomor", data=form).status_code == 403
    assert officer.get("/admin/panggilan").status_code == 403


def test_words_of_a_confidential_report_are_the_corrected_ones(
    officer: FlaskClient, engine: Engine, vault: Vault, sound: Recordings, city: City, cases: dict[str, str]
) -> None:
    store = CaseStore(engine)
    case = store.by_ticket(SECRET)
    assert case
    add_events(
        engine, case, {"kind": "note", "actor": "caller", "details": {"description": "saya Sutini, tetangganya"}}
    )
    correction = Act("correct", "sari", "console", text="Lampu jalan mati tiga malam.")
    act_on(store, city, case.id, correction)
    page = officer.get(f"/admin/laporan/{SECRET}").text
    assert "Lampu jalan mati tiga malam." in page and "Sutini" not in page
    assert "Rahasia: dinas tidak mendapat suara dan nomor pelapor" in page
    with client_of(OPERATOR, engine, vault, sound, city) as operator:
        assert "Sutini" in operator.get(f"/admin/laporan/{SECRET}").text


@pytest.mark.parametrize("verb", ["correct", "merge", "reviewed"])
def test_what_needs_the_ear_is_the_control_rooms(officer: FlaskClient, cases: dict[str, str], verb: str) -> None:
    page = officer.get(f"/admin/laporan/{MINE}").text
    assert f'value="{verb}"' not in page
    form = {"csrf_token": token(page), "tindakan": verb, "teks": "x", "langkah": "simpan"}
    assert officer.post(f"/admin/laporan/{MINE}/tindakan", data=form).status_code == 403
