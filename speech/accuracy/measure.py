"""Hears the sets through Vosk, in several processes, and counts what was wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from speech.accuracy.score import Figure, Score, rate, word_errors
from speech.accuracy.sets import CONDITIONS, OTHERS_SET, Sets, Spoken, through
from speech.audio import FRAME_BYTES
from speech.recognize import RATE, UNKNOWN, Word
from speech.training.telephone import pcm_of
from speech.vosk_recognizer import VoskRecognizer


@dataclass(frozen=True)
class Heard:
    """What became of one utterance under one condition; seconds of sound and of one core."""

    set: str
    condition: str
    speaker: str
    group: str
    said: str
    words: tuple[Word, ...]  # as recognised, [unk] among them
    confidence: float
    sound_s: float
    core_s: float
    flush_s: float

    @property
    def right(self) -> bool:
        if self.set == OTHERS_SET:  # refused, if nothing but [unk] was heard
            return not self.text
        return self.text == self.said

    @property
    def text(self) -> str:
        """What was heard, without [unk]: the line asks again for that."""
        return " ".join(word.text for word in self.words if word.text != UNKNOWN)


def listen(
    recognizer: VoskRecognizer, name: str, spoken: Spoken, condition: str, talkers: Sequence[np.ndarray]
) -> Heard:
    """One utterance through one condition, in packets of 20 ms."""
    sound = through(spoken.sound(), condition, talkers, spoken.id)
    pcm = pcm_of(sound)
    began = time.process_time()
    stream = recognizer.listen(spoken.grammar)
    for at in range(0, len(pcm), FRAME_BYTES):
        stream.accept(pcm[at : at + FRAME_BYTES])
    flushed = time.perf_counter()
    hypothesis = stream.finish()
    took, flush_s = time.process_time() - began, time.perf_counter() - flushed
    said, seconds = spoken.text, len(sound) / RATE
    return Heard(
        name,
        condition,
        spoken.speaker,
        spoken.group,
        said,
        hypothesis.words,
        hypothesis.confidence,
        seconds,
        took,
        flush_s,
    )


class _Process:
    """What one process keeps between its tasks."""

    recognizer: VoskRecognizer
    sets: dict[str, list[Spoken]]
    talkers: list[np.ndarray]


def _prepare(model: Path, work: Path, reports: Sequence[str], split: str, most: int) -> None:
    _Process.recognizer = VoskRecognizer(model)
    sets = Sets(work, reports, split, most)
    _Process.sets, _Process.talkers = sets.all(), sets.talkers


def _task(job: tuple[str, int, str]) -> Heard:
    name, number, condition = job
    return listen(_Process.recognizer, name, _Process.sets[name][number], condition, _Process.talkers)


def measure(
    model: Path,
    work: Path,
    reports: Sequence[str],
    split: str = "test",
    most: int = 500,
    only: Iterable[str] = (),
    conditions: Sequence[str] = CONDITIONS,
) -> list[Heard]:
    """Every utterance of every set under every condition.

    Args:
        model: a complete Vosk model directory.
        work: the prepared corpora (`speech.training.corpora.prepare`).
        reports: sentences for the synthetic voices to read.
        split: "test" (what is reserved), or "dev" to tune on.
        most: utterances of a corpus at most, evenly of its speakers.
        only: names of sets; all if empty.
    """
    sets = Sets(work, reports, split, most).all()
    names = [name for name in sets if not only or name in set(only)]
    jobs = [(name, number, how) for name in names for how in conditions for number in range(len(sets[name]))]
    processes = os.cpu_count() or 1
    arguments = (model, work, reports, split, most)
    with ProcessPoolExecutor(processes, initializer=_prepare, initargs=arguments) as pool:
        heard = pool.map(_task, jobs, chunksize=8)
        return list(tqdm(heard, total=len(jobs), unit="utterance", mininterval=2))


def word_error(heard: Sequence[Heard]) -> Figure:
    """Word error rate; what was refused ([unk]) counts as not heard."""
    counted = [(h, word_errors(h.said.split(), h.text.split()), len(h.said.split())) for h in heard]
    return rate([Score(h.speaker, wrong, words) for h, wrong, words in counted])


def right(heard: Sequence[Heard]) -> Figure:
    """Utterances that were right as a whole."""
    return rate([Score(h.speaker, int(h.right), 1) for h in heard])


def wrong(heard: Sequence[Heard]) -> Figure:
    """Utterances that were not."""
    return rate([Score(h.speaker, int(not h.right), 1) for h in heard])
