"""Will an officer's answer be understood by somebody who only hears it, once, by telephone? Pure.

Nothing is forbidden: the officer sees (or hears) what may go wrong, mends it or sends it as it is.
"""

from __future__ import annotations

import re

MOST_WORDS = 45  # about 20 s at the line's usual 140 words a minute; more is forgotten while it is heard
MOST_IN_SENTENCE = 18
_LINK = re.compile(r"https?://|www\.|\S+@\S+\.\w")
_SHOUTED = re.compile(r"\b[A-Z]{2,}\b")
_SIGNS = re.compile(r"[/\\&+=%#*_<>|~^\[\]{}()]")
_LONG_NUMBER = re.compile(r"\d{9,}")
_PERSONAL = re.compile(r"\b\d{16}\b|\b08\d{8,11}\b|\+62\d{8,12}\b")  # NIK, a mobile number
# Words of offices, with what people say.
PLAIN = {
    "ditindaklanjuti": "dikerjakan",
    "menindaklanjuti": "mengerjakan",
    "koordinasi": "bicara dengan",
    "berkoordinasi": "bicara dengan",
    "dimaksud": "itu",
    "tersebut": "itu",
    "pemohon": "Bapak atau Ibu",
    "saudara": "Bapak atau Ibu",
    "dikarenakan": "karena",
    "perihal": "tentang",
    "eksisting": "yang ada",
    "assessment": "pemeriksaan",
    "asesmen": "pemeriksaan",
    "tupoksi": "tugas",
}


def concerns(written: str, said: str) -> tuple[str, ...]:
    """What an officer should know before sending, as sentences in Indonesian; none when it will be heard well.

    Args:
        written: the answer as it was typed.
        said: the same as the voice will say it (abbreviations and numbers as words).
    """
    found = []
    words = said.split()
    if len(words) > MOST_WORDS:
        found.append(f"Jawaban ini {len(words)} kata. Yang mudah diingat paling banyak {MOST_WORDS} kata.")
    longest = max((len(sentence.split()) for sentence in re.split(r"[.!?]+", said)), default=0)
    if longest > MOST_IN_SENTENCE:
        found.append(f"Ada kalimat {longest} kata. Pecah menjadi kalimat yang lebih pendek.")
    if _LINK.search(written):
        found.append("Alamat situs dan surel tidak dapat diingat lewat telepon. Sebutkan tempat atau nomor telepon.")
    shouted = [word for word in dict.fromkeys(_SHOUTED.findall(said)) if len(word) > 1]
    if shouted:
        found.append(f"Singkatan ini mungkin dibaca salah: {', '.join(shouted)}. Tulis kepanjangannya.")
    signs = list(dict.fromkeys(_SIGNS.findall(said)))
    if signs:
        found.append(f"Tanda ini tidak terdengar: {' '.join(signs)}. Tulis dengan kata.")
    if _PERSONAL.search(written):
        found.append("Ada nomor pribadi di sini. Siapa pun yang tahu nomor laporan dapat mendengarnya.")
    elif _LONG_NUMBER.search(written):
        found.append("Ada nomor yang panjang. Sebutkan hanya kalau perlu.")
    return (*found, *_stiff(written))


def _stiff(written: str) -> tuple[str, ...]:
    words = dict.fromkeys(re.findall(r"[a-z]+", written.lower()))
    return tuple(f"Kata “{word}” kaku. Lebih mudah: “{PLAIN[word]}”." for word in words if word in PLAIN)
