"""Endless training examples: an utterance drawn, put through a random telephone call, as features and labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.training import telephone
from speech.training.corpora import Manifest
from speech.training.features import RATE, SUBSAMPLING, WARPS, frames_in, mfcc
from speech.training.labels import Labeller, Labels, can_be_aligned, numbers_of
from speech.training.synthetic import read_synthetic
from speech.training.telephone import Telephone

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Mix:
    """What examples are made of. Shares are of the draws.

    Attributes:
        shares: by corpus; "synthetic" is espeak-ng's speech.
        noise_only: examples without any word, so that noise is not heard as one.
        joined: two utterances of one speaker in a row: longer calls than any corpus holds.
        untouched: without a telephone call, only its level changed.
    warped: with the mel scale of a longer or shorter throat.
    """

    shares: dict[str, float] = field(
        default_factory=lambda: {
            "digits": 3.0,
            "dialogue": 2.5,
            "news": 3.0,
            "common-voice": 4.0,
            "fleurs": 3.0,
            "calls": 3.0,
            "synthetic": 4.0,
        }
    )
    noise_only: float = 0.07
    joined: float = 0.1
    untouched: float = 0.1
    warped: float = 0.6
    longest_pause_s: float = 1.2  # before and after an utterance: callers wait, and so does the end of a turn


@dataclass(frozen=True)
class Item:
    """One utterance of the store: its sound is read when it is drawn."""

    speaker: str
    labels: Labels
    sound: NDArray[np.int16]  # a view of the memory-mapped file


@dataclass(frozen=True)
class Example:
    features: Floats
    labels: Labels


class Pools:
    """The utterances that may be trained on, by corpus."""

    def __init__(self, items: Iterable[tuple[str, Item]]) -> None:
        """Takes corpora with their utterances; those that cannot be learnt from are left out."""
        self.by_corpus: dict[str, list[Item]] = {}
        self._by_speaker: dict[tuple[str, str], list[Item]] = {}
        for corpus, item in items:
            if len(item.labels) and can_be_aligned(item.labels, frames_in(len(item.sound)) // SUBSAMPLING):
                self.by_corpus.setdefault(corpus, []).append(item)
                self._by_speaker.setdefault((corpus, item.speaker), []).append(item)

    @classmethod
    def load(cls, work: Path, split: str = "train", speakers: float = 1.0) -> Pools:
        """Of a prepared folder; to train on, with the synthetic speech.

        Args:
            speakers: share of each corpus's speakers that are heard, one at least, the same every time and each share
                within the greater ones: for a learning curve.
        """
        return cls(_items(work, split, speakers))

    def same_speaker(self, corpus: str, speaker: str) -> list[Item]:
        return self._by_speaker[corpus, speaker]

    def talkers(self, rng: np.random.Generator, count: int = 150) -> list[Floats]:
        """Voices for babble, of everybody who may be trained on."""
        real = [item for corpus, items in self.by_corpus.items() if corpus != "synthetic" for item in items]
        return [as_floats(real[n].sound) for n in rng.integers(0, len(real), count)]


def _items(work: Path, split: str, share: float) -> Iterator[tuple[str, Item]]:
    manifest, labeller = Manifest.load(work), Labeller(work)
    chosen = [utterance for utterance in manifest.utterances if utterance.split == split]
    heard = _some_speakers({(utterance.corpus, utterance.speaker) for utterance in chosen}, share)
    for utterance in chosen:
        if (utterance.corpus, utterance.speaker) in heard:
            labels = numbers_of(labeller.phones(utterance.text))
            yield utterance.corpus, Item(utterance.speaker, labels, manifest.samples(utterance))
    if split == "train":
        for spoken in read_synthetic(work):
            yield "synthetic", Item(spoken.voice, numbers_of(list(spoken.phones)), spoken.samples)


def _some_speakers(speakers: set[tuple[str, str]], share: float) -> set[tuple[str, str]]:
    """This share of every corpus's speakers, one at least, in an order that has nothing to do with who they are."""
    by_corpus: dict[str, list[str]] = {}
    for corpus, speaker in speakers:
        by_corpus.setdefault(corpus, []).append(speaker)
    chosen: set[tuple[str, str]] = set()
    for corpus, names in by_corpus.items():
        names.sort(key=lambda name: sha256(name.encode()).digest())
        chosen |= {(corpus, speaker) for speaker in names[: max(1, round(share * len(names)))]}
    return chosen


def as_floats(samples: NDArray[np.int16]) -> Floats:
    return samples.astype(np.float32) / np.float32(32768)


class Examples:
    """Draws examples forever; the same for the same seed."""

    def __init__(self, pools: Pools, mix: Mix, seed: Sequence[int]) -> None:
        self._pools, self._mix = pools, mix
        self._rng = np.random.default_rng(seed)
        self._corpora = [corpus for corpus in mix.shares if pools.by_corpus.get(corpus)]
        weights = np.array([mix.shares[corpus] for corpus in self._corpora])
        self._weights = weights / weights.sum()
        self._telephone = Telephone(pools.talkers(self._rng))

    def draw(self) -> Example:
        while True:
            example = self._draw()
            if can_be_aligned(example.labels, len(example.features) // SUBSAMPLING):
                return example

    def _draw(self) -> Example:
        rng, mix = self._rng, self._mix
        if rng.random() < mix.noise_only:
            noise = self._telephone.noise_only(float(rng.uniform(0.5, 4.0)), rng)
            return Example(mfcc(noise), np.zeros(0, np.int64))
        corpus = self._corpora[rng.choice(len(self._corpora), p=self._weights)]
        items = self._pools.by_corpus[corpus]
        item = items[rng.integers(len(items))]
        sounds, labels = [as_floats(item.sound)], [item.labels]
        if rng.random() < mix.joined:
            others = self._pools.same_speaker(corpus, item.speaker)
            other = others[rng.integers(len(others))]
            sounds, labels = [*sounds, self._pause(), as_floats(other.sound)], [*labels, other.labels]
        x = np.concatenate([self._pause(), *sounds, self._pause()])
        x = self._level(x) if rng.random() < mix.untouched else self._telephone.call(x, rng)
        warp = WARPS[rng.integers(len(WARPS))] if rng.random() < mix.warped else 1.0
        return Example(mfcc(x, warp), np.concatenate(labels))

    def _pause(self) -> Floats:
        """Nearly silent: a recording's own pauses are never quite."""
        seconds = self._rng.uniform(0, self._mix.longest_pause_s) * (self._rng.random() < 0.5)
        return (self._rng.standard_normal(int(seconds * RATE)) * 1e-4).astype(np.float32)

    def _level(self, x: Floats) -> Floats:
        return np.clip(telephone.level(x, float(self._rng.uniform(-38, -14))), -1, 1)

    def batches(self, seconds: float, at_once: int = 200) -> Iterator[list[Example]]:
        """Batches of examples of like length, each of about so many seconds with its padding."""
        most = int(seconds * 100)
        while True:
            drawn = sorted((self.draw() for _ in range(at_once)), key=lambda example: len(example.features))
            groups: list[list[Example]] = [[]]
            for example in drawn:
                if groups[-1] and (len(groups[-1]) + 1) * len(example.features) > most:
                    groups.append([])
                groups[-1].append(example)
            for number in self._rng.permutation(len(groups)):
                yield groups[number]
