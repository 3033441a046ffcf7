"""Phone error rates on the development set while a training runs: the same sounds every time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from speech.training.examples import Item, Pools, as_floats
from speech.training.features import mfcc
from speech.training.network import Tdnn, padded
from speech.training.telephone import line, with_babble

MOST = 60  # utterances of a corpus
BABBLE_DB = (15, 5)
_BATCH = 24


class Development:
    """Features of the development set, clean, over a line, and in babble of others of that set."""

    def __init__(self, work: Path, seed: int = 5) -> None:
        rng = np.random.default_rng(seed)
        pools = Pools.load(work, "dev")
        talkers = pools.talkers(rng, 60)
        self._features: dict[str, list[np.ndarray]] = {}
        self._items: dict[str, list[Item]] = {}
        for corpus, items in pools.by_corpus.items():
            chosen = [items[n] for n in rng.permutation(len(items))[:MOST]]
            sounds = [as_floats(item.sound) for item in chosen]
            self._put(f"{corpus} clean", chosen, [mfcc(x) for x in sounds])
            self._put(f"{corpus} line", chosen, [mfcc(line(x)) for x in sounds])
            for decibels in BABBLE_DB:
                noisy = [mfcc(with_babble(x, talkers, decibels, rng)) for x in sounds]
                self._put(f"{corpus} babble {decibels} dB", chosen, noisy)

    def _put(self, name: str, items: list[Item], features: list[np.ndarray]) -> None:
        order = sorted(range(len(items)), key=lambda n: len(features[n]))
        self._features[name] = [features[n] for n in order]
        self._items[name] = [items[n] for n in order]

    @torch.no_grad()
    def phone_error_rates(self, model: Tdnn) -> dict[str, float]:
        """Errors of the likeliest phones, in percent of the phones said, by corpus and condition."""
        device = next(model.parameters()).device
        rates = {}
        for name, features in self._features.items():
            wrong = total = 0
            for at in range(0, len(features), _BATCH):
                x, outputs = padded(features[at : at + _BATCH], model.shape)
                heard = likeliest(model(x.to(device)).cpu(), outputs)
                for item, phones in zip(self._items[name][at : at + _BATCH], heard, strict=True):
                    wrong += distance(item.labels.tolist(), phones)
                    total += len(item.labels)
            rates[name] = round(100 * wrong / total, 2)
        return rates


def likeliest(log_probabilities: Tensor, outputs: Tensor) -> list[list[int]]:
    """The best phone of every output, repeats and blanks taken out."""
    best = log_probabilities.argmax(-1).numpy()
    kept = [row[:count] for row, count in zip(best, outputs.tolist(), strict=True)]
    return [[int(p) for n, p in enumerate(row) if p and (not n or p != row[n - 1])] for row in kept]


def distance(said: Sequence[int], heard: Sequence[int]) -> int:
    """Fewest insertions, deletions and substitutions that make one of the other."""
    row = np.arange(len(heard) + 1)
    for number, phone in enumerate(said, start=1):
        cost = np.minimum(row[1:] + 1, row[:-1] + (np.asarray(heard) != phone)) if len(heard) else row[:0]
        row = np.concatenate([[number], cost])
        steps = np.arange(len(row))
        row = np.minimum.accumulate(row - steps) + steps
    return int(row[-1])
