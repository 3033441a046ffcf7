"""The control room announces, hears it first, and ends it; wrong wishes are told and nothing is lost of the form."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from models.base import utcnow
from models.crypto import Vault
from models.recordings import Recordings
from models.store.announcements import AnnouncementStore
from routing.city import City
from speech.audio import silence, tone, wav_bytes
from tests.admin.consoles import OFFICER, console_app, log_in, token

TEXT = "Air mati di Kelurahan Cikokol karena pipa pecah."


def send(client: FlaskClient, **fields: object) -> tuple[int, str]:
    page = client.get("/admin/pengumuman").text
    now = utcnow().astimezone(ZoneInfo("Asia/Jakarta")).replace(tzinfo=None, microsecond=0)
    form = {
        "csrf_token": token(page),
        "kunci": page.split('name="kunci" value="')[1].split('"')[0],
        "langkah": "simpan",
        "teks": TEXT,
        "kategori": "pju",
        "wilayah": "",
        "mulai": now.isoformat(),
        "sampai": (now + dt.timedelta(hours=3)).isoformat(),
        **fields,
    }
    answer = client.post("/admin/pengumuman", data=form)
    return answer.status_code, answer.text


def test_an_announcement_holds_and_is_ended(desk: FlaskClient, engine: Engine) -> None:
    assert "Belum ada pengumuman" in desk.get("/admin/pengumuman").text
    assert send(desk)[0] == 303
    store = AnnouncementStore(engine)
    [one] = store.current(utcnow())
    assert one.text == TEXT
    page = desk.get("/admin/pengumuman").text
    assert "Sedang berlaku" in page and "0 warga ikut dicatat" in page and "Seluruh kota" in page
    form = {"csrf_token": token(page)}
    assert desk.post(f"/admin/pengumuman/{one.id}/akhiri", data=form).status_code == 303
    assert store.current(utcnow()) == ()
    assert "Diakhiri lebih awal" in desk.get("/admin/pengumuman").text
    assert desk.post("/admin/pengumuman/none/akhiri", data=form).status_code == 404


def test_it_is_heard_before_anybody_else_hears_it(desk: FlaskClient, engine: Engine) -> None:
    status, page = send(desk, langkah="dengarkan")
    assert status == 200 and "Penelepon akan mendengar" in page and TEXT in page
    sound = desk.get(page.split('<audio controls src="')[1].split('"')[0].replace("&amp;", "&"))
    assert sound.status_code == 200 and sound.mimetype == "audio/wav"
    assert AnnouncementStore(engine).latest() == ()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("teks", "", "perlu diisi"),
        ("kategori", "", "Pilih jenis masalah."),
        ("sampai", "", "Isi waktu mulai dan waktu berakhir."),
        ("sampai", "2020-01-01T10:00", "belum lewat"),
        ("wilayah", "0", "tidak ada di data kota"),
    ],
)
def test_wrong_wishes_are_told_and_the_form_is_kept(
    desk: FlaskClient, engine: Engine, field: str, value: str, told: str
) -> None:
    status, page = send(desk, **{field: value})
    assert status == 400 and told in page
    assert field == "teks" or TEXT in page
    assert AnnouncementStore(engine).latest() == ()


def test_officers_of_agencies_do_not_announce(engine: Engine, vault: Vault, city: City, tmp_path: Path) -> None:
    client = console_app(engine, vault, Recordings(tmp_path / "sound", vault), city).test_client()
    assert log_in(client, OFFICER) == 302
    assert client.get("/admin/pengumuman").status_code == 403
    form = {"csrf_token": token(client.get("/admin/laporan").text)}
    assert client.post("/admin/pengumuman", data=form).status_code == 403


# -- spoken by the operator


def recorded(client: FlaskClient, wav: bytes, **fields: object) -> tuple[int, str]:
    return send(client, rekaman=(io.BytesIO(wav), "suara.wav"), **fields)


def test_an_operators_voice_is_kept_sealed_and_can_be_heard(desk: FlaskClient, engine: Engine, vault: Vault) -> None:
    assert recorded(desk, wav_bytes(silence(300) + tone(440, 2000) + silence(300)))[0] == 303
    [row] = AnnouncementStore(engine).latest()
    assert 2000 <= row.announcement.sound_ms <= 2100  # without its silent ends
    sealed = AnnouncementStore(engine).sound_sealed(row.announcement.id)
    assert sealed and len(vault.open(sealed)) == 16 * row.announcement.sound_ms
    sound = desk.get(f"/admin/pengumuman/{row.announcement.id}/suara.wav")
    assert f"{row.announcement.id}/suara.wav" in desk.get("/admin/pengumuman").text
    assert sound.status_code == 200 and sound.data.startswith(b"RIFF")
    assert desk.get("/admin/pengumuman/none/suara.wav").status_code == 404


@pytest.mark.parametrize(
    ("wav", "told"),
    [
        (b"GIF89a", "tidak dapat dipakai"),
        (wav_bytes(silence(3000)), "tidak dapat dipakai"),
        (wav_bytes(tone(440, 500)), "paling singkat 1 detik"),
        (wav_bytes(tone(440, 31_000)), "paling panjang 30 detik"),
    ],
)
def test_what_cannot_be_heard_is_refused(desk: FlaskClient, engine: Engine, wav: bytes, told: str) -> None:
    status, page = recorded(desk, wav)
    assert status == 400 and told in page and TEXT in page and "perlu dipilih lagi" in page
    assert AnnouncementStore(engine).latest() == ()


def test_a_file_that_is_too_large_is_refused(desk: FlaskClient) -> None:
    assert recorded(desk, bytes(9 * 1024 * 1024))[0] == 413
