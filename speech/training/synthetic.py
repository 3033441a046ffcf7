"""Synthetic speech: espeak-ng's Indonesian in many voices, for words that no recording holds.

It is labelled with the phones that espeak-ng says it spoke, so that its reading mistakes do not teach wrong labels.
A third is spoken by espeak-ng's own voices, the rest by voices that are drawn here: another throat for every few
sentences. Some of its own are kept from every training: figures for words without recordings are given on those.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from multiprocessing import Pool
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from tqdm import tqdm

from speech.graph.text import DIGITS, base_words, corpus_sentences, training_sentences
from speech.pronounce import PHONES, words_of
from speech.recognize import RATE
from speech.training.telephone import Floats

_TRAINING = (
    "f1 f2 f3 f4 f5 m1 m2 m3 m4 m5 m6 m7 m8 Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 Henrique "
    "Hugo Jacky Lee Marco Mario Michael Mike Nguyen adam anika announcer antonio aunty belinda benjamin "
    "boris caleb david ed edward edward2 iven iven2 iven3 john linda max michel miguel norbert pablo paul "
    "pedro quincy rob robert sandro steph steph2 travis victor zac"
)
TRAINING_VOICES = tuple(_TRAINING.split())
# Never trained on: human-like ones of the rest (no robots, whispers or croaks) that no trained voice comes close to.
# Another name is not enough: klatt is caleb to the last sample, and klatt2 to klatt4, steph3 and iven4 are nearer to a
# trained voice (mean distance of MFCC frames 6 to 29) than a voice is to itself five steps of pitch higher (34).
# These are 81 to 116 away, gustave 52, grandpa 41.
RESERVED_VOICES = ("grandma", "grandpa", "marcelo", "shelby", "Mr serious", "RicishayMax", "RicishayMax2", "gustave")
SOUND_FILE, TABLE_FILE = "synthetic.bin", "synthetic.tsv"
_DRAWN = tuple(f"drawn{number:03}" for number in range(308))  # espeak-ng 1.51 finds no more than 349 in a folder
DRAWN_VOICES, DEVELOPMENT_VOICES = _DRAWN[:300], _DRAWN[300:]  # trained on; only tuned on
_DATA, _LANGUAGE = "espeak-ng-data", Path("lang", "poz", "id")  # as espeak-ng wants them named

# espeak-ng's phonemes as ours. It writes the sound of "y" as j, that of "j" as dZ.
_PHONES = {
    **{"j": "y", "dZ": "j", "tS": "c", "tS;": "c", "J": "j", "C": "sy", "S": "sy", "n^": "ny", "N": "ng"},
    **{"aI": "ay", "aU": "aw", "oI": "oy", "OI": "oy", "eI": "ey", "EI": "ey"},
    **{
        "E": "e",
        "E2": "e",
        "e#": "e",
        "O": "o",
        "I": "i",
        "I2": "i",
        "U": "u",
        "A": "a",
        "a#": "a",
        "aa": "a",
        "V": "a",
    },
    **{"x": "kh", "Q": "kh", "q": "k", "?": "k", "v": "f", "T": "t", "t#": "t", "D": "d"},
    **{"R": "r", "R2": "r", "r2": "r", "*": "r", "**": "r"},
}
_PARTED = {"ay": ["a", "i"], "aw": ["a", "u"]}  # inside a word ("main", "laut") two sounds, as our rules have it
_MARKS = re.compile(r"[',%=_:;|!]")  # stress, length, pauses
_ANSWERS = (
    "ya,iya,tidak,nggak,enggak,bukan,betul,benar,salah,belum,sudah,lapor,cek status,informasi,petugas,ulangi,kembali,"
    "bantuan,batal,lebih pelan,lebih cepat,lanjut,selesai,tidak tahu,darurat,kagak,ndak,oke,baik,jangan"
)
ANSWERS = tuple(_ANSWERS.split(","))
_LONGEST = 110  # letters of a sentence: long ones teach no more, and cost more
_CITIES = Path(__file__).resolve().parents[2] / "cities"


class UnknownPhone(Exception):
    """espeak-ng said a sound that we have no phone for."""


class UnknownVoice(Exception):
    """espeak-ng has no such voice; it would silently speak with its plain one."""


@dataclass(frozen=True)
class SyntheticUtterance:
    """A stored sentence; `samples` is a view of the file, at 8 kHz."""

    voice: str
    phones: tuple[str, ...]
    samples: NDArray[np.int16]


def drawn_voice(chance: random.Random) -> str:
    """A voice of nobody, as a variant file of espeak-ng (its docs/voices.md explains the lines).

    The throat is 0.75 to 1.35 times as short as the plain voice's, as a large man's and a child's; each resonance has
    its own height, width and place about that, and the voice its own pitch, tremble, roughness, breath and stress.
    Resonances stray by 3 to 20 %: in espeak-ng's own voices they do by 24 % (standard deviation over 57 voices).
    """
    throat, stray = chance.uniform(75, 135), chance.uniform(0.03, 0.2)
    pitch = round(min(260.0, max(60.0, chance.gauss(1.4 * throat - 20, 35))))
    lines = ["language variant", f"pitch {pitch} {round(pitch * chance.uniform(1.1, 1.9))}"]
    for number in range(9):
        place = throat * max(0.5, chance.gauss(1, stray)) if number < 6 else chance.uniform(10, 130)
        loud = chance.uniform(60, 160) if number < 3 else chance.uniform(10, 140)
        lines.append(f"formant {number} {place:.0f} {loud:.0f} {chance.uniform(50, 180):.0f}")
    ranges = {"flutter": (0, 20), "roughness": (0, 5), "voicing": (40, 160), "intonation": (1, 4)}
    lines += [f"{name} {chance.randint(*ends)}" for name, ends in ranges.items()]
    lines.append(f"consonants {chance.randint(50, 130)} {chance.randint(50, 130)}")
    if chance.random() < 0.25:
        lines.append("breath " + " ".join(str(chance.randint(0, 4)) for _ in range(8)))
    if chance.random() < 0.25:
        lines.append(f"echo {chance.randint(20, 200)} {chance.randint(10, 90)}")
    if chance.random() < 0.3:
        lines.append("stressAdd " + " ".join(str(chance.randint(-30, 150)) for _ in range(8)))
    if chance.random() < 0.3:
        lines.append("stressAmp " + " ".join(str(chance.randint(12, 30)) for _ in range(8)))
    if chance.random() < 0.3:
        tones = zip((100, 600, 1200, 2000, 3000), (chance.randint(60, 255) for _ in range(5)), strict=True)
        lines.append("tone " + " ".join(f"{hertz} {loud}" for hertz, loud in tones))
    if chance.random() < 0.2:
        lines.append(f"klatt {chance.randint(1, 6)}")
    return "\n".join(lines) + "\n"


def write_voices(work: Path) -> None:
    """Put the drawn voices into a copy of espeak-ng's data in `work`, the same ones every time.

    Its own voices and other languages are left out of the copy: they would crowd these out.
    """
    data = work / _DATA
    variants = data / "voices" / "!v"
    if (variants / _DRAWN[-1]).is_file():
        return
    version = subprocess.run(["espeak-ng", "--version"], check=True, capture_output=True, text=True).stdout
    own = Path(version.split("Data at:")[1].strip())
    if data.is_dir():
        shutil.rmtree(data)
    shutil.copytree(own, data, ignore=shutil.ignore_patterns("lang", "voices", "*_dict"))
    shutil.copyfile(own / "id_dict", data / "id_dict")
    (data / _LANGUAGE).parent.mkdir(parents=True)
    shutil.copyfile(own / _LANGUAGE, data / _LANGUAGE)
    variants.mkdir(parents=True)
    for number, name in enumerate(_DRAWN):
        text = f"name {name}\n{drawn_voice(random.Random(number))}"  # noqa: S311 - the same every time
        (variants / name).write_text(text, encoding="utf-8")


def speak(
    text: str, voice: str, words_per_minute: int, pitch: int, work: Path | None = None
) -> tuple[Floats, list[str]]:
    """A sentence by one of espeak-ng's voices, or by a drawn one that `write_voices` put into `work`.

    Args:
        text: what is said.
        voice: espeak-ng's name of a variant, or one of the drawn.
        words_per_minute: pace.
        pitch: 0..99.
        work: needed for drawn voices alone.

    Returns:
        Sound at 8 kHz in [-1, 1], and the phones that were said.

    Raises:
        UnknownPhone: if one is none of ours.
        UnknownVoice: if espeak-ng is too old, or too new, to have the voice.
    """
    espeak = ("espeak-ng", f"--path={work}") if work and voice in _DRAWN else ("espeak-ng",)
    if voice not in _voices(espeak):
        raise UnknownVoice(f"espeak-ng has no voice variant {voice!r}; `espeak-ng --voices=variant` lists what it has")
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = [*espeak, "-v", f"id+{voice}", "-s", str(words_per_minute), "-p", str(pitch)]
        said = subprocess.run(
            [*command, "-x", "--sep=_", "-w", file.name, text], check=True, capture_output=True, text=True
        ).stdout
        sound, rate = soundfile.read(file.name, dtype="float32")
    sound = np.clip(soxr.resample(sound, rate, RATE), -1, 1)  # a loud voice swings a little over the top when resampled
    return np.asarray(sound, np.float32), phones_of(said)


@cache
def _voices(espeak: tuple[str, ...]) -> frozenset[str]:
    listed = subprocess.run([*espeak, "--voices=variant"], check=True, capture_output=True, text=True).stdout
    return frozenset(name.strip() for name in re.findall(r"!v/(.+)", listed))


def phones_of(said: str) -> list[str]:
    """Our phones of what espeak-ng prints with `-x --sep=_`."""
    phones: list[str] = []
    for word in said.split():
        marked = [piece if piece in _PHONES else _MARKS.sub("", piece) for piece in word.split("_")]
        own = [_PHONES.get(piece, piece) for piece in marked if piece]
        for number, phone in enumerate(own):
            inside = phone in _PARTED and number + 1 < len(own)
            phones += _PARTED[phone] if inside else [phone]
    unknown = set(phones) - set(PHONES)
    if unknown:
        raise UnknownPhone(" ".join(sorted(unknown)))
    return phones


def sentences(count: int, chance: random.Random) -> Iterator[str]:
    """What the voices shall say: digits, answers, places, rare words side by side, sentences."""
    places = [place for table in sorted(_CITIES.glob("*/areas.csv")) for place in _column(table, "kelurahan")]
    whole = [" ".join(words) for words in training_sentences(places, [])]
    whole += [sentence for sentence in corpus_sentences() if "{" not in sentence]
    whole = [sentence for sentence in whole if len(sentence) <= _LONGEST]
    words = base_words()
    for _ in range(count):
        kind = chance.random()
        if kind < 0.12:
            yield " ".join(chance.choices(DIGITS, k=chance.randint(1, 10)))
        elif kind < 0.22:
            yield chance.choice(ANSWERS)
        elif kind < 0.30:
            yield " ".join(words_of(chance.choice(places)))
        elif kind < 0.50:
            yield " ".join(chance.choices(words, k=chance.randint(2, 7)))
        else:
            yield chance.choice(whole)


def _column(table: Path, name: str) -> list[str]:
    with table.open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


_Job = tuple[str, str, int, int, Path]  # as `speak` takes them
_Said = tuple[str, str, list[str], NDArray[np.int16]]


def _say(job: _Job) -> _Said | str:
    """Sound as it is stored; or the phones that we do not know."""
    text, voice, *_ = job
    try:
        sound, phones = speak(*job)
    except UnknownPhone as error:
        return str(error)
    return text, voice, phones, (np.clip(sound, -1, 32767 / 32768) * 32768).astype("<i2")


def write_synthetic(texts: Sequence[str], work: Path, chance: random.Random) -> tuple[int, int]:
    """Speak all sentences into `work`, each in a random training voice, two thirds of them drawn.

    What was spoken before is used as it is.

    Returns:
        How many there are, and how many were left out for an unknown phone.
    """
    table = work / TABLE_FILE
    if table.is_file():
        return sum(1 for _ in read_synthetic(work)), 0
    write_voices(work)
    kinds = (TRAINING_VOICES, DRAWN_VOICES, DRAWN_VOICES)
    jobs: list[_Job] = [
        (text, chance.choice(chance.choice(kinds)), chance.randint(110, 220), chance.randint(20, 85), work)
        for text in texts
    ]
    rows: list[tuple[str, str, str, int, int]] = []
    left_out = at = 0
    with Pool() as pool, (work / SOUND_FILE).open("wb") as store:
        for said in tqdm(pool.imap(_say, jobs, chunksize=16), total=len(jobs), desc="speaking", mininterval=2):
            if isinstance(said, str):
                left_out += 1
                continue
            text, voice, phones, samples = said
            store.write(samples.tobytes())
            rows.append((voice, text, " ".join(phones), at, len(samples)))
            at += len(samples)
    unfinished = table.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(rows)
    unfinished.replace(table)
    return len(rows), left_out


def read_synthetic(work: Path) -> Iterator[SyntheticUtterance]:
    """What `write_synthetic` wrote; nothing if it never ran."""
    table = work / TABLE_FILE
    if not table.is_file():
        return
    sound = np.memmap(work / SOUND_FILE, np.int16, "r")
    with table.open(encoding="utf-8", newline="") as file:
        for voice, _, phones, start, length in csv.reader(file, delimiter="\t"):
            samples = sound[int(start) : int(start) + int(length)]
            yield SyntheticUtterance(voice, tuple(phones.split()), samples)


def main(arguments: Iterable[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="speech.training.synthetic", description="Speak sentences to train on.")
    parser.add_argument("work", type=Path)
    parser.add_argument("--sentences", type=int, default=14000)
    options = parser.parse_args(list(arguments) if arguments is not None else None)
    options.work.mkdir(parents=True, exist_ok=True)
    chance = random.Random(0)  # noqa: S311 - the same sentences every time
    spoken, left_out = write_synthetic(list(sentences(options.sentences, chance)), options.work, chance)
    print(f"synthetic: {spoken} sentences, {left_out} left out for sounds that we have no phone for")
    return 0


if __name__ == "__main__":
    sys.exit(main())
