"""Recordings as the browser plays them: WAV, made when asked for, never kept in the clear."""

from __future__ import annotations

import io
import struct
from typing import Protocol

from flask import Response, send_file

RATE = 8000  # samples per second: the telephone's
WIDTH = 2  # bytes per sample


class Sounds(Protocol):
    """Where recordings are read from; `models.recordings.Recordings` is one."""

    def read_pcm(self, recording_id: str) -> bytes:
        """16-bit mono samples at 8 kHz.

        Raises:
            RecordingMissing, UnreadableSecret: see `models.recordings`.
        """


def wav(pcm: bytes) -> bytes:
    """A WAV file of 16-bit mono samples at 8 kHz."""
    head = struct.pack("<4sI4s", b"RIFF", 36 + len(pcm), b"WAVE")
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, RATE * WIDTH, WIDTH, 8 * WIDTH)
    return head + form + struct.pack("<4sI", b"data", len(pcm)) + pcm


def answer_with_sound(pcm: bytes) -> Response:
    """The sound, whole or the range that the browser asks for (that is how it seeks)."""
    response = send_file(io.BytesIO(wav(pcm)), mimetype="audio/wav", conditional=True, etag=False, max_age=0)
    response.headers["Accept-Ranges"] = "bytes"
    return response
