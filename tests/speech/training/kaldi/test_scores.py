"""Vosk's score of a word is that of the numpy reference: features, network, HMM and file agree to the end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import vosk

from speech.accuracy.callers import CALLERS, speak
from speech.recognize import RATE
from speech.training.features import Floats, mfcc
from speech.training.kaldi import forward, read_model
from tests.conftest import ROOT

WORD, PHONES_SAID = "tujuh", ("t u j u h", "t u j u")
# Of a total of some hundred nats: the look-ahead graph keeps its costs in steps of 1/1024 (docs/adr/0006).
MAY_DIFFER = 0.1


def best_path(log_probabilities: Floats, phones: list[int]) -> float:
    """Score of the likeliest alignment: blank as long as it likes, each phone at least once, in order."""
    states = [0]
    for phone in phones:
        states += [phone, 0]
    scores = np.full(len(states), -np.inf)
    scores[:2] = log_probabilities[0, states[:2]]
    for frame in log_probabilities[1:]:
        before = np.concatenate([[-np.inf], scores[:-1]])
        skipped = np.concatenate([[-np.inf, -np.inf], scores[:-2]])
        skipped[::2] = -np.inf  # a blank follows its own phone; a phone may follow the last one
        scores = np.maximum(np.maximum(scores, before), skipped) + frame[states]
    return float(max(scores[-1], scores[-2]))


def test_scores_differ_by_the_cost_of_the_word_alone(prepared: Path) -> None:
    folder = next(
        path for path in sorted(prepared.rglob("final.mdl")) if "graph" in {p.name for p in path.parents[1].iterdir()}
    )
    model = vosk.Model(str(folder.parents[1]))
    network = read_model(ROOT / "speech" / "model")
    priors = 0.0 if network.priors is None else np.log(network.priors)
    number = {phone: n for n, phone in enumerate(network.phones, start=1)}
    differences = []
    for caller in CALLERS:
        pcm = speak(WORD, caller)
        recogniser = vosk.KaldiRecognizer(model, RATE, json.dumps([WORD]))
        recogniser.SetMaxAlternatives(1)
        recogniser.AcceptWaveform(pcm)
        best = json.loads(recogniser.FinalResult())["alternatives"][0]
        assert best["text"] == WORD
        heard = forward(network, mfcc(np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768))) - priors
        expected = max(best_path(heard, [number[p] for p in reading.split()]) for reading in PHONES_SAID)
        differences.append(best["confidence"] - expected)
    assert max(differences) - min(differences) == pytest.approx(0, abs=MAY_DIFFER), differences
