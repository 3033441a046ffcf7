"""Vosk behind the recogniser's contract; all its sharp edges are guarded here.

Vosk 0.3.45 ends the whole process on a broken model or an empty grammar, and drops unknown grammar words with
no more than a line on stderr. Hence the trial in a child process, and the care with phrases.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import vosk

from speech import confidence
from speech.confidence import Calibration, load_calibration
from speech.graph.seal import SEAL, broken_seal
from speech.recognize import RATE, UNKNOWN, Hypothesis, RecognizerUnavailable, Word

TRIAL_SECONDS = 60  # a model of 50,000 words loads in 0.2 s; a slow disk may take long
_NEEDED = ("am/final.mdl", "conf/model.conf", "graph/words.txt")
_BUILD_ANEW = "remove the directory and run script/run to build it anew"
# Of our own models. A wrong subsampling does not fail in Vosk: it decodes three times too fast.
_OPTIONS = (
    ("conf/model.conf", "--frame-subsampling-factor", "3"),
    ("conf/mfcc.conf", "--sample-frequency", str(RATE)),
)
_TRIAL = """
import sys, vosk
vosk.SetLogLevel(-1)
model, rate = vosk.Model(sys.argv[1]), int(sys.argv[2])
for grammar in [], ['["[unk]"]']:
    recognizer = vosk.KaldiRecognizer(model, rate, *grammar)
    recognizer.AcceptWaveform(bytes(8 * rate))
    recognizer.FinalResult()
"""  # four seconds of silence: end-pointing, too, ends the process when its option is missing


class VoskRecognizer:
    """A Vosk model, shared by all calls of a process. Streams of one recogniser may run in many threads."""

    def __init__(self, model_dir: Path) -> None:
        """Load a model directory, first in a child process, since a broken one ends the process.

        Raises:
            RecognizerUnavailable: if the directory lacks something or Vosk cannot load it.
        """
        for name in _NEEDED:
            if not (model_dir / name).is_file() or not (model_dir / name).stat().st_size:
                raise RecognizerUnavailable(f"{model_dir / name}: missing or empty; run script/run to build the model")
        _check_files(model_dir)
        try:
            self._calibration = load_calibration(model_dir / confidence.FILE)
        except ValueError as error:
            raise RecognizerUnavailable(str(error)) from error
        _try(model_dir)
        vosk.SetLogLevel(-1)
        self._model = vosk.Model(str(model_dir))
        self.name = f"vosk-{version('vosk')}:{_version_of(model_dir)}"

    def listen(self, phrases: Sequence[str] | None = None) -> VoskStream:
        """Begin an utterance; see `speech.recognize.Recognizer`."""
        grammar = self._grammar(phrases or ())
        bound = [json.dumps([*grammar, UNKNOWN])] if grammar else []
        return VoskStream(vosk.KaldiRecognizer(self._model, RATE, *bound), self._calibration, free=not grammar)

    def knows(self, word: str) -> bool:
        """Whether the vocabulary holds this word."""
        return word == UNKNOWN or (word.isalpha() and self._model.vosk_model_find_word(word) > 0)

    def _grammar(self, phrases: Iterable[str]) -> list[str]:
        """The phrases in words that the model knows, once each; those with no such word vanish."""
        if isinstance(phrases, str):  # a string is a sequence of strings, too
            raise TypeError("phrases must be a list of phrases, not one string")
        known = (" ".join(w for w in phrase.lower().split() if w != UNKNOWN and self.knows(w)) for phrase in phrases)
        return list(dict.fromkeys(phrase for phrase in known if phrase))


class VoskStream:
    """One utterance. Vosk cuts it at its own pauses; the pieces are put together again here."""

    def __init__(self, recognizer: Any, calibration: Calibration | None, free: bool) -> None:
        recognizer.SetWords(True)
        self._recognizer, self._calibration, self._free = recognizer, calibration, free
        self._words: list[Word] = []

    def accept(self, pcm: bytes) -> None:
        """Take 16-bit mono samples at 8 kHz.

        Raises:
            ValueError: if half a sample is given.
        """
        if len(pcm) % 2:
            raise ValueError("16-bit samples come in an even number of bytes")
        if pcm and self._recognizer.AcceptWaveform(bytes(pcm)):
            self._take(self._recognizer.Result())

    def partial(self) -> str:
        """What is understood so far; may still change."""
        now = json.loads(self._recognizer.PartialResult()).get("partial", "")  # lacks it before the first sound
        return _join([*(w.text for w in self._words), now])

    def finish(self) -> Hypothesis:
        """The best hypothesis of all that was accepted."""
        self._take(self._recognizer.FinalResult())
        certainty = None
        if self._calibration and self._words:
            certainty = self._calibration.confidence(self._words, self._free)
        return Hypothesis(_join(w.text for w in self._words), tuple(self._words), certainty)

    def _take(self, result: str) -> None:
        for word in json.loads(result).get("result", ()):
            start_ms, end_ms = (round(1000 * word[edge]) for edge in ("start", "end"))
            self._words.append(Word(word["word"], start_ms, end_ms, min(1.0, max(0.0, word["conf"]))))


def _join(pieces: Iterable[str]) -> str:
    return " ".join(" ".join(pieces).split())


def _check_files(model_dir: Path) -> None:
    """What Vosk would not complain of, but decode into nonsense."""
    broken = broken_seal(model_dir)
    if broken:
        raise RecognizerUnavailable(f"{model_dir / broken}: not the file that this model was built with; {_BUILD_ANEW}")
    for name, option, needed in _OPTIONS:
        path = model_dir / name
        given = re.search(rf"^{option}=(\S+)", path.read_text(), re.MULTILINE) if path.is_file() else None
        if given and (model_dir / SEAL).is_file() and given[1] != needed:
            raise RecognizerUnavailable(f"{path}: {option} is {given[1]}, the network needs {needed}; {_BUILD_ANEW}")


def _try(model_dir: Path) -> None:
    """Load the model and hear some silence in a process that may die of it."""
    command = [sys.executable, "-c", _TRIAL, str(model_dir), str(RATE)]
    try:
        trial = subprocess.run(command, capture_output=True, text=True, timeout=TRIAL_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise RecognizerUnavailable(f"{model_dir}: Vosk did not load it in {TRIAL_SECONDS} s") from error
    if trial.returncode:
        lines = [line for line in trial.stderr.splitlines() if line.startswith(("ERROR", "ASSERTION"))]
        reason = lines[-1] if lines else f"status {trial.returncode}"
        raise RecognizerUnavailable(f"{model_dir}: Vosk cannot load it ({reason}); remove it and run script/run")


def _version_of(model_dir: Path) -> str:
    path = model_dir / "version.txt"
    return path.read_text().strip() if path.is_file() else model_dir.name
