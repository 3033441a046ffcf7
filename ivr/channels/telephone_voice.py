"""The voice of the test caller: espeak-ng's own program, or a WAV file."""

from __future__ import annotations

import audioop
import random
import shutil
import struct
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from speech.audio import BYTES_PER_MS, normalise, read_wav, trim
from speech.recognize import RATE

SPEAK_TIMEOUT_S = 20
QUIET_BELOW_PEAK = 0.03  # a slice 30 dB under the loudest sample is no speech any more
HISS_PEAK = 24  # of 32768: about -67 dB, a quiet room on a telephone; digital silence is on no real line


class NoVoice(Exception):
    """The caller cannot speak; says what is missing."""


@dataclass(frozen=True)
class Speech:
    """Something to be said: 16-bit samples at 8 kHz, and the words if they are known."""

    pcm: bytes
    text: str

    @property
    def end_ms(self) -> int:
        """Where the last sound of speech is, counted from the first sample; what follows is silence or noise."""
        slice_bytes = 5 * BYTES_PER_MS
        loud = audioop.max(self.pcm, 2) * QUIET_BELOW_PEAK if self.pcm else 0
        starts = range(0, len(self.pcm), slice_bytes)
        last = max((s for s in starts if audioop.max(self.pcm[s : s + slice_bytes], 2) > loud), default=0)
        return min(last + slice_bytes, len(self.pcm)) // BYTES_PER_MS


@dataclass(frozen=True)
class Voice:
    """A voice of espeak-ng.

    Attributes:
        variant: m1-m8, f1-f5, croak, whisper ...; empty for the plain voice.
        pace: words per minute; people tell their troubles at 120-160.
    """

    variant: str = "m3"
    pace: int = 130

    def say(self, text: str) -> Speech:
        """`text` as speech.

        Raises:
            NoVoice: espeak-ng is missing or gives no sound.
        """
        return Speech(_espeak(text, self.variant, self.pace), text)


@lru_cache(maxsize=512)
def _espeak(text: str, variant: str, pace: int) -> bytes:
    program = shutil.which("espeak-ng")
    if program is None:
        raise NoVoice("espeak-ng is missing: apt install espeak-ng")
    voice = f"id+{variant}" if variant else "id"
    command = [program, "-v", voice, "-s", str(pace), "--stdout", "--stdin"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=SPEAK_TIMEOUT_S, check=False)
    if done.returncode or not done.stdout:
        raise NoVoice(f"espeak-ng gave no sound (exit status {done.returncode}); is the voice {voice} installed?")
    return normalise(trim(read_wav(done.stdout)))


def recorded_speech(path: Path) -> Speech:
    """A WAV file as speech, at the level it has.

    Raises:
        speech.audio.BadAudio: no WAV file that can be used.
    """
    return Speech(read_wav(path), f"[{path.name}]")


@lru_cache(maxsize=1)
def room() -> bytes:
    """A second of a quiet room, 16-bit samples at 8 kHz; always the same, so that calls can be repeated."""
    noise = random.Random(1)  # noqa: S311 - noise, no secret
    return struct.pack(f"<{RATE}h", *(noise.randint(-HISS_PEAK, HISS_PEAK) for _ in range(RATE)))
