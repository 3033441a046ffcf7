"""The prepared store: one file of sound, one table of what is said in it."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

SOUND_FILE = "sound.bin"
MANIFEST_FILE = "manifest.tsv"

Split = Literal["train", "dev", "test"]


class LeakError(Exception):
    """Somebody, or some sentence, stands on two sides of a split."""


@dataclass(frozen=True)
class Utterance:
    """One recording.

    Attributes:
        id: unique over all corpora.
        corpus: digits, dialogue, news (INDspeech), common-voice, fleurs, calls.
        speaker: the same person has the same name in all of INDspeech; "" if nobody knows.
        group: woman, man, or "" if nobody knows.
        text: words as `speech.pronounce.words_of` writes them.
        split: test is what `reserved.csv` keeps apart, dev is for tuning.
        start, length: in the sound file, in samples at 8 kHz.
    """

    id: str
    corpus: str
    speaker: str
    group: str
    text: str
    split: Split
    start: int
    length: int


class Manifest:
    """All utterances of a prepared folder."""

    def __init__(self, work: Path, utterances: Iterable[Utterance]) -> None:
        self.utterances = tuple(utterances)
        self._sound = np.memmap(work / SOUND_FILE, np.int16, "r")

    @classmethod
    def load(cls, work: Path) -> Manifest:
        """Raises OSError if nothing was prepared there."""
        with (work / MANIFEST_FILE).open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter="\t"))
        utterances = []
        for name, corpus, speaker, group, text, split, start, length in rows:
            utterances.append(
                Utterance(name, corpus, speaker, group, text, cast(Split, split), int(start), int(length))
            )
        return cls(work, utterances)

    def samples(self, utterance: Utterance) -> NDArray[np.int16]:
        """As stored: a view of the file."""
        return self._sound[utterance.start : utterance.start + utterance.length]

    def sound(self, utterance: Utterance) -> NDArray[np.float32]:
        """In [-1, 1], at 8 kHz."""
        return self.samples(utterance).astype(np.float32) / np.float32(32768)

    def check_leaks(self) -> None:
        """Raises LeakError if a speaker stands on two sides, or a sentence of a one-voice corpus does."""
        sides: dict[str, set[str]] = {}
        for utterance in self.utterances:
            key = utterance.speaker if utterance.corpus != "news" else f"news: {utterance.text}"
            if key:
                sides.setdefault(key, set()).add(utterance.split)
        torn = sum(len(side) > 1 for side in sides.values())
        if torn:
            raise LeakError(f"{torn} speakers or sentences stand on two sides of the split")


def write_table(path: Path, utterances: Iterable[Utterance]) -> None:
    """Write a manifest, whole or not at all."""
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter="\t").writerows(astuple(utterance) for utterance in utterances)
    unfinished.replace(path)
