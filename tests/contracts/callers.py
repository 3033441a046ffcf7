"""Callers for tests: espeak-ng's Indonesian voices, by its command line, as 8 kHz samples."""

from __future__ import annotations

import subprocess
from functools import lru_cache

from speech.audio import read_wav, silence


@lru_cache(maxsize=256)
def say(text: str, voice: str = "id+m3", pace: int = 140, before_ms: int = 200, after_ms: int = 600) -> bytes:
    """A sentence with silence around it."""
    command = ["espeak-ng", "-v", voice, "-s", str(pace), "--stdout", text]
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    return silence(before_ms) + read_wav(wav) + silence(after_ms)
