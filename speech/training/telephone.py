"""A telephone call in numbers: what a caller, a room, a street and a line do to a recording.

Sound is float32 in [-1, 1] at 8 kHz everywhere. `line` and `with_babble` are the fixed conditions that figures are
given for; `Telephone` makes the random calls that a network is trained on, a new one each time a recording is drawn.
"""

from __future__ import annotations

import audioop
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, sosfilt

from speech.training.features import RATE

Floats = NDArray[np.float32]
Rng = np.random.Generator

PACKET = RATE // 50  # samples: 20 ms, what one lost packet takes away
TALKERS = 6  # of the babble that figures are given for
TALKER_DB = -20.0
CALL_DB = -26.0  # level of a measured call
_SILENT = 1e-5
# Callers' levels in training; a line brings calls near -26 dB. Wider (even from -44 to -14 dB) taught the network to
# follow the talkers in the background, too: digits in babble at 15 dB had 22 % insertions instead of 8 %.
CALL_SPREAD_DB = 4.0
_TRACK_S = 120
NOISY = 0.65  # share of the calls; more, and the network drops the last, weaker word of a quiet call


def rms(x: Floats) -> float:
    """Root mean square; never quite 0, so that silence can be levelled."""
    return float(np.sqrt(np.mean(np.square(x)) + _SILENT**2)) if len(x) else _SILENT


def level(x: Floats, decibels: float) -> Floats:
    """The sound at so many dB below full scale."""
    return (x * np.float32(10 ** (decibels / 20) / rms(x))).astype(np.float32)


def add_noise(x: Floats, noise: Floats, snr_db: float) -> Floats:
    """Noise of the same length under a sound, so many dB below it, both over their whole length."""
    return x + level(noise, 20 * float(np.log10(rms(x))) - snr_db)


def band_pass(x: Floats, low_hz: float = 300.0, high_hz: float = 3400.0) -> Floats:
    """Butterworth of order 4."""
    return np.asarray(sosfilt(_filter(round(low_hz), round(high_hz)), x), np.float32)


@lru_cache(maxsize=512)
def _filter(low_hz: int, high_hz: int) -> NDArray[np.float64]:
    return np.asarray(butter(4, [low_hz, high_hz], "bandpass", fs=RATE, output="sos"))


def pcm_of(x: Floats) -> bytes:
    """16-bit samples, clipped at full scale."""
    return (np.clip(x, -1, 32767 / 32768) * 32768).astype("<i2").tobytes()


