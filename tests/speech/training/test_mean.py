"""The mean of two networks' weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from speech.training.kaldi import Network, read_model, write_model
from speech.training.mean import main, mean
from tests.speech.training.kaldi.test_model_file import same, small


def test_shares_are_those_of_every_weight() -> None:
    one, other = small(0), small(1)
    blended = mean(one, other, 0.25)
    for a, b, c in zip(one.layers, other.layers, blended.layers, strict=True):
        np.testing.assert_allclose(c.bias, 0.75 * a.bias + 0.25 * b.bias, rtol=1e-6)
        for x, y, z in zip(a.factors, b.factors, c.factors, strict=True):
            np.testing.assert_allclose(z, 0.75 * x + 0.25 * y, rtol=1e-5, atol=1e-6)
        if a.scale is not None and b.scale is not None and c.scale is not None:
            np.testing.assert_allclose(c.scale, 0.75 * a.scale + 0.25 * b.scale, rtol=1e-5, atol=1e-6)
    assert same(mean(one, other, 0), one)


def narrower() -> Network:
    return small(1, width=6)


def shorter() -> Network:
    return replace(small(1), layers=small(1).layers[1:])


def otherwise_spliced() -> Network:
    first, *rest = small(1).layers
    return replace(small(1), layers=(replace(first, offsets=(-2, 0, 2)), *rest))


@pytest.mark.parametrize("other", [narrower, shorter, otherwise_spliced])
def test_networks_of_other_shapes_have_no_mean(other: Callable[[], Network]) -> None:
    with pytest.raises(ValueError, match="the networks differ"):
        mean(small(0), other(), 0.5)


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_is_a_part_of_one(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        mean(small(0), small(1), share)


def test_the_command_writes_a_model_or_says_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (0, 1):
        write_model(small(number), tmp_path / str(number))
    one, other, target = (str(tmp_path / name) for name in ("0", "1", "mean"))
    assert main([one, other, target, "--share", "0.4"]) == 0
    assert same(read_model(tmp_path / "mean"), mean(small(0), small(1), 0.4))
    assert main([one, str(tmp_path / "nothing"), target]) == 1
    assert "nothing" in capsys.readouterr().err
