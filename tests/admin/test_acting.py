"""An officer acts on a case: hears the words first, and the citizen is told."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.notices import Notice
from models.store.cases import CaseStore
from tests.admin.consoles import token
from tests.admin.samples import make_case

TICKET = "48120735"


def send(client: FlaskClient, **fields: str) -> tuple[int, str]:
    page = client.get(f"/admin/laporan/{TICKET}").text
    key = page.split('name="kunci" value="')[1].split('"')[0]
    form = {"csrf_token": token(page), "kunci": key, "langkah": "simpan", **fields}
    answer = client.post(f"/admin/laporan/{TICKET}/tindakan", data=form)
    return answer.status_code, answer.text


def stage(engine: Engine) -> str:
    case = CaseStore(engine).by_ticket(TICKET)
    assert case is not None
    return case.stage


def test_an_answer_moves_the_case_and_tells_the_citizen(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET, stage="proses", reporter_sealed="sealed", notify="sms")
    status, _ = send(desk, tindakan="solve", teks="Lampunya sudah menyala lagi.")
    assert (status, stage(engine)) == (303, "selesai")
    with Session(engine) as session:
        notice = session.scalars(select(Notice)).one()
        assert "Lampunya sudah menyala lagi." in notice.text
    page = desk.get(f"/admin/laporan/{TICKET}").text
    assert "“Lampunya sudah menyala lagi.”" in page


def test_the_same_form_sent_twice_acts_once(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET, stage="proses", reporter_sealed="sealed", notify="sms")
    for _ in range(2):
        status, _body = send(desk, tindakan="solve", teks="Sudah.", kunci="same")
        assert status == 303
    with Session(engine) as session:
        assert len(session.scalars(select(Notice)).all()) == 1


def test_what_makes_no_sense_is_refused_and_the_words_are_kept(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET, stage="proses")
    status, page = send(desk, tindakan="move", teks="Menunggu suku cadang", janji="2020-01-01")
    assert status == 409
    assert "hari ini atau sesudahnya" in page
    assert "Menunggu suku cadang" in page
    status, page = send(desk, tindakan="solve", teks="")
    assert (status, stage(engine)) == (409, "proses")
    assert "Penjelasan perlu diisi" in page


def test_only_what_the_stage_allows_is_offered(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET, stage="selesai")
    page = desk.get(f"/admin/laporan/{TICKET}").text
    assert set(re.findall(r'<option value="([a-z]+)"', page.split('id="tindakan"')[1].split("</select>")[0])) == {
        "reopen",
        "reviewed",
        "note",
    }


def test_an_answer_is_heard_before_it_is_sent(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET, stage="proses")
    status, page = send(desk, tindakan="solve", teks="Lampu PJU di RT 05 sudah menyala.", langkah="dengarkan")
    assert (status, stage(engine)) == (200, "proses")
    assert "lampu jalan di R T lima" in page
    assert "mudah didengar" in page
    sound = desk.get(page.split('<audio controls src="')[1].split('"')[0].replace("&amp;", "&"))
    assert sound.status_code == 200
    assert sound.data[:4] == b"RIFF"
    assert len(sound.data) > 30_000  # about two seconds


def test_what_is_hard_to_hear_is_said_before_it_is_sent(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET, stage="proses")
    _, page = send(desk, tindakan="answer", teks="Lihat www.kota.go.id/lapor.", langkah="dengarkan")
    assert "Alamat situs" in page


@pytest.mark.parametrize("key", ["", "nobody", "../../etc/passwd"])
def test_no_other_sound_comes_out(desk: FlaskClient, key: str) -> None:
    assert desk.get("/admin/suara.wav", query_string={"klip": key}).status_code == 404


def test_merging_needs_a_case_that_is_there(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET, stage="proses")
    other = make_case(engine, "51234567")
    status, page = send(desk, tindakan="merge", gabung="999")
    assert status == 409 and "Laporan tujuan tidak ada" in page
    status, _ = send(desk, tindakan="merge", gabung="512 345 67")
    case = CaseStore(engine).by_ticket(TICKET)
    assert case is not None
    assert (status, case.merged_into) == (303, other.id)


def test_nobody_acts_without_a_token(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET)
    assert desk.post(f"/admin/laporan/{TICKET}/tindakan", data={"tindakan": "solve", "teks": "x"}).status_code == 400
    assert stage(engine) == "pengaduan"


def test_a_case_that_is_not_there_is_not_found(desk: FlaskClient, engine: Engine) -> None:
    make_case(engine, TICKET)
    page = desk.get(f"/admin/laporan/{TICKET}").text
    form = {"csrf_token": token(page), "tindakan": "solve", "teks": "x"}
    assert desk.post("/admin/laporan/00000000/tindakan", data=form).status_code == 404
