"""A recogniser that hears what its script says: for tests of what is done with recognised words."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from speech.recognize import RATE, UNKNOWN, Hypothesis, RecognitionStream, Word

WORD_MS = 300  # a word of the script is "spoken" in each such piece of sound
_BYTES_PER_MS = 2 * RATE // 1000


class ScriptedRecognizer:
    """Each utterance that gets sound hears the next text of the script; when it is used up, nothing.

    Words show one by one, one for each `WORD_MS` of sound; `finish` gives all of them, however short the sound.
    With phrases given, words of none of them are heard as `[unk]`, as a real grammar would do.
    """

    name = "scripted"

    def __init__(self, script: Sequence[str], confidence: float = 1.0, vocabulary: str = "") -> None:
        """The recogniser knows the words of its script and, besides, those of `vocabulary`."""
        self._script = iter([text.lower().split() for text in script])
        self._known = {UNKNOWN, *" ".join([*script, vocabulary]).lower().split()}
        self._confidence = confidence
        self._lock = threading.Lock()

    def listen(self, phrases: Sequence[str] | None = None) -> RecognitionStream:
        allowed = {word for phrase in phrases or () for word in phrase.lower().split() if self.knows(word)}
        return _ScriptedStream(self, allowed - {UNKNOWN}, self._confidence)

    def knows(self, word: str) -> bool:
        return word in self._known

    def next_text(self) -> list[str]:
        with self._lock:
            return next(self._script, [])


class _ScriptedStream:
    def __init__(self, recognizer: ScriptedRecognizer, allowed: set[str], confidence: float) -> None:
        self._recognizer = recognizer
        self._allowed = allowed
        self._confidence = confidence
        self._words: list[str] | None = None
        self._bytes = 0

    def accept(self, pcm: bytes) -> None:
        if len(pcm) % 2:
            raise ValueError("16-bit samples come in an even number of bytes")
        if pcm and self._words is None:
            heard = self._recognizer.next_text()
            self._words = [w if not self._allowed or w in self._allowed else UNKNOWN for w in heard]
        self._bytes += len(pcm)

    def partial(self) -> str:
        return " ".join((self._words or [])[: self._bytes // (WORD_MS * _BYTES_PER_MS)])

    def finish(self) -> Hypothesis:
        words = self._words or []
        step = min(WORD_MS, self._bytes // _BYTES_PER_MS // max(len(words), 1))
        timed = (Word(text, n * step, (n + 1) * step, self._confidence) for n, text in enumerate(words))
        return Hypothesis(" ".join(words), tuple(timed))
