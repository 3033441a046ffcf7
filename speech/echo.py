"""Is what the line hears its own voice, come back? By the waveform, not by words: our prompts name the very words.

Likeness of 400 ms of our voice through mu-law, filtered as by an earpiece, 6 to 22 dB softer: 0.87 (1st percentile).
Of five other espeak-ng voices that say commands over a prompt (292 pieces): median 0.25, 95th percentile 0.46, most
0.71; at 200 ms these were 0.32, 0.63 and 0.83, hence `SHORTEST_MS`. Real telephones' echo, which is not linear, is not
in it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from speech.audio import FRAME_MS

RATE = 8
ECHO = 0.75  # share of the amplitude that our voice explains, from which it is an echo: a caller not heard is worse
BEFORE_MS, AFTER_MS = 2500, 400  # of what was sent before and after the moment; telephone networks take 0.1 to 1 s
SHORTEST_MS, LONGEST_MS = 300, 400  # of what was heard that is compared: told from chance, and a caller's first words
EDGE_HZ = (300.0, 3400.0)


class EchoJudge:
    """Keeps what is being played and compares it with what is heard. One a call; not shared by threads.

    Time is counted in heard sound, which comes as steadily as ours is played.
    """

    def __init__(self) -> None:
        self._sent = bytearray()
        self._heard_ms = 0

    def begin(self) -> None:
        """A prompt begins to play: nothing that was sent before is heard any more."""
        self._sent.clear()
        self._heard_ms = 0

    def send(self, pcm: bytes) -> None:
        """Sound that was queued behind what was sent since `begin` (16-bit, 8 kHz)."""
        self._sent += pcm

    def tick(self) -> None:
        """A frame of 20 ms was heard."""
        self._heard_ms += FRAME_MS

    def likeness(self, heard: bytes, ago_ms: int = 0) -> float:
        """How much of what was heard (16-bit, 8 kHz) up to `ago_ms` before now was sent shortly before it, 0..1."""
        heard = heard[-LONGEST_MS * 2 * RATE :]
        now = self._heard_ms - ago_ms
        begin = max(0, now - len(heard) // (2 * RATE) - BEFORE_MS)
        sent = bytes(self._sent[2 * RATE * begin : 2 * RATE * (now + AFTER_MS)])
        if len(heard) < 2 * RATE * SHORTEST_MS or len(sent) < len(heard):
            return 0.0
        return _highest_correlation(_samples(sent), _samples(heard))


def _samples(pcm: bytes) -> NDArray[np.float64]:
    return np.frombuffer(pcm, dtype="<i2").astype(np.float64)


def _highest_correlation(long: NDArray[np.float64], short: NDArray[np.float64]) -> float:
    """Normalised cross-correlation at the best delay (at least 0), both within the telephone's band."""
    size = 1 << (len(long) + len(short) - 1).bit_length()
    hz = np.fft.rfftfreq(size, 1 / (1000 * RATE))
    band = (hz >= EDGE_HZ[0]) & (hz <= EDGE_HZ[1])
    spectrum_long, spectrum_short = np.fft.rfft(long, size) * band, np.fft.rfft(short, size) * band
    products = np.fft.irfft(spectrum_long * np.conj(spectrum_short), size)[: len(long) - len(short) + 1]
    filtered = np.fft.irfft(spectrum_long, size)[: len(long)]
    energy = np.concatenate([[0.0], np.cumsum(filtered**2)])
    window = energy[len(short) :] - energy[: len(energy) - len(short)]
    own = float(np.sum(np.fft.irfft(spectrum_short, size)[: len(short)] ** 2))
    if own <= 0.0:
        return 0.0
    enough = window > 0.01 * max(float(window.max()), 1.0)  # pauses of ours are like anything
    if not enough.any():
        return 0.0
    return float(np.max(np.abs(products[enough]) / np.sqrt(window[enough] * own)))
