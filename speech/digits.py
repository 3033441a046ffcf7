"""Digits out of recognised words: how callers say a number in Indonesian, Javanese, Sundanese and Betawi."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_UNITS = {
    word: value
    for value, words in enumerate(
        (
            "nol kosong enol zero",
            "satu siji hiji setunggal sahiji atu",
            "dua loro duwa due kalih rong dwi",
            "tiga telu tilu tige telung tri",
            "empat papat opat pat patang sekawan",
            "lima limo lime limang gangsal",
            "enam enem genep nem anem",
            "tujuh tuju pitu pitung tujoh",
            "delapan lapan wolu dalapan wolung dlapan",
            "sembilan songo sanga salapan sangang semilan",
        )
    )
    for word in words.split()
}
_SCALES = {"puluh": 10, "atus": 100, "ratus": 100, "ribu": 1000, "rebu": 1000, "ewu": 1000}
_TEENS = {"belas", "welas"}
# Words that are a whole number, and the power of ten below which one may go on ("seratus | dua puluh").
_WHOLE = {
    "sepuluh": (10, 1), "sapuluh": (10, 1), "sedoso": (10, 1), "sebelas": (11, 1), "sewelas": (11, 1),
    "sawelas": (11, 1), "rolas": (12, 1), "telulas": (13, 1), "limolas": (15, 1), "pitulas": (17, 1),
    "wolulas": (18, 1), "selawe": (25, 1), "seket": (50, 10), "sewidak": (60, 10), "seratus": (100, 100),
    "saratus": (100, 100), "satus": (100, 100), "seribu": (1000, 1000), "sarebu": (1000, 1000), "sewu": (1000, 1000),
}  # fmt: skip
_REPEATS = {"dobel": 2, "double": 2, "dabel": 2, "dubel": 2, "tripel": 3, "triple": 3}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# May stand between digits of one number; every other word ends the number.
_FILLERS = _words(
    "nomor nomer nomornya nomernya laporan tiket aduan eh em hmm anu ya yah nah terus lalu kemudian abis habis itu "
    "trus teras lajeng neng bang mas mbak pak bu bapak ibu dan sama angka angkanya strip garis titik koma spasi "
    "belakangnya lagi terakhir [unk]"
)
# A number before these counts something, and is no part of a number that identifies.
_COUNTED = _words(
    "hari minggu bulan tahun jam menit detik kali orang meter kilo rumah tiang lampu malam pekan juta dulu "
    "dinten sasih poe minggon taun"
)
_TOKEN = re.compile(r"\[unk\]|\d+|[^\W\d_]+")
_JOINED = re.compile(r"(.+?)(puluh|belas|ratus|ribu)")


@dataclass(frozen=True)
class _Number:
    """Digits as said, how far they may grow (`room`), and whether "ribu" may still follow."""

    value: int
    room: int
    text: str = ""  # written or repeated digits, which do not grow

    @property
    def digits(self) -> str:
        return self.text or str(self.value)


def digits_from_words(text: str) -> str:
    """The number that identifies something in an utterance, as digits; empty when none is said.

    "satu dua tiga" is "123", "dua puluh tiga empat" "234", "dua ribu tiga puluh satu" "2031", "dobel lima" "55",
    "nomer loro papat siji" "241". Numbers that count ("tiga minggu") are passed over. Of several numbers
    the longest is taken, and of equally long ones the last: it may correct the first.
    """
    found = ""
    for run in _runs(_split(text)):
        digits = "".join(number.digits for number in run)
        if len(digits) >= len(found):
            found = digits or found
    return found


def _split(text: str) -> list[str]:
    words: list[str] = []
    for word in _TOKEN.findall(text.lower()):
        joined = _JOINED.fullmatch(word)
        if joined and joined[1] in _UNITS:
            words += joined.groups()
        else:
            words.append(word)
    return words


def _runs(words: list[str]) -> Iterator[list[_Number]]:
    """Numbers that belong together, in the order said."""
    run: list[_Number] = []
    fresh = False  # the last word was a number
    place = 0
    while place < len(words):
        word = words[place]
        step, number = _number_at(words, place)
        if number:
            grown = _grow(run[-1], number) if run and fresh else None
            run = [*run[:-1], grown] if grown else [*run, number]
            fresh = True
            place += step
            continue
        if fresh and word in ("ribu", "rebu", "ewu") and run[-1].value < 1000 and not run[-1].text:
            run[-1] = _Number(run[-1].value * 1000, 1000)
        else:
            if fresh and word in _COUNTED:
                run = run[:-1]
            if word not in _FILLERS:
                yield run
                run = []
            fresh = False
        place += 1
    yield run


def _number_at(words: list[str], place: int) -> tuple[int, _Number | None]:
    """The numeral at a place and how many words it takes; (0, None) where none stands."""
    word = words[place]
    after = words[place + 1] if place + 1 < len(words) else ""
    if word.isdigit():
        return 1, _Number(0, 0, word)
    if word in _REPEATS and after in _UNITS:
        return 2, _Number(0, 0, str(_UNITS[after]) * _REPEATS[word])
    if word in _WHOLE:
        return 1, _Number(*_WHOLE[word])
    unit = _UNITS.get(word)
    if unit is None:
        return 0, None
    if unit and after in _TEENS:
        return 2, _Number(10 + unit, 1)
    if unit and after in _SCALES:
        return 2, _Number(unit * _SCALES[after], _SCALES[after])
    return 1, _Number(unit, 1)


def _grow(number: _Number, addend: _Number) -> _Number | None:
    """Both as one number, where the second fits into the room of the first ("dua puluh" + "tiga")."""
    if number.text or addend.text or addend.value == 0 or addend.value >= number.room:
        return None
    return _Number(number.value + addend.value, addend.room)
