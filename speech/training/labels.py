"""What the network is taught to hear: the phones of an utterance.

A corpus may bring a lexicon of its own, written for how its speakers read; it goes before our rules. It is used in
training only and never becomes part of the graph.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.pronounce import PHONES, pronunciations

LEXICON_FILE = "lexicon.tsv"  # in the work folder: word, TAB, phones; written by the readers of corpora that have one
NUMBER_OF = {phone: number for number, phone in enumerate(PHONES, start=1)}  # 0 is CTC's blank

Labels = NDArray[np.int64]


class Labeller:
    """Phones of texts, as numbers."""

    def __init__(self, work: Path) -> None:
        path = work / LEXICON_FILE
        rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()) if path.is_file() else ()
        self._lexicon = {word: phones.split() for word, phones in rows}

    def phones(self, text: str) -> list[str]:
        """The likeliest phones of a text whose words are as `speech.pronounce.words_of` writes them."""
        return [phone for word in text.split() for phone in self._word(word)]

    def _word(self, word: str) -> list[str]:
        if word not in self._lexicon:
            self._lexicon[word] = list(next(iter(pronunciations(word, 1)), ()))
        return self._lexicon[word]


def numbers_of(phones: list[str]) -> Labels:
    """Raises KeyError for what is no phone of ours."""
    return np.array([NUMBER_OF[phone] for phone in phones], np.int64)


def can_be_aligned(labels: Labels, outputs: int) -> bool:
    """Whether CTC can fit the labels into so many outputs; equal neighbours need a blank between."""
    return len(labels) + int((labels[1:] == labels[:-1]).sum()) <= outputs