def floats_of(pcm: bytes) -> Floats:
    """What `pcm_of` made, as floats again."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768)


def mu_law(x: Floats) -> Floats:
    """There and back through G.711 mu-law."""
    return floats_of(audioop.ulaw2lin(audioop.lin2ulaw(pcm_of(x), 2), 2))


def a_law(x: Floats) -> Floats:
    """There and back through G.711 A-law."""
    return floats_of(audioop.alaw2lin(audioop.lin2alaw(pcm_of(x), 2), 2))


def gsm(x: Floats) -> Floats:
    """There and back through GSM 06.10 full rate."""
    file = io.BytesIO()
    soundfile.write(file, np.clip(x, -1, 1), RATE, format="WAV", subtype="GSM610")
    file.seek(0)
    heard = np.asarray(soundfile.read(file, dtype="float32")[0][: len(x)], np.float32)
    return np.pad(heard, (0, len(x) - len(heard)))


def lose_packets(x: Floats, rng: Rng, share: float) -> Floats:
    """Packets of 20 ms lost; the last one is repeated and fades (as in G.711 appendix I), or there is silence."""
    x = x.copy()
    fades = rng.random() < 0.5
    for number in np.flatnonzero(rng.random(len(x) // PACKET) < share):
        at = number * PACKET
        before = x[max(0, at - PACKET) : at]
        x[at : at + PACKET] = 0.7 * before if fades and len(before) == PACKET else 0
    return x


def line(x: Floats) -> Floats:
    """A quiet telephone line: 300 to 3400 Hz and mu-law."""
    return mu_law(band_pass(x))


def with_babble(x: Floats, talkers: Sequence[Floats], snr_db: float, rng: Rng) -> Floats:
    """A call from among six others who talk, so many dB below the caller, over a line."""
    noise = babble(talkers, len(x) + RATE, rng)
    start = rng.integers(0, RATE)
    return mu_law(level(band_pass(add_noise(x, noise[start : start + len(x)], snr_db)), CALL_DB))


def babble(talkers: Sequence[Floats], samples: int, rng: Rng, count: int = TALKERS) -> Floats:
    """So many of the talkers at once, equally loud, for so long."""
    together = np.zeros(samples, np.float32)
    for _ in range(count):
        chosen = rng.integers(0, len(talkers), samples // (2 * RATE) + 2)
        together += np.resize(np.concatenate([level(talkers[n], TALKER_DB) for n in chosen]), samples)
    return together


def coloured(samples: int, rng: Rng, slope: float) -> Floats:
    """Noise whose power falls with frequency: slope 0 is white, 0.5 pink, 1 brown."""
    spectrum = np.fft.rfft(rng.standard_normal(samples, np.float32))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1) ** slope
    return level(np.fft.irfft(spectrum, samples).astype(np.float32), TALKER_DB)


def street(samples: int, rng: Rng) -> Floats:
    """Rumble that swells as engines pass, and now and then a horn."""
    knots = np.arange(0, samples + RATE, RATE // 2)
    swell = np.interp(np.arange(samples), knots, np.maximum(0.1, 1 + 0.8 * rng.standard_normal(len(knots))))
    sound = coloured(samples, rng, 1.0) * swell.astype(np.float32)
    for _ in range(samples // (6 * RATE)):
        length = int(rng.integers(RATE // 5, RATE))
        at = int(rng.integers(0, samples - length))
        sound[at : at + length] += 0.2 * _tone(rng.uniform(300, 900), length)
    return level(sound, TALKER_DB)


def music(samples: int, rng: Rng) -> Floats:
    """Three notes at a time, two chords a second: a radio in the room."""
    sound = np.zeros(samples + RATE, np.float32)
    for at in range(0, samples, RATE // 4):
        for half_tones in rng.integers(0, 30, 3):
            sound[at : at + RATE // 2] += _tone(220 * 2 ** (half_tones / 12), RATE // 2)
    return level(sound[:samples], TALKER_DB)


def _tone(hertz: float, samples: int) -> Floats:
    return (np.sin(2 * np.pi * hertz * np.arange(samples) / RATE) * np.hanning(samples)).astype(np.float32)


def change_tempo(x: Floats, factor: float) -> Floats:
    """Faster (> 1) or slower at the same pitch: overlap-add where the waves fit best (WSOLA, Verhelst 1993)."""
    frame, search = 240, 40
    hop = frame // 2
    window = np.hanning(frame).astype(np.float32)
    count = int((len(x) - 2 * frame - search) / (hop * factor))
    if count < 2:
        return x
    out = np.zeros(count * hop + frame, np.float32)
    wanted = x[:frame]
    for number in range(count):
        first = max(0, int(number * hop * factor) - search)
        piece = x[first : first + hop + 2 * search]
        at = first + int(np.correlate(piece, wanted[:hop], "valid").argmax())
        out[number * hop : number * hop + frame] += x[at : at + frame] * window
        wanted = x[at + hop : at + hop + frame]
    return out


@dataclass(frozen=True)
class Noise:
    """A long track to cut noise from. One or two voices must stay well below the caller: else who is meant?"""

    track: Floats
    least_snr_db: float = 0.0


class Telephone:
    """Random calls. `talkers` (training speakers only) make the babble."""

    def __init__(self, talkers: Sequence[Floats], seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        samples = RATE * _TRACK_S
        self._voices = [Noise(babble(talkers, samples, rng, count), 10.0) for count in (1, 2, 2)]
        self._crowds = [Noise(babble(talkers, samples, rng, count)) for count in (3, 4, 6, 6, 6, 8, 8)]
        television = level(music(samples, rng), TALKER_DB - 3) + babble(talkers, samples, rng, 1)
        self._voices.append(Noise(television, 10.0))
        hums = [coloured(samples, rng, slope) for slope in (0.0, 0.5, 0.8)]
        others = [*hums, music(samples, rng), *(street(samples, rng) for _ in range(3))]
        self.others = [Noise(track) for track in others]

    def call(self, x: Floats, rng: Rng) -> Floats:
        """The recording as somebody else's call from somewhere; its length changes with the tempo."""
        x = self._speaker(x, rng)
        if rng.random() < 0.25:
            x = _room(x, rng)
        if rng.random() < NOISY:
            voices = rng.random()
            pool = self.others if voices < 0.3 else self._voices if voices < 0.4 else self._crowds
            noise = pool[rng.integers(len(pool))]
            x = add_noise(x, _cut(noise.track, len(x), rng), float(rng.uniform(noise.least_snr_db, 30)))
        return _channel(x, rng, float(np.clip(rng.normal(CALL_DB, CALL_SPREAD_DB), -45, -12)))

    def noise_only(self, seconds: float, rng: Rng) -> Floats:
        """A stretch in which nobody speaks to the line: it must not be heard as a word.

        Half of them set in suddenly and end, as a horn or a blow on the handset does: the line takes that for speech.
        """
        pool = self.others if rng.random() < 0.6 else self._crowds
        x = _cut(pool[rng.integers(len(pool))].track, int(seconds * RATE), rng)
        if rng.random() < 0.5:
            if rng.random() < 0.2:
                x = level(_tone(rng.uniform(200, 3000), len(x)), TALKER_DB)
            quiet = np.full(len(x), 1e-3, np.float32)
            begin, end = sorted(rng.integers(0, len(x) + 1, 2))
            quiet[begin:end] = 1
            x = x * quiet
        return _channel(x, rng, float(rng.uniform(-65, -12)))

    @staticmethod
    def _speaker(x: Floats, rng: Rng) -> Floats:
        """Another throat and another pace: one news reader becomes many; an old voice is slower and unsteady."""
        if rng.random() < 0.8:
            factor = float(rng.uniform(0.87, 1.15))  # of pitch, formants and tempo together
            x = np.asarray(soxr.resample(x, RATE * factor, RATE, quality="LQ"), np.float32)
        if rng.random() < 0.3:
            x = change_tempo(x, float(rng.uniform(0.8, 1.2)))
        if rng.random() < 0.3:
            knots = rng.uniform(-6, 6, len(x) // (RATE // 2) + 2)
            decibels = np.interp(np.arange(len(x)), np.arange(len(knots)) * (RATE // 2), knots)
            x = x * (10 ** (decibels / 20)).astype(np.float32)
        return x


def _cut(track: Floats, samples: int, rng: Rng) -> Floats:
    start = int(rng.integers(0, max(1, len(track) - samples)))
    return np.resize(track[start : start + samples], samples)


def _room(x: Floats, rng: Rng) -> Floats:
    """A short exponential tail."""
    samples = int(RATE * rng.uniform(0.05, 0.25))
    tail = (
        rng.standard_normal(samples, np.float32) * np.exp(-5 * np.arange(samples) / samples) * rng.uniform(0.02, 0.12)
    )
    tail[0] = 1
    size = 1 << (len(x) + samples).bit_length()
    return np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(tail, size), size)[: len(x)].astype(np.float32)


def _channel(x: Floats, rng: Rng, decibels: float) -> Floats:
    """Handset, line and codec."""
    x = np.asarray(lfilter([1, rng.uniform(-0.5, 0.5)], [1], x), np.float32)
    band = rng.random()
    if band < 0.4:
        x = band_pass(x)
    elif band < 0.85:
        x = band_pass(x, float(rng.uniform(180, 380)), float(rng.uniform(3100, 3700)))
    x = np.clip(level(x, decibels), -1, 1)
    if rng.random() < 0.2:
        x = gsm(x)
    if rng.random() < 0.12:
        x = lose_packets(x, rng, float(rng.uniform(0.01, 0.05)))
    codec = rng.random()
    return mu_law(x) if codec < 0.7 else a_law(x) if codec < 0.8 else x
