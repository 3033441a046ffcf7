"""The sets that the line is measured on: what `speech/training/reserved.csv` keeps from every training."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.graph.text import DIGITS
from speech.recognize import RATE, UNKNOWN
from speech.training.corpora import Manifest, Utterance
from speech.training.synthetic import DEVELOPMENT_VOICES, RESERVED_VOICES, speak, write_voices
from speech.training.telephone import line, with_babble

Floats = NDArray[np.float32]

CONDITIONS = ("clean", "line", "babble 15 dB", "babble 5 dB")
LINE_CONDITION = "line"
DIGITS_SET, DIALOGUE_SET, NEWS_SET = "digits", "dialogue", "news"
WORDS_SET, OTHERS_SET = "single words", "other words"
COMMANDS_SET, REPORTS_SET = "commands", "reports"
# What a caller answers to the line's questions.
_COMMANDS = (
    "ya,iya,tidak,nggak,benar,salah,betul,bukan,lapor,cek status,informasi,petugas,ulangi,kembali,bantuan,batal,"
    "lebih pelan,lebih cepat,tidak tahu,darurat,lanjut,selesai,sudah,belum"
)
COMMANDS = tuple(_COMMANDS.split(","))
REPORTS = "speech/accuracy/reports.csv:text"  # read by the synthetic voices
TALKERS = 60
PAUSE_S = 0.8  # of silence after every utterance: what a caller's pause adds before the line takes the turn


@dataclass(frozen=True)
class Spoken:
    """One utterance of a set. `grammar` None is free speech; what is to be refused has the text `[unk]`."""

    id: str
    speaker: str
    group: str  # woman, man, or ""
    text: str
    grammar: tuple[str, ...] | None
    sound: Callable[[], Floats]


def _order(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _few(utterances: Sequence[Utterance], most: int) -> list[Utterance]:
    """The same few every time, evenly of all speakers."""
    seen: dict[str, int] = {}
    ranked = []
    for utterance in sorted(utterances, key=lambda u: _order(u.id)):
        seen[utterance.speaker] = seen.get(utterance.speaker, 0) + 1
        ranked.append((seen[utterance.speaker], _order(utterance.id), utterance))
    return [utterance for _, _, utterance in sorted(ranked, key=lambda row: row[:2])[:most]]


class Sets:
    """All sets, read from the prepared corpora; `split` is "test", or "dev" for tuning."""

    def __init__(self, work: Path, reports: Sequence[str], split: str = "test", most: int = 500) -> None:
        self._work = work
        self._manifest = Manifest.load(work)
        self._reports = reports
        held = [u for u in self._manifest.utterances if u.split == split]
        self._held = held
        self._most = most
        self._voices: tuple[str, ...] = RESERVED_VOICES
        if split == "dev":
            write_voices(work)
            self._voices = DEVELOPMENT_VOICES
        rng = np.random.default_rng(11)
        talkers = [u for u in held if u.corpus in (DIGITS_SET, DIALOGUE_SET)] or held
        chosen: list[int] = rng.integers(0, len(talkers), TALKERS).tolist() if talkers else []
        self.talkers = [self._manifest.sound(talkers[n]) for n in chosen]

    def all(self) -> dict[str, list[Spoken]]:
        sets = {
            DIGITS_SET: self._of(DIGITS_SET, self._most, tuple(DIGITS)),
            DIALOGUE_SET: self._dialogue(),
            WORDS_SET: list(self._single_words()),
            OTHERS_SET: list(self._other_words()),
            COMMANDS_SET: list(self._commands()),
            NEWS_SET: self._of(NEWS_SET, self._most, None),
            REPORTS_SET: list(self._read_reports()),
        }
        return {name: spoken for name, spoken in sets.items() if spoken}

    def _of(self, corpus: str, most: int, grammar: tuple[str, ...] | None) -> list[Spoken]:
        chosen = _few([u for u in self._held if u.corpus == corpus], most)
        return [self._spoken(u, u.text, grammar) for u in chosen]

    def _spoken(self, u: Utterance, text: str, grammar: tuple[str, ...] | None) -> Spoken:
        return Spoken(u.id, u.speaker, u.group, text, grammar, lambda: self._manifest.sound(u))

    def _dialogue(self) -> list[Spoken]:
        everybody = [u for u in self._manifest.utterances if u.corpus == DIALOGUE_SET]
        words = tuple(sorted({word for u in everybody for word in u.text.split()}))
        return self._of(DIALOGUE_SET, self._most, words)

    def _singles(self) -> list[Utterance]:
        return [u for u in self._held if u.corpus == DIALOGUE_SET and len(u.text.split()) == 1]

    def _single_words(self) -> Iterator[Spoken]:
        singles = self._singles()
        words = tuple(sorted({u.text for u in singles}))
        yield from (self._spoken(u, u.text, words) for u in singles)

    def _other_words(self) -> Iterator[Spoken]:
        """Every single word against a grammar of half of the others: nothing of it may be accepted."""
        singles = self._singles()
        words = sorted({u.text for u in singles}, key=_order)
        halves = tuple(sorted(words[::2])), tuple(sorted(words[1::2]))
        for u in singles:
            yield self._spoken(u, UNKNOWN, halves[u.text in halves[0]])

    def _commands(self) -> Iterator[Spoken]:
        for voice in self._voices:
            for text in COMMANDS:
                yield self._synthetic(text, voice, COMMANDS)

    def _read_reports(self) -> Iterator[Spoken]:
        for number, text in enumerate(self._reports):
            yield self._synthetic(text, self._voices[number % len(self._voices)], None)

    def _synthetic(self, text: str, voice: str, grammar: tuple[str, ...] | None) -> Spoken:
        chance = int(_order(text + voice)[:8], 16)
        words_per_minute, pitch = 120 + chance % 50, 35 + chance // 50 % 30

        def sound() -> Floats:
            return speak(text, voice, words_per_minute, pitch, self._work)[0]

        return Spoken(f"{voice}:{text}", voice, "", text, grammar, sound)


def through(sound: Floats, condition: str, talkers: Sequence[Floats], seed: str) -> Floats:
    """The sound as a condition leaves it; noise is as long as the recording, silence follows."""
    if condition == LINE_CONDITION:
        sound = line(sound)
    elif condition != "clean":
        rng = np.random.default_rng(int(_order(seed)[:8], 16))
        sound = with_babble(sound, talkers, float(condition.split()[1]), rng)
    return np.concatenate([sound, np.zeros(int(PAUSE_S * RATE), np.float32)])
