"""Examples: recordings become calls, nobody of another split is drawn, and noise alone says nothing."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from speech.training.corpora import prepare
from speech.training.examples import Examples, Mix, Pools
from speech.training.features import DIM, SUBSAMPLING
from speech.training.labels import can_be_aligned, numbers_of
from tests.speech.training.corpora import make

RESERVED = "FAL"


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpora")
    make.digits(
        folder,
        {
            **{f"FZ{n}_{n}A": make.wav(1.0, hertz=300 + 50 * n) for n in range(1, 6)},
            f"{RESERVED}_999A": make.wav(1.5, hertz=2000),
            "FZ1_1234567A": make.wav(0.1),  # more words than fit into a tenth of a second
        },
    )
    make.dialogue(folder, {"s1": "selamat pagi"}, {"FZ1_s1": make.wav(1.2, hertz=900)})
    work = tmp_path_factory.mktemp("work")
    prepare(folder, work, report=lambda _: None)
    return work


def test_only_what_may_be_trained_on_and_fits_is_drawn(work: Path) -> None:
    pools = Pools.load(work)
    nine = numbers_of(["s", "@", "m", "b", "i", "l", "a", "n"])
    items = [item for items in pools.by_corpus.values() for item in items]
    assert {item.speaker for item in items} <= {f"FZ{n}" for n in range(1, 6)}
    assert not any(len(item.labels) >= 3 * len(nine) for item in items)
    assert all(can_be_aligned(item.labels, len(item.sound) // 240) for item in items)
    assert len(Pools.load(work, "test").by_corpus["digits"]) == 1


def test_a_share_of_the_speakers_is_the_same_every_time_and_within_the_greater_ones(work: Path) -> None:
    def speakers(share: float) -> set[str]:
        return {item.speaker for item in Pools.load(work, speakers=share).by_corpus["digits"]}

    few, half, whole = speakers(0.01), speakers(0.5), speakers(1.0)
    assert len(few) == 1
    assert few < half < whole
    assert speakers(0.5) == half
    assert Pools.load(work, speakers=0.01).by_corpus["dialogue"]


def test_the_same_seed_draws_the_same(work: Path) -> None:
    pools = Pools.load(work)
    one, same, other = (Examples(pools, Mix(), (seed,)).draw() for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.features, same.features)
    assert one.features.shape != other.features.shape or not np.array_equal(one.features, other.features)


def test_examples_can_be_aligned_and_shares_are_kept(work: Path) -> None:
    examples = Examples(Pools.load(work), Mix(shares={"digits": 3.0, "dialogue": 1.0}, noise_only=0.2), (1,))
    drawn = [examples.draw() for _ in range(200)]
    kinds: Counter[str] = Counter()
    greeting = len(numbers_of(["s", "@", "l", "a", "m", "a", "t", "p", "a", "g", "i"]))
    for example in drawn:
        assert example.features.shape[1] == DIM
        assert np.isfinite(example.features).all()
        assert can_be_aligned(example.labels, len(example.features) // SUBSAMPLING)
        kinds[
            "noise"
            if not len(example.labels)
            else "dialogue"
            if len(example.labels) in (greeting, 2 * greeting)
            else "digits"
        ] += 1
    assert 20 <= kinds["noise"] <= 65
    assert kinds["digits"] > 1.7 * kinds["dialogue"] > 0


def test_batches_hold_about_as_much_as_asked(work: Path) -> None:
    batches = Examples(Pools.load(work), Mix(), (2,)).batches(20.0, at_once=60)
    for _, batch in zip(range(8), batches, strict=False):
        padded = len(batch) * max(len(example.features) for example in batch)
        assert 0 < padded <= 20 * 100 or len(batch) == 1
