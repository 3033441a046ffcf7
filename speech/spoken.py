"""How numbers, days, money and abbreviations are said in Indonesian. Pure text; the way back is `speech.digits`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence

from babel.dates import format_date
from num2words import num2words

from speech.digits import digits_from_words as digits_from_words

DIGITS = ("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")

# What espeak-ng would read as a word, or nobody knows by its letters. Whole words, in this spelling.
ABBREVIATIONS = {
    "ATM": "A T M",
    "BPBD": "B P B D",
    "BPHTB": "B P H T B",
    "BPJS": "B P J S",
    "DKP": "Dinas Ketahanan Pangan",
    "DLH": "Dinas Lingkungan Hidup",
    "DPMPTSP": "Dinas Perizinan",
    "DPUPR": "Dinas P U P R",
    "DP3AP2KB": "Dinas Perlindungan Perempuan dan Anak",
    "DTKS": "D T K S",
    "Gg": "Gang",
    "HP": "ha pe",
    "Jl": "Jalan",
    "Jln": "Jalan",
    "KDRT": "kekerasan dalam rumah tangga",
    "KIA": "K I A",
    "KIS": "kis",
    "KK": "K K",
    "KTP": "K T P",
    "Kec": "Kecamatan",
    "Kel": "Kelurahan",
    "LPG": "elpiji",
    "NIB": "N I B",
    "NIK": "nik",
    "No": "Nomor",
    "ODGJ": "orang dengan gangguan jiwa",
    "OPD": "dinas",
    "PBB": "P B B",
    "PDAM": "P D A M",
    "PHK": "P H K",
    "PJU": "lampu jalan",
    "PKH": "P K H",
    "PKL": "pedagang kaki lima",
    "PLN": "P L N",
    "PMI": "P M I",
    "PP": "P P",
    "PUPR": "P U P R",
    "RI": "R I",
    "RSUD": "R S U D",
    "RT": "R T",
    "RW": "R W",
    "SD": "S D",
    "SMA": "S M A",
    "SMK": "S M K",
    "SMP": "S M P",
    "SMS": "S M S",
    "SPBU": "pom bensin",
    "SPPT": "S P P T",
    "TK": "T K",
    "TNI": "T N I",
    "TPA": "T P A",
    "TPS": "tempat pembuangan sampah",
    "THR": "T H R",
    "UKM": "U K M",
    "UMKM": "U M K M",
    "UPT": "U P T",
    "WIB": "waktu Indonesia barat",
    "dll": "dan lain-lain",
    "dsb": "dan sebagainya",
}
_WORD = re.compile(r"\b(?:(Gg|Jln|Jl|Kec|Kel|No|dll|dsb)\.|([A-Za-z]+(?:\d\w*)?))(?!\w)")


def say_number(number: int) -> str:
    """A count as words: 21 is "dua puluh satu", 0 is "nol", -3 is "minus tiga"."""
    words = str(num2words(abs(number), lang="id"))
    return f"minus {words}" if number < 0 else words


def say_digits(digits: str, groups: Sequence[int] = (3, 3, 2)) -> str:
    """Digit by digit, a comma (a short pause) between groups: "satu dua tiga, empat lima enam, tujuh delapan".

    What is no digit is left out; digits beyond the groups make groups of the last size.

    Raises:
        ValueError: groups are empty or below 1.
    """
    if not groups or min(groups) < 1:
        raise ValueError("groups must be whole numbers of at least 1, such as (3, 3, 2)")
    left = [DIGITS[int(digit)] for digit in digits if digit in "0123456789"]
    said = []
    for place in range(len(left)):
        size = groups[min(place, len(groups) - 1)]
        if not left:
            break
        said.append(" ".join(left[:size]))
        left = left[size:]
    return ", ".join(said)


def say_date(date: dt.date, today: dt.date) -> str:
    """A day as people say it: "kemarin", "hari ini", "besok", "lusa", else weekday, day and month.

    Near days keep their weekday ("besok, hari Selasa"); the year is said when it is not today's.
    """
    weekday = f"hari {format_date(date, 'EEEE', locale='id')}"
    near = {-1: "kemarin", 0: "hari ini", 1: f"besok, {weekday}", 2: f"lusa, {weekday}"}.get((date - today).days)
    if near:
        return near
    said = f"{weekday} tanggal {say_number(date.day)} {format_date(date, 'MMMM', locale='id')}"
    return said if date.year == today.year else f"{said} tahun {say_number(date.year)}"


def say_rupiah(amount: int) -> str:
    """An amount of money: 15000 is "lima belas ribu rupiah"."""
    return f"{say_number(amount)} rupiah"


def say_phone(number: str) -> str:
    """A telephone number digit by digit in groups of four, +62 as the 0 that people know; short ones whole."""
    digits = "".join(sign for sign in number if sign in "0123456789")
    if digits.startswith("62") and number.strip().startswith("+"):
        digits = "0" + digits[2:]
    return say_digits(digits, (4,) if len(digits) > 5 else (5,))


def spell_abbreviations(text: str) -> str:
    """`text` with abbreviations as they are said: "KTP di Jl. Merdeka" is "K T P di Jalan Merdeka".

    Capitals count ("SD", not "sd"), and "No" is an abbreviation only with its full stop. For numbers see `say_text`.
    """

    def said(match: re.Match[str]) -> str:
        dotted, word = match.groups()
        if dotted:
            return ABBREVIATIONS[dotted]
        return match[0] if word == "No" else ABBREVIATIONS.get(word, match[0])

    return _WORD.sub(said, text)


def say_text(text: str) -> str:
    """Free text ready for the voice: abbreviations, RT/RW and long numbers, rupiah and decimals as words.

    "RT 03/RW 5" is "R T tiga, R W lima"; four digits and more without dots are said digit by digit unless they are
    a year of this century; "Rp 15.000" is "lima belas ribu rupiah", "jam 07.30" is "jam tujuh lewat tiga puluh".
    """
    text = re.sub(r"\bRp\.?\s*(\d{1,3}(?:\.\d{3})+|\d+)", lambda m: say_rupiah(int(m[1].replace(".", ""))), text)
    text = re.sub(r"\bRT[\s.]*0*(\d{1,3})\s*/\s*0*(\d{1,3})\b", r"RT \1, RW \2", text)
    text = re.sub(r"\b(R[TW])[\s.]*0*(\d+)\s*/\s*(?=R[TW])", r"\1 \2, ", text)
    text = re.sub(r"\b([Jj]am|[Pp]ukul)\s+(\d{1,2})[.:](\d{2})\b", _say_clock, text)
    text = re.sub(r"\b(R[TW])[\s.]*0*(\d{1,3})\b", lambda m: f"{m[1]} {say_number(int(m[2]))}", text)
    text = re.sub(r"\b\d{1,3}(?:\.\d{3})+\b", lambda m: say_number(int(m[0].replace(".", ""))), text)
    text = re.sub(r"\d+", _say_run, text)
    return spell_abbreviations(text)


def _say_clock(match: re.Match[str]) -> str:
    word, hour, minute = match[1], int(match[2]), int(match[3])
    return f"{word} {say_number(hour)}" + (f" lewat {say_number(minute)}" if minute else "")


def _say_run(match: re.Match[str]) -> str:
    run = match[0]
    year = len(run) == 4 and run.startswith("20")
    if year or (len(run) < 4 and not run.startswith("0")) or run == "0":
        return say_number(int(run))
    return say_digits(run, (3,))
