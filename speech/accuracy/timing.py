"""How soon a word shows, how soon a turn is final, and what ending turns by voice activity costs.

    python -m speech.accuracy.timing FOLDER [--chunk 8 --chunk 16 --chunk 24]

A chunk is what the network takes at a time, in frames of 10 ms: small ones answer sooner and work more.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from speech.accuracy.score import Score, rate, word_errors
from speech.accuracy.sets import DIALOGUE_SET, DIGITS_SET, LINE_CONDITION, Sets, Spoken, through
from speech.activity import Endpointer
from speech.audio import FRAME_BYTES
from speech.graph import ensure_model
from speech.recognize import RATE, UNKNOWN
from speech.training.corpora import prepare
from speech.training.telephone import pcm_of
from speech.vosk_recognizer import VoskRecognizer

CHUNKS = (8, 16, 24)
END_SILENCE_MS = 1000  # of a menu's answer; digits get more, which only waits longer
_TAIL_S = 2.5


@dataclass
class Timing:
    """Of all turns of one chunk size: ms from a word's end to its showing, ms of the flush, errors, core seconds."""

    showings_ms: list[float]
    flushes_ms: list[float]
    whole: list[Score]
    ended: list[Score]
    core_s: float = 0.0
    sound_s: float = 0.0


def _errors(spoken: Spoken, heard: str) -> Score:
    words = [word for word in heard.split() if word != UNKNOWN]
    return Score(spoken.speaker, word_errors(spoken.text.split(), words), len(spoken.text.split()))


def take(recognizer: VoskRecognizer, spoken: Spoken, pcm: bytes, timing: Timing) -> None:
    """One turn, ended by voice activity as on the line, and once more as a whole."""
    stream, endpointer = recognizer.listen(spoken.grammar), Endpointer(END_SILENCE_MS)
    shown: list[tuple[int, int, float]] = []  # words in the partial, ms of sound given, ms of work
    began = time.process_time()
    for at in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        packet_began = time.perf_counter()
        stream.accept(pcm[at : at + FRAME_BYTES])
        count = len(stream.partial().split())
        if not shown or count > shown[-1][0]:
            given_ms = (at + FRAME_BYTES) * 1000 // (2 * RATE)
            shown.append((count, given_ms, 1000 * (time.perf_counter() - packet_began)))
        if endpointer.push(pcm[at : at + FRAME_BYTES]) == "ended":
            break
    flush_began = time.perf_counter()
    hypothesis = stream.finish()
    timing.flushes_ms.append(1000 * (time.perf_counter() - flush_began))
    timing.core_s += time.process_time() - began
    timing.sound_s += (at + FRAME_BYTES) / (2 * RATE)
    for number, word in enumerate(hypothesis.words, start=1):
        first = next(((given, work) for count, given, work in shown if count >= number), None)
        if first and word.text != UNKNOWN:
            timing.showings_ms.append(max(0.0, first[0] - word.end_ms) + first[1])
    timing.ended.append(_errors(spoken, hypothesis.text))
    stream = recognizer.listen(spoken.grammar)
    stream.accept(pcm)
    timing.whole.append(_errors(spoken, stream.finish().text))


def with_chunk(model: Path, chunk: int, folder: Path) -> Path:
    """A copy of a model directory whose network takes so many frames at a time."""
    copy = folder / f"chunk-{chunk}"
    shutil.copytree(model, copy, symlinks=False)
    config = copy / "conf" / "model.conf"
    config.write_text(re.sub(r"--frames-per-chunk=\d+", f"--frames-per-chunk={chunk}", config.read_text()))
    return copy


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="speech.accuracy.timing", description="Measure how soon words are there.")
    parser.add_argument("folder", type=Path, help="holds the corpora")
    parser.add_argument("--chunk", type=int, action="append", help="frames of 10 ms at a time")
    parser.add_argument("--model-dir", type=Path, default=Path("speech/model"))
    parser.add_argument("--built", type=Path, default=Path("var/accuracy/model"))
    parser.add_argument("--work", type=Path, default=Path("var/training"))
    parser.add_argument("--most", type=int, default=150)
    options = parser.parse_args(arguments)
    prepare(options.folder, options.work, report=lambda text: print(text, file=sys.stderr))
    sets = Sets(options.work, [], "test", options.most).all()
    turns = [*sets[DIGITS_SET], *sets[DIALOGUE_SET]]
    built = ensure_model(options.model_dir, options.built, [], [])
    print(
        "chunk | word shows after its end: median, p95 | final after the silence: median, p95 | real-time factor",
        end="",
    )
    print(" | word error: of the whole sound, ended by voice activity")
    with tempfile.TemporaryDirectory() as folder:
        for chunk in options.chunk or CHUNKS:
            recognizer, timing = VoskRecognizer(with_chunk(built, chunk, Path(folder))), Timing([], [], [], [])
            for spoken in tqdm(turns, desc=f"chunk {chunk}", mininterval=2):
                sound = through(spoken.sound(), LINE_CONDITION, [], "")
                sound = np.concatenate([sound, np.zeros(int(_TAIL_S * RATE), np.float32)])
                take(recognizer, spoken, pcm_of(sound), timing)
            showing, flush = (np.percentile(values, [50, 95]) for values in (timing.showings_ms, timing.flushes_ms))
            print(
                f"{chunk:5} | {showing[0]:.0f} ms, {showing[1]:.0f} ms | {flush[0]:.0f} ms, {flush[1]:.0f} ms"
                f" | {timing.core_s / timing.sound_s:.4f}"
                f" | {rate(timing.whole).percent:.2f} %, {rate(timing.ended).percent:.2f} %"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
