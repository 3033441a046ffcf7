"""Features are Kaldi's: the same frames, and for a known sound the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

from speech.training.features import DIM, WARPS, frames_in, mel_bank, mfcc


@pytest.mark.parametrize(("samples", "frames"), [(0, 0), (199, 0), (200, 1), (279, 1), (280, 2), (8000, 98)])
def test_a_frame_needs_a_whole_window(samples: int, frames: int) -> None:
    assert frames_in(samples) == frames
    assert mfcc(np.zeros(samples, np.float32)).shape == (frames, DIM)


def test_the_numbers_are_those_of_kaldi() -> None:
    """First coefficients of a chirp, as kaldi-native-fbank 1.23.0 gives them with our conf/mfcc.conf."""
    at = np.arange(1600) / 8000
    sound = (0.3 * np.sin(2 * np.pi * (300 + 4000 * at) * at)).astype(np.float32)
    expected = KALDI
    np.testing.assert_allclose(mfcc(sound)[[0, 9, 17], :5], expected, atol=0.02)


def test_silence_is_finite() -> None:
    assert np.isfinite(mfcc(np.zeros(4000, np.float32))).all()


def test_a_warped_scale_moves_resonances_and_keeps_the_band() -> None:
    """A tone through the filters of a shorter throat stands where a higher tone stands in the usual ones."""
    bins = np.arange(mel_bank().shape[0]) * 8000 / 256
    tone, higher = (np.exp(-(((bins - hertz) / 60) ** 2)) for hertz in (1000, 1100))
    assert (tone @ mel_bank(1.1)).argmax() == (higher @ mel_bank()).argmax() != (tone @ mel_bank()).argmax()
    np.testing.assert_array_equal(mel_bank(1.0), mel_bank())
    assert all((mel_bank(warp).sum(0) > 0).all() for warp in WARPS)
    assert 1.0 in WARPS


KALDI = [
    [55.559, 107.625, 1.968, -52.536, -96.62],
    [63.602, 18.618, -139.875, 6.845, 98.089],
    [60.537, -49.26, -78.457, 123.253, -65.845],
]
