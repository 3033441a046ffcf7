"""The simulated telephone does what it says, measured."""

from __future__ import annotations

import audioop

import numpy as np
import pytest

from speech.training.features import RATE
from speech.training.telephone import (
    CALL_DB,
    PACKET,
    Floats,
    Telephone,
    a_law,
    add_noise,
    band_pass,
    change_tempo,
    gsm,
    level,
    line,
    lose_packets,
    mu_law,
    rms,
    with_babble,
)


def tone(hertz: float, seconds: float = 1.0, amplitude: float = 0.3) -> Floats:
    return (amplitude * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def decibels(x: Floats) -> float:
    return 20 * float(np.log10(rms(x)))


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="module")
def talkers() -> list[Floats]:
    rng = np.random.default_rng(1)
    return [level(band_pass(rng.standard_normal(RATE * 2, np.float32)), -20 - n) for n in range(8)]


@pytest.fixture(scope="module")
def telephone(talkers: list[Floats]) -> Telephone:
    return Telephone(talkers)


def test_level_and_noise_are_as_asked(rng: np.random.Generator) -> None:
    voice, noise = tone(500), rng.standard_normal(RATE, np.float32)
    assert decibels(level(voice, -31)) == pytest.approx(-31, abs=0.01)
    mixed = add_noise(voice, noise, 12)
    assert decibels(voice) - decibels(mixed - voice) == pytest.approx(12, abs=0.05)


def test_the_band_is_that_of_a_telephone() -> None:
    kept, low, high = (decibels(band_pass(tone(hertz))[800:]) - decibels(tone(hertz)) for hertz in (1000, 100, 3900))
    assert kept == pytest.approx(0, abs=0.3)
    assert low < -30
    assert high < -30


def test_mu_law_is_g711() -> None:
    voice = tone(440, amplitude=0.5)
    pcm = (voice * 32768).astype("<i2").tobytes()
    theirs = np.frombuffer(audioop.ulaw2lin(audioop.lin2ulaw(pcm, 2), 2), "<i2").astype(np.float32) / np.float32(32768)
    np.testing.assert_array_equal(mu_law(voice), theirs)


@pytest.mark.parametrize("codec", [mu_law, a_law, gsm])
def test_codecs_keep_length_and_most_of_the_sound(codec) -> None:  # type: ignore[no-untyped-def]
    voice = tone(600)
    heard = codec(voice)
    assert len(heard) == len(voice)
    assert float(np.corrcoef(heard[400:], voice[400:])[0, 1]) > 0.9


def test_babble_is_as_far_below_as_asked_and_the_call_is_levelled(
    talkers: list[Floats], rng: np.random.Generator
) -> None:
    silent = np.zeros(RATE, np.float32)
    voice = level(np.concatenate([tone(700), silent]), -20)
    heard = with_babble(voice, talkers, 15, rng)
    assert decibels(heard) == pytest.approx(CALL_DB, abs=0.5)
    speech, noise = heard[: RATE - 200], heard[RATE + 200 :]
    ratio = 10 * np.log10((rms(speech) ** 2 - rms(noise) ** 2) / rms(noise) ** 2)
    assert ratio == pytest.approx(15 + 3, abs=1.5)  # the voice speaks half of the time: 3 dB louder while it does


def test_lost_packets_are_whole_ones(rng: np.random.Generator) -> None:
    voice = tone(450, 2.0)
    heard = lose_packets(voice, rng, 0.2)
    changed = (heard != voice).reshape(-1, PACKET).mean(1)
    lost = changed > 0.5
    assert 0.05 < lost.mean() < 0.4
    assert (changed[~lost] == 0).all()


@pytest.mark.parametrize("factor", [0.8, 1.2])
def test_tempo_changes_and_pitch_stays(factor: float) -> None:
    voice = tone(400, 2.0)
    heard = change_tempo(voice, factor)
    assert len(heard) / len(voice) == pytest.approx(1 / factor, rel=0.05)
    spectrum = np.abs(np.fft.rfft(heard))
    assert spectrum.argmax() * RATE / len(heard) == pytest.approx(400, abs=15)


def test_calls_differ_and_repeat_with_their_seed(telephone: Telephone) -> None:
    voice = tone(500, 1.5)
    calls = [telephone.call(voice, np.random.default_rng(seed)) for seed in range(30)]
    again = telephone.call(voice, np.random.default_rng(3))
    np.testing.assert_array_equal(calls[3], again)
    assert len({call.tobytes() for call in calls}) == 30
    for call in calls:
        assert call.dtype == np.float32
        assert np.isfinite(call).all()
        assert np.abs(call).max() <= 1
        assert 0.55 < len(call) / len(voice) < 1.6


def test_silence_and_noise_alone_are_sound_too(telephone: Telephone) -> None:
    silence = np.zeros(RATE, np.float32)
    for seed in range(20):
        rng = np.random.default_rng(seed)
        assert np.isfinite(telephone.call(silence, rng)).all()
        noise = telephone.noise_only(1.5, rng)
        assert len(noise) == 1.5 * RATE
        assert -75 < decibels(noise) < -11
    assert not line(silence).any()


def test_half_of_the_noises_set_in_suddenly(telephone: Telephone) -> None:
    sudden = 0
    for seed in range(40):
        noise = telephone.noise_only(2.0, np.random.default_rng(seed))
        loudness = [rms(part) + 1e-6 for part in np.split(noise, 40)]
        sudden += max(loudness) > 30 * float(np.percentile(loudness, 5))
    assert 10 <= sudden <= 28
