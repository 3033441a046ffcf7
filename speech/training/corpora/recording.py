"""What every reader of a corpus yields."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from speech.recognize import RATE


@dataclass(frozen=True)
class Recording:
    """A recording as the corpus holds it: `content` is a sound file (WAV, FLAC, MP3), `text` as it was written."""

    id: str
    corpus: str
    speaker: str
    group: str
    text: str
    content: bytes


@dataclass(frozen=True)
class Skipped:
    """Something of a corpus that cannot be used; counted, and told."""

    corpus: str
    reason: str


class UnreadableSound(Exception):
    """The content is no sound."""


def samples_of(content: bytes) -> tuple[NDArray[np.int16], list[str]]:
    """Mono samples at 8 kHz of a sound file, and what had to be changed for that ("stereo", "44100 Hz").

    Raises:
        UnreadableSound: if it is none, or empty.
    """
    try:
        sound, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    except (RuntimeError, ValueError, EOFError) as error:  # libsndfile's errors are RuntimeErrors
        raise UnreadableSound from error
    if not len(sound):
        raise UnreadableSound
    changed = [f"{rate} Hz"] if rate not in (RATE, 2 * RATE) else []
    if sound.ndim > 1:
        sound, changed = sound.mean(1), [*changed, "stereo"]
    narrow = soxr.resample(sound, rate, RATE) if rate != RATE else sound
    return (np.clip(narrow, -1, 32767 / 32768) * 32768).astype("<i2"), changed
