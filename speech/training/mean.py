"""The mean of two trainings' weights: hears as well as the better one of either, if both set out from one model.

    python -m speech.training.mean var/training/runs/3/model var/training/runs/2/model MODEL --share 0.4

Weights of networks that were trained apart from each other have no meaningful mean. The method is that of "model
soups" (Wortsman et al., 2022, arXiv:2203.05482).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from speech.training.features import Floats
from speech.training.kaldi import ModelFormatError, Network, read_model, write_model


def mean(one: Network, other: Network, share: float) -> Network:
    """Every weight as `1 - share` of the one and `share` (0..1) of the other; the priors of the one.

    Raises:
        ValueError: if the networks are not of one shape, or the share is none.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies between 0 and 1, not at {share}")
    if _form(one) != _form(other):
        raise ValueError("the networks differ in layers, widths or phones; only trainings of one network have a mean")

    def of(a: Floats, b: Floats) -> Floats:
        return ((1 - share) * a + share * b).astype(np.float32)

    layers = []
    for a, b in zip(one.layers, other.layers, strict=True):
        scale = None if a.scale is None or b.scale is None else of(a.scale, b.scale)
        offset = None if a.offset is None or b.offset is None else of(a.offset, b.offset)
        factors = tuple(map(of, a.factors, b.factors))
        layers.append(replace(a, factors=factors, bias=of(a.bias, b.bias), scale=scale, offset=offset))
    return replace(one, layers=tuple(layers))


def _form(network: Network) -> object:
    """What two networks must share for their weights to stand for the same things."""
    layers = [
        (layer.offsets, layer.relu, layer.residual, [None if part is None else part.shape for part in parts])
        for layer in network.layers
        for parts in [(*layer.factors, layer.bias, layer.scale, layer.offset)]
    ]
    return network.phones, layers


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="speech.training.mean", description="Mean of two models' weights.")
    parser.add_argument("one", type=Path, help="model directory")
    parser.add_argument("other", type=Path, help="a model that was trained from the first, or from where it set out")
    parser.add_argument("target", type=Path, help="where the mean is written")
    parser.add_argument("--share", type=float, default=0.5, help="of the other, 0 to 1")
    options = parser.parse_args(arguments)
    try:
        write_model(mean(read_model(options.one), read_model(options.other), options.share), options.target)
    except (ModelFormatError, ValueError, OSError) as error:
        print(f"speech.training.mean: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
