"""How well the recogniser hears: known sentences by many voices in, word errors out. Run by `script/accuracy`.

Callers made by espeak-ng show what vocabulary, pronunciations and grammars do. Of people they say little: the
acoustic model was trained on such voices, too. For people, give recordings (`--wav-dir`).
"""

from __future__ import annotations

import argparse
import csv
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from speech.accuracy.phrases import add_words_option, phrases_of
from speech.accuracy.score import word_errors
from speech.accuracy.sets import COMMANDS
from speech.audio import FRAME_BYTES, BadAudio, read_wav, silence
from speech.graph import GraphError, ensure_model
from speech.graph.text import DIGITS
from speech.pronounce import words_of
from speech.recognize import RATE, UNKNOWN, Recognizer, RecognizerUnavailable
from speech.training.telephone import floats_of, line, pcm_of
from speech.vosk_recognizer import VoskRecognizer

CALLERS = ("id@140", "id+m1@150", "id+m3@130", "id+m7@165", "id+f2@140", "id+f4@160")  # voice @ words a minute
_FREE = (
    "saya mau lapor lampu jalan mati,sampah menumpuk di depan rumah saya,jalannya berlubang sudah sebulan,"
    "got mampet tolong segera dibersihkan,air pam mati dari kemarin,pohon tumbang menutup jalan,"
    "ada kebakaran di pasar tolong cepat,saya mau cek status laporan saya,ktp saya belum jadi sudah dua bulan,"
    "tetangga saya berisik sampai tengah malam"
)
FREE = _FREE.split(",")
END_SILENCE_MS = 800  # what a caller's silence adds before the line takes the turn


@dataclass(frozen=True)
class Utterance:
    """What was said, as sound at 8 kHz; `grammar` None is free speech; `expected` differs for what is to be refused."""

    task: str
    said: str
    pcm: bytes
    grammar: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Result:
    utterance: Utterance
    heard: str
    confidence: float
    decode_s: float
    flush_s: float  # from the last sample to the answer


def speak(text: str, caller: str) -> bytes:
    """A sentence by one of `CALLERS`, with a little silence around it."""
    voice, _, pace = caller.partition("@")
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        subprocess.run(["espeak-ng", "-v", voice, "-s", pace, "-w", file.name, text], check=True, capture_output=True)
        return silence(200) + read_wav(Path(file.name)) + silence(END_SILENCE_MS)


def _over_the_line(pcm: bytes) -> bytes:
    return pcm_of(line(floats_of(pcm)))


def hear(recognizer: Recognizer, utterance: Utterance) -> Result:
    began = time.process_time()
    stream = recognizer.listen(utterance.grammar)
    for at in range(0, len(utterance.pcm), FRAME_BYTES):
        stream.accept(utterance.pcm[at : at + FRAME_BYTES])
    flush = time.perf_counter()
    hypothesis = stream.finish()
    ended = time.perf_counter()
    return Result(utterance, hypothesis.text, hypothesis.confidence, time.process_time() - began, ended - flush)


def spoken_tasks(phrases: Sequence[str], callers: Sequence[str]) -> Iterator[Utterance]:
    """Digits, commands, the phrases, free sentences, and what no grammar holds and [unk] must catch."""
    chance = random.Random(8)  # noqa: S311 - the same test every time
    digits, commands, names = tuple(DIGITS), tuple(COMMANDS), tuple(sorted({" ".join(words_of(p)) for p in phrases}))
    for caller in callers:
        for _ in range(12):
            said = " ".join(chance.choices(DIGITS, k=8))
            yield Utterance("digits, 8 long", said, speak(said.replace(" ", ", "), caller), digits)
        for said in COMMANDS:
            yield Utterance("commands", said, speak(said, caller), commands)
        for said in names:
            yield Utterance("place names", said, speak(said, caller), names)
        for said in FREE:
            yield Utterance("free sentences", said, speak(said, caller))
            yield Utterance("not in grammar", UNKNOWN, speak(said, caller), names)


