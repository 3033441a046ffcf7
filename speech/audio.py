"""Sound as bytes: 16-bit little-endian mono samples at `RATE` ("pcm"), and the ways in and out of it.

Everything inside the product is pcm; mu-law, WAV files and other rates are left behind here.
"""

from __future__ import annotations

import audioop
import io
import math
import os
import tempfile
import wave
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from speech.recognize import RATE

BYTES_PER_MS = RATE * 2 // 1000
FRAME_MS = 20  # what telephone lines send, and voice activity is decided on
FRAME_BYTES = FRAME_MS * BYTES_PER_MS
FULL_SCALE = 32768


class BadAudio(Exception):
    """A file is no sound that can be used; the message says what it should be instead."""


def pcm_from_mulaw(mulaw: bytes) -> bytes:
    """G.711 mu-law, one byte a sample at 8 kHz, as pcm."""
    return audioop.ulaw2lin(mulaw, 2)


def mulaw_from_pcm(pcm: bytes) -> bytes:
    """pcm as G.711 mu-law, one byte a sample at 8 kHz."""
    return audioop.lin2ulaw(pcm, 2)


def duration_ms(pcm: bytes) -> int:
    """How long it sounds, rounded down to whole ms."""
    return len(pcm) // BYTES_PER_MS


def silence(ms: int) -> bytes:
    """That many ms of digital silence."""
    return bytes(ms * BYTES_PER_MS)


def tone(hz: float, ms: int, level: float = 0.3) -> bytes:
    """A sine of `hz`, peak `level` (0..1), with 5 ms ramps so that it does not click."""
    count = ms * RATE // 1000
    time_s = np.arange(count) / RATE
    ramp = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.005 * RATE), 0, 1)
    return _to_pcm(level * ramp * np.sin(2 * math.pi * hz * time_s))


def resample(pcm: bytes, rate: int) -> bytes:
    """16-bit mono samples at `rate` as pcm; soxr's HQ filter keeps what lies above 4 kHz from folding back."""
    if rate == RATE or not pcm:
        return pcm
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32) / FULL_SCALE
    return _to_pcm(soxr.resample(samples, rate, RATE, quality="HQ"))


class LiveHalver:
    """Sound at twice our rate that comes piece by piece, as pcm, 2 ms behind (soxr's own streams are 60 to 115 ms).

    A windowed sinc of 63 taps: flat to 3.4 kHz, 40 dB down at 4.2 kHz.
    """

    _REACH = 31
    _AT = np.arange(-_REACH, _REACH + 1)
    _TAPS = 0.4625 * np.sinc(0.4625 * _AT) * np.hamming(2 * _REACH + 1)

    def __init__(self) -> None:
        self._kept: npt.NDArray[Any] = np.zeros(self._REACH)

    def push(self, sound: bytes) -> bytes:
        """Take 16-bit mono samples; gives what is ready."""
        samples = np.concatenate((self._kept, np.frombuffer(sound, dtype="<i2") / FULL_SCALE))
        ready = max(0, (len(samples) - len(self._TAPS)) // 2 + 1)
        self._kept = samples[2 * ready :]
        if not ready:
            return b""
        return _to_pcm(np.convolve(samples, self._TAPS, "valid")[: 2 * ready : 2])


def level_db(pcm: bytes) -> float:
    """Root mean square in dB below full scale; -100 for digital silence and for nothing."""
    rms = audioop.rms(pcm, 2) if pcm else 0
    return 20 * math.log10(rms / FULL_SCALE) if rms else -100.0


def normalise(pcm: bytes, target_db: float = -20.0, peak_db: float = -1.0) -> bytes:
    """Scale to a mean level of `target_db`, but no peak above `peak_db` (both below full scale).

    -20 dB is 6 dB over ITU-T P.56's nominal speech level: elderly callers ask for louder, and espeak-ng's
    peaks stay unclipped. Digital silence stays what it is.
    """
    peak = audioop.max(pcm, 2) if pcm else 0
    if not peak:
        return pcm
    wanted = 10 ** ((target_db - level_db(pcm)) / 20)
    most = FULL_SCALE * 10 ** (peak_db / 20) / peak
    return audioop.mul(pcm, 2, min(wanted, most))


def trim(pcm: bytes, keep_ms: int = 30, threshold_db: float = -45.0) -> bytes:
    """Cut silence off both ends, but for `keep_ms`. All silence gives nothing.

    Silence is whatever peaks `threshold_db` below full scale in a 5 ms slice: quieter than the
    weakest final consonant of espeak-ng at normal level.
    """
    slice_bytes = 5 * BYTES_PER_MS
    loudest = FULL_SCALE * 10 ** (threshold_db / 20)
    starts = range(0, len(pcm), slice_bytes)
    loud = [s for s in starts if audioop.max(pcm[s : s + slice_bytes], 2) > loudest]
    if not loud:
        return b""
    keep = keep_ms * BYTES_PER_MS
    return pcm[max(0, loud[0] - keep) : loud[-1] + slice_bytes + keep]


def wav_bytes(pcm: bytes) -> bytes:
    """A whole WAV file of pcm."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    return buffer.getvalue()


def write_wav(path: Path, pcm: bytes) -> None:
    """Write a WAV file; a reader finds the old file or the whole new one, never a part."""
    write_whole(path, wav_bytes(pcm))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file by way of a temporary one beside it, so that no reader and no crash sees a part of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def read_wav(source: Path | bytes) -> bytes:
    """Any PCM WAV file (8 to 32 bit, any rate, any number of channels) as pcm; channels are mixed.

    Headers that promise more than there is (as programs write into pipes) are read as far as the sound goes.

    Raises:
        BadAudio: not there, not a WAV file, not PCM, or without sound.
    """
    label = "the WAV data" if isinstance(source, bytes) else source.name
    try:
        content = source if isinstance(source, bytes) else source.read_bytes()
        with wave.open(io.BytesIO(content), "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(len(content))
    except OSError as error:
        raise BadAudio(f"{label}: cannot be read ({error.strerror}); give the path of a WAV file") from error
    except (wave.Error, EOFError, ValueError) as error:
        raise BadAudio(f"{label}: not a PCM WAV file ({error}); save it as 16-bit PCM WAV") from error
    if width not in (1, 2, 3, 4) or not 1000 <= rate <= 384_000:
        raise BadAudio(f"{label}: {8 * width} bit at {rate} Hz is not supported; save it as 16-bit PCM WAV")
    frames = frames[: len(frames) // (width * channels) * width * channels]
    if not frames:
        raise BadAudio(f"{label}: holds no sound; record it again")
    return resample(_mono_16_bit(frames, width, channels), rate)


def _mono_16_bit(frames: bytes, width: int, channels: int) -> bytes:
    if width == 1:  # WAV keeps 8-bit samples unsigned
        frames = audioop.bias(frames, 1, -128)
    frames = audioop.lin2lin(frames, width, 2)
    if channels == 1:
        return frames
    mixed = np.frombuffer(frames, dtype="<i2").reshape(-1, channels).mean(axis=1)
    return _to_pcm(mixed / FULL_SCALE)


def _to_pcm(samples: npt.NDArray[Any]) -> bytes:
    """Floats, full scale at 1, as 16-bit samples; what is louder is clipped."""
    whole: npt.NDArray[np.int16] = np.clip(np.rint(samples * FULL_SCALE), -FULL_SCALE, FULL_SCALE - 1).astype("<i2")
    return whole.tobytes()
