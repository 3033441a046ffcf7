"""Numbers, days, money and abbreviations as they are said, and digits as callers say them."""

from __future__ import annotations

import datetime as dt

import pytest

from speech import spoken
from speech.spoken import digits_from_words

MONDAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "nol"),
        (11, "sebelas"),
        (21, "dua puluh satu"),
        (100, "seratus"),
        (1000, "seribu"),
        (1_250_000, "satu juta dua ratus lima puluh ribu"),
        (-3, "minus tiga"),
    ],
)
def test_counts(number: int, said: str) -> None:
    assert spoken.say_number(number) == said


def test_digits_come_in_groups() -> None:
    assert spoken.say_digits("12345678") == "satu dua tiga, empat lima enam, tujuh delapan"
    assert spoken.say_digits("0907", (2,)) == "nol sembilan, nol tujuh"
    assert spoken.say_digits("12-34") == "satu dua tiga, empat"
    assert spoken.say_digits("") == ""
    with pytest.raises(ValueError, match="groups"):
        spoken.say_digits("123", ())


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (-1, "kemarin"),
        (0, "hari ini"),
        (1, "besok, hari Selasa"),
        (2, "lusa, hari Rabu"),
        (7, "hari Senin tanggal tiga puluh November"),
        (-30, "hari Sabtu tanggal dua puluh empat Oktober"),
        (60, "hari Jumat tanggal dua puluh dua Januari tahun dua ribu dua puluh tujuh"),
    ],
)
def test_days(days: int, said: str) -> None:
    assert spoken.say_date(MONDAY + dt.timedelta(days), MONDAY) == said


def test_money_and_telephone_numbers() -> None:
    assert spoken.say_rupiah(15_000) == "lima belas ribu rupiah"
    assert spoken.say_phone("112") == "satu satu dua"
    assert spoken.say_phone("+62 812-5550-1234") == spoken.say_phone("081255501234")
    assert spoken.say_phone("0812 5550").startswith("nol delapan satu dua, lima")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("KTP hilang", "K T P hilang"),
        ("Satpol PP", "Satpol P P"),
        ("Jl. Merdeka No. 5", "Jalan Merdeka Nomor 5"),
        ("dari DP3AP2KB, BPBD.", "dari Dinas Perlindungan Perempuan dan Anak, B P B D."),
        ("no urut", "no urut"),
        ("SDM dan kk", "SDM dan kk"),
    ],
)
def test_abbreviations(text: str, said: str) -> None:
    assert spoken.spell_abbreviations(text) == said


def test_free_text_holds_no_digit_when_said() -> None:
    said = spoken.say_text("RT 03/RW 005 Jl. Merdeka No. 10, bayar Rp15.000, tahun 2025, nomor 12345678, jam 07.30")
    assert "R T tiga, R W lima Jalan Merdeka Nomor sepuluh" in said
    assert "jam tujuh lewat tiga puluh" in said
    assert "lima belas ribu rupiah" in said
    assert "dua ribu dua puluh lima" in said
    assert "satu dua tiga, empat lima enam, tujuh delapan" in said
    assert not any(sign.isdigit() for sign in said)
    assert spoken.say_text("di RT 05/03, pukul 08.00") == "di R T lima, R W tiga, pukul delapan"


@pytest.mark.parametrize(
    ("heard", "digits"),
    [
        ("satu dua tiga empat lima enam tujuh delapan", "12345678"),
        ("kosong delapan nol sembilan", "0809"),
        ("saya mau cek nomor tiga tuju lapan satu ya bu", "3781"),
        ("dua puluh tiga empat", "234"),
        ("dua belas tiga puluh empat lima puluh enam tujuh puluh delapan", "12345678"),
        ("duabelas tigapuluh empat", "1234"),
        ("empat ribu enam puluh dua", "4062"),
        ("tiga ratus sepuluh", "310"),
        ("seratus dua puluh lima", "125"),
        ("seribu dua", "1002"),
        ("dua ratus empat puluh ribu", "240000"),
        ("dobel lima satu", "551"),
        ("tripel nol tujuh", "0007"),
        ("nomer loro papat siji", "241"),
        ("siji loro telu papat limo enem pitu wolu songo", "123456789"),
        ("hiji dua tilu opat lima genep tujuh dalapan salapan", "123456789"),
        ("selawe seket loro", "2552"),
        ("dua tiga eh empat [unk] lima", "2345"),
        ("sudah dua minggu nomor tiga empat lima", "345"),
        ("dua tiga empat salah maksud saya dua tiga lima", "235"),
        ("tiket 1234 5678", "12345678"),
        ("laporan yang kemarin sore", ""),
        ("sudah tiga kali saya lapor", ""),
        ("", ""),
    ],
)
def test_digits_as_callers_say_them(heard: str, digits: str) -> None:
    assert digits_from_words(heard) == digits


@pytest.mark.parametrize("groups", [(3, 3, 2), (2,), (4, 4), (1,)])
@pytest.mark.parametrize("ticket", ["10283746", "00000000", "99119911", "20102030"])
def test_what_we_say_is_understood_when_it_is_repeated(ticket: str, groups: tuple[int, ...]) -> None:
    assert digits_from_words(spoken.say_digits(ticket, groups)) == ticket


@pytest.mark.parametrize("number", [0, 7, 10, 11, 19, 20, 45, 100, 101, 111, 999, 1000, 1001, 2031, 15_300, 240_000])
def test_whole_numbers_are_understood_as_said(number: int) -> None:
    assert digits_from_words(spoken.say_number(number)) == str(number)
