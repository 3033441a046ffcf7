"""What an officer is warned of before a citizen hears it."""

from __future__ import annotations

import pytest

from routing.answers import concerns
from speech.spoken import say_text


def warned(text: str) -> str:
    return " ".join(concerns(text, say_text(text)))


@pytest.mark.parametrize(
    "text",
    [
        "Lampu di gang itu sudah kami ganti tadi pagi. Terima kasih sudah melapor.",
        "Petugas PJU datang hari Selasa, tanggal 3, jam 08.00.",
        "Di RT 05/03 pipanya sudah disambung. Biayanya Rp 15.000.",
        "KTP Bapak dapat diambil di kantor kelurahan.",
        "",
    ],
)
def test_plain_answers_pass(text: str) -> None:
    assert concerns(text, say_text(text)) == ()


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("Sudah selesai. " * 30, "60 kata"),
        ("kami akan datang " * 7, "kalimat 21 kata"),
        ("Lihat https://kota.go.id/laporan.", "Alamat situs"),
        ("Kirim ke dinas@kota.go.id ya.", "Alamat situs"),
        ("Sesuai SKPD dan DED.", "SKPD, DED"),
        ("Lampu/tiang diganti & dicat.", "/ &"),
        ("NIK Ibu 3671012345678901 salah.", "nomor pribadi"),
        ("Hubungi 081234567890.", "nomor pribadi"),
        ("Nomor meteran 123456789.", "nomor yang panjang"),
        ("Laporan akan ditindaklanjuti oleh dinas tersebut.", "“dikerjakan”"),
    ],
)
def test_what_is_hard_to_hear_is_named(text: str, warning: str) -> None:
    assert warning in warned(text)