def recorded_tasks(folder: Path) -> Iterator[Utterance]:
    """Recordings: `transcripts.tsv` holds a line each of file name, TAB, what is said. Digits get their grammar."""
    table = folder / "transcripts.tsv"
    for number, row in enumerate(csv.reader(table.open(encoding="utf-8"), delimiter="\t"), start=1):
        if len(row) != 2:
            raise BadAudio(f"{table}: line {number}: write file name, TAB, what is said")
        words = words_of(row[1])
        only_digits = set(words) <= set(DIGITS)
        pcm = read_wav(folder / row[0]) + silence(END_SILENCE_MS)
        if only_digits:
            yield Utterance("recorded digits", " ".join(words), pcm, tuple(DIGITS))
        yield Utterance("recorded, free", " ".join(words), pcm)


def table(results: Iterable[Result]) -> str:
    """The figures as text, a task a line."""
    by_task: dict[str, list[Result]] = {}
    for result in results:
        by_task.setdefault(result.utterance.task, []).append(result)
    head = f"{'task':32} {'said':>5} {'word error':>10} {'all right':>9} {'conf. right':>11} {'wrong':>6} "
    head += f"{'RTF':>6} {'flush p95':>9}"
    return "\n".join([head, *(_row(task, rows) for task, rows in by_task.items())])


def _row(task: str, rows: Sequence[Result]) -> str:
    errors = sum(word_errors(r.utterance.said.split(), r.heard.split()) for r in rows)
    words = sum(len(r.utterance.said.split()) for r in rows)
    right = [r for r in rows if _right(r)]
    wrong = [r for r in rows if not _right(r)]
    seconds = sum(len(r.utterance.pcm) for r in rows) / (2 * RATE)
    flush = sorted(r.flush_s for r in rows)[int(0.95 * (len(rows) - 1))]
    word_error = "-" if rows[0].utterance.said == UNKNOWN else f"{100 * errors / words:.1f} %"
    return (
        f"{task:32} {len(rows):5} {word_error:>10} {100 * len(right) / len(rows):7.1f} % {_mean(right):11} "
        f"{_mean(wrong):>6} {sum(r.decode_s for r in rows) / seconds:6.3f} {1000 * flush:6.0f} ms"
    )


def _right(result: Result) -> bool:
    if result.utterance.said == UNKNOWN:  # refused, if nothing but [unk] was heard
        return set(result.heard.split()) <= {UNKNOWN}
    return result.heard == result.utterance.said


def _mean(results: Sequence[Result]) -> str:
    return f"{sum(r.confidence for r in results) / len(results):.2f}" if results else "-"


def confusions(results: Iterable[Result], most: int = 40) -> str:
    """What was heard for what, most frequent first."""
    wrong = Counter((r.utterance.task, r.utterance.said, r.heard or "(nothing)") for r in results if not _right(r))
    return "\n".join(f"{n:3} x {task}: {said} -> {heard}" for (task, said, heard), n in wrong.most_common(most))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="script/accuracy", description="Measure the recogniser.")
    parser.add_argument("--phrases", action="append", default=[], help="FILE:COLUMN with names that callers say")
    add_words_option(parser)
    parser.add_argument("--model-dir", type=Path, default=Path("speech/model"), help="acoustic model")
    parser.add_argument("--built", type=Path, default=Path("var/accuracy/model"), help="where the graph is built")
    parser.add_argument("--wav-dir", type=Path, help="recordings with transcripts.tsv, instead of espeak-ng's voices")
    parser.add_argument("--callers", type=int, default=len(CALLERS), help="how many of espeak-ng's voices speak")
    options = parser.parse_args(arguments)
    try:
        phrases = list(phrases_of(*options.phrases))
        words = list(phrases_of(*options.words))
        recognizer = VoskRecognizer(ensure_model(options.model_dir, options.built, [*phrases, *words], []))
        spoken = (
            recorded_tasks(options.wav_dir) if options.wav_dir else spoken_tasks(phrases, CALLERS[: options.callers])
        )
        said = list(spoken)
    except (GraphError, RecognizerUnavailable, BadAudio, OSError, KeyError) as error:
        print(f"script/accuracy: {error}", file=sys.stderr)
        return 1
    results = []
    for how, through in (("clean", bytes), ("line", _over_the_line)):
        results += [hear(recognizer, Utterance(f"{u.task}, {how}", u.said, through(u.pcm), u.grammar)) for u in said]
    print(f"{recognizer.name}; line = 300 to 3400 Hz and mu-law\n\n{table(results)}\n")
    print(f"Heard wrong:\n{confusions(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
