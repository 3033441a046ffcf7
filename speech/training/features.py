"""Sound to features: Kaldi's high-resolution MFCC at 8 kHz, as Vosk computes them from conf/mfcc.conf.

Follows Kaldi's feat/feature-mfcc.cc with its defaults; `script/train-check` holds it against kaldi-native-fbank.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

RATE = 8000
WINDOW = 200  # samples: 25 ms
SHIFT = 80  # samples: 10 ms
DIM = 40  # of one frame
SUBSAMPLING = 3  # the network answers every third frame: 30 ms
CONFIG = (  # conf/mfcc.conf of a model that hears these features
    "--sample-frequency=8000",
    "--num-mel-bins=40",
    "--num-ceps=40",
    "--low-freq=40",
    "--high-freq=-200",
    "--use-energy=false",
    "--dither=0",
)
FFT = 256
WARPS = tuple(np.linspace(0.88, 1.14, 27).round(2).tolist())  # of `mel_bank`, in training: throats longer and shorter
_LOW_HZ, _HIGH_HZ = 40.0, RATE / 2 - 200.0
PREEMPHASIS = 0.97
_LIFTER = 22.0
FULL_SCALE = 32768.0  # Kaldi counts in 16-bit steps


def frames_in(samples: int) -> int:
    """Frames of a sound of so many samples; a frame needs a whole window."""
    return max(0, 1 + (samples - WINDOW) // SHIFT)


def mfcc(sound: Floats, warp: float = 1.0) -> Floats:
    """Features of a sound.

    Args:
        sound: samples at 8 kHz in [-1, 1].
        warp: as `mel_bank` has it.

    Returns:
        (frames, 40), one frame every 10 ms; no frame for less than 25 ms.
    """
    count = frames_in(len(sound))
    if not count:
        return np.zeros((0, DIM), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(np.asarray(sound, np.float32) * FULL_SCALE, WINDOW)
    frames = windows[: (count - 1) * SHIFT + 1 : SHIFT]
    frames = frames - frames.mean(1, keepdims=True)
    before = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    frames = (frames - PREEMPHASIS * before) * window()
    power = np.abs(np.fft.rfft(frames, FFT)[:, : FFT // 2]) ** 2
    energies = np.log(np.maximum(power @ mel_bank(warp), np.finfo(np.float32).eps))
    return (energies @ cosines()).astype(np.float32)


@cache
def window() -> Floats:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / (WINDOW - 1))
    return np.asarray(hann**0.85, np.float32)  # Kaldi calls it povey


def _mel(hertz: NDArray[np.float64] | float) -> NDArray[np.float64]:
    return np.asarray(1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0))


@cache
def mel_bank(warp: float = 1.0) -> Floats:
    """(FFT bins, filters): triangles that are even on the mel scale.

    Args:
        warp: so many times higher a voice's resonances shall seem, its pitch unchanged (vocal tract length
            perturbation, Jaitly and Hinton 2013); the band keeps its ends. 1 is what Vosk hears.
    """
    edges = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), DIM + 2)
    hertz = np.arange(FFT // 2) * RATE / FFT
    bend = 0.8 * _HIGH_HZ * min(1.0, 1.0 / warp)
    at = _mel(np.interp(hertz, [0, bend, _HIGH_HZ, RATE], [0, bend * warp, _HIGH_HZ, RATE]))[:, None]
    left, centre, right = edges[:-2], edges[1:-1], edges[2:]
    rising, falling = (at - left) / (centre - left), (right - at) / (right - centre)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)), np.float32)


@cache
def cosines() -> Floats:
    """(filters, coefficients): cosine transform, with the weights that lift the higher coefficients."""
    number = np.arange(DIM)
    transform = np.sqrt(2.0 / DIM) * np.cos(np.pi / DIM * np.outer(number + 0.5, number))
    transform[:, 0] = np.sqrt(1.0 / DIM)
    return np.asarray(transform * (1.0 + 0.5 * _LIFTER * np.sin(np.pi * number / _LIFTER)), np.float32)
