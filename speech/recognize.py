"""The contract of a recogniser. Implementations: `speech.vosk_recognizer`; fakes pass the same tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

RATE = 8000  # samples per second everywhere inside: the telephone's
UNKNOWN = "[unk]"  # what a recogniser writes for speech that is none of its words


class RecognizerUnavailable(Exception):
    """The recogniser cannot be used (no model, broken model); the line goes on with keys and recording."""


@dataclass(frozen=True)
class Word:
    """A recognised word; times in ms from the first sample given to the stream; confidence 0..1."""

    text: str
    start_ms: int
    end_ms: int
    confidence: float


@dataclass(frozen=True)
class Hypothesis:
    """What was understood of one utterance. `text` is lower case, words apart by one space, may be empty.

    `certainty` is how likely the whole of it was understood, 0..1, where the model was calibrated for that.
    """

    text: str = ""
    words: tuple[Word, ...] = ()
    certainty: float | None = None

    @property
    def confidence(self) -> float:
        """Certainty, or the mean word confidence of a model without calibration, 0..1; 0 without words."""
        if self.certainty is not None:
            return self.certainty
        return sum(w.confidence for w in self.words) / len(self.words) if self.words else 0.0


class RecognitionStream(Protocol):
    """One utterance being heard. Used by one thread at a time; of no use after `finish`."""

    def accept(self, pcm: bytes) -> None:
        """Take 16-bit mono samples at `RATE`; any even number of bytes."""

    def partial(self) -> str:
        """What is understood so far; may still change."""

    def finish(self) -> Hypothesis:
        """The best hypothesis of all that was accepted."""


class Recognizer(Protocol):
    """A loaded model, shared by all calls of a process."""

    name: str  # of the model and graph, kept with every transcript

    def listen(self, phrases: Sequence[str] | None = None) -> RecognitionStream:
        """Begin an utterance: free speech, or only these phrases (and `[unk]`).

        Words that the model does not know are left out of the phrases, never passed on
        (Vosk crashes on empty grammars); if nothing remains, the stream is free.
        """

    def knows(self, word: str) -> bool:
        """Whether the vocabulary holds this word."""
