"""One case and one call in full, also when what was said is hostile or the sound is gone."""

from __future__ import annotations

import datetime as dt
import re
import wave
from io import BytesIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from admin.present import Present
from models.base import utcnow
from models.calls import Recording, Transcript
from models.crypto import Vault
from models.notices import Notice
from models.recordings import Recordings
from routing.city import City
from tests.admin.consoles import token
from tests.admin.samples import add_events, make_call, make_case, tone


def text_of(page: str) -> str:
    """What a page says, without its tags, blanks joined."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.split("<main")[1].split("</main>")[0]))


def recording_of(engine: Engine, call_id: str) -> str:
    with Session(engine) as session:
        return session.scalars(select(Recording.id).where(Recording.call_id == call_id)).one()


def test_a_case_tells_what_where_when_and_what_happened(operator: FlaskClient, engine: Engine) -> None:
    case = make_case(engine, "48120735", review="belum jelas")
    add_events(
        engine,
        case,
        {"kind": "classified", "details": {"proposals": [{"category": "pju", "score": 0.86}]}},
        {
            "kind": "classified",
            "reason": "again",
            "details": {"proposals": [{"category": "jalan", "score": 0.4, "words": ["lubang"]}]},
        },
        {"kind": "assigned", "reason": "rule", "details": {"agency": "dishub"}},
        {"kind": "note", "actor": "caller", "reason": "said again", "details": {"description": "masih gelap"}},
        {"kind": "strange", "actor": "strange", "details": {"odd": 1}},
    )
    page = text_of(operator.get("/admin/laporan/48120735").text)
    for words in (
        "481 207 35",
        "Lampu jalan",
        "Kelurahan Sukarasa, Kecamatan Tangerang",
        "lampu jalan mati sudah tiga malam",
        "depan masjid",
        "Dinas Perhubungan",
        "Isi laporan belum jelas",
        "Usulan: Lampu jalan (86%)",
        "(40%) (mesin tidak yakin)",
        "Kata yang menentukan: lubang",
        "Alasan: sesuai jenis masalah",
        "“masih gelap”",
        "strange",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("days", "stage", "words"),
    [
        (5, "proses", "5 hari lagi"),
        (1, "proses", "besok"),
        (0, "proses", "hari ini"),
        (-3, "proses", "terlambat 3 hari"),
        (-3, "selesai", "sudah ditutup"),
        (-3, "ditolak", "sudah ditutup"),
    ],
)
def test_the_promised_day_is_told_as_it_stands(
    operator: FlaskClient, engine: Engine, city: City, days: int, stage: str, words: str
) -> None:
    today = Present(city).today(utcnow())
    make_case(engine, "48120735", stage=stage, due_on=today + dt.timedelta(days=days))
    assert words in text_of(operator.get("/admin/laporan/48120735").text)


def test_a_call_is_told_turn_by_turn(operator: FlaskClient, engine: Engine, vault: Vault) -> None:
    call = make_call(engine, vault)
    make_case(engine, "48120735", call_id=call.id)
    page = operator.get(f"/admin/panggilan/{call.id}").text
    said = text_of(page)
    order = [
        "Panggilan masuk",
        "Untuk melapor, katakan lapor",
        "Penelepon diam",
        "lampu jalan mati? (diragukan, 62%) di depan masjid? (diragukan, 91%)",
        "Keyakinan per kata (92% rata-rata)",
        "(tidak dikenali)",
        "tidak dipahami",
        "menekan 1",
        "Penelepon menutup telepon",
        "Terima kasih sudah menelepon",
    ]
    places = [said.find(words) for words in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)
    assert "481 207 35" in said
    assert 'data-start="4000" data-end="6400"' in page


def test_hostile_words_stay_words(operator: FlaskClient, engine: Engine, vault: Vault) -> None:
    hostile = "<script>alert(1)</script>\u202egnp.exe" + "a" * 50_000
    call = make_call(engine, vault)
    with Session(engine) as session, session.begin():
        session.execute(update(Transcript).values(text=hostile, words=[]))
    make_case(engine, "48120735", description=hostile, landmark=hostile, call_id=call.id)
    for address in (f"/admin/panggilan/{call.id}", "/admin/laporan/48120735"):
        page = operator.get(address).text
        assert "<script>alert" not in page
        assert "<bdi>&lt;script&gt;" in page, "isolated, so that marks of direction do not reach further"


def test_what_is_not_there_is_a_friendly_404(operator: FlaskClient) -> None:
    for address in ("/admin/laporan/1", "/admin/panggilan/1", "/admin/rekaman/1.wav", "/admin/x", "/x"):
        answer = operator.get(address)
        assert answer.status_code == 404, address
        assert "Halaman tidak ditemukan" in answer.text


def test_a_hidden_or_unreadable_number_is_told_so(administrator: FlaskClient, engine: Engine, vault: Vault) -> None:
    for number, sealed in enumerate((None, "not a token")):
        case = make_case(engine, f"4812073{number}", reporter_sealed=sealed)
        page = administrator.get(f"/admin/laporan/{case.ticket}").text
        assert "tidak diketahui" in page
        assert "Tampilkan nomor lengkap" not in page


def test_the_number_of_a_reporter_is_opened_on_its_own_page(
    administrator: FlaskClient, engine: Engine, vault: Vault
) -> None:
    make_case(engine, "48120735", reporter_sealed=vault.seal_text("+622155770000"))
    page = administrator.get("/admin/laporan/48120735").text
    assert "0xxx-xxxx-000" in page
    shown = administrator.post("/admin/laporan/48120735/nomor", data={"csrf_token": token(page)}).text
    assert "(021) 55770000" in shown


def test_sound_is_a_wav_of_what_was_recorded(
    operator: FlaskClient, engine: Engine, vault: Vault, recordings: Recordings
) -> None:
    recording = recording_of(engine, make_call(engine, vault, recordings).id)
    answer = operator.get(f"/admin/rekaman/{recording}.wav")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "audio/wav"
    assert answer.headers["Cache-Control"] == "no-store, private"
    with wave.open(BytesIO(answer.data)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        assert sound.readframes(sound.getnframes()) == recordings.read_pcm(recording)
    assert len(answer.data) == 44 + len(tone(12_000))


def test_the_browser_may_ask_for_a_piece_of_sound(
    operator: FlaskClient, engine: Engine, vault: Vault, recordings: Recordings
) -> None:
    address = f"/admin/rekaman/{recording_of(engine, make_call(engine, vault, recordings).id)}.wav"
    whole = operator.get(address).data
    for asked, first, last in (
        ("bytes=0-43", 0, 43),
        ("bytes=64044-", 64044, len(whole) - 1),
        ("bytes=-100", len(whole) - 100, len(whole) - 1),
    ):
        answer = operator.get(address, headers={"Range": asked})
        assert answer.status_code == 206
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"
        assert answer.data == whole[first : last + 1]
    beyond = operator.get(address, headers={"Range": f"bytes={len(whole)}-"})
    assert beyond.status_code == 416


def test_sound_that_is_gone_or_locked_says_so(
    operator: FlaskClient, engine: Engine, vault: Vault, recordings: Recordings, tmp_path: Path
) -> None:
    recording = recording_of(engine, make_call(engine, vault).id)
    answer = operator.get(f"/admin/rekaman/{recording}.wav")
    assert answer.status_code == 404
    assert "sudah dihapus" in answer.text
    other = Vault([Fernet.generate_key().decode()], "another")
    with Recordings(tmp_path / "recordings", other).writer(recording) as writer:
        writer.append(tone(500))
    answer = operator.get(f"/admin/rekaman/{recording}.wav")
    assert answer.status_code == 500
    assert "kunci" in answer.text


def test_deleted_and_distant_recordings_are_told_instead_of_played(
    operator: FlaskClient, engine: Engine, vault: Vault
) -> None:
    call = make_call(engine, vault)
    with Session(engine) as session, session.begin():
        session.execute(update(Recording).values(deleted_at=utcnow()))
        session.add(Recording(call_id=call.id, remote_url="https://api.example/1"))
    page = operator.get(f"/admin/panggilan/{call.id}").text
    assert "sudah dihapus pada" in page
    assert "masih diambil dari penyedia" in page
    assert "<audio" not in page


def test_a_case_shows_what_its_reporter_was_told(operator: FlaskClient, engine: Engine) -> None:
    case = make_case(engine, "77777777", notify="sms")
    page = operator.get("/admin/laporan/77777777").text
    assert "Cara mengabari: SMS" in page and "Belum ada kabar yang dikirim." in page
    with Session(engine) as session, session.begin():
        told = {"case_id": case.id, "kind": "solve", "way": "sms", "to_sealed": "s", "text": "Sudah selesai."}
        session.add(Notice(key="a", state="failed", failure="nomor tidak terdaftar", **told))
    page = operator.get("/admin/laporan/77777777").text
    assert "nomor tidak terdaftar" in page and "gagal" in page and "Sudah selesai." in page
