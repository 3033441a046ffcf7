"""The mean of two trainings' weights: hears as well as the better one of either, if both set out from one model.

    python -m speech.training.mean var/training/runs/3/model var/training/runs/2/model MODEL --share 0.4

Weights of networks that were trained apart from each other have no meaningful mean. The method is that of "model
soups" (Wortsman et al., 2022, arXiv:2203.05482).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from speech.training.features import Floats
from speech.training.kaldi import Layer, ModelFormatError, Network, read_model, write_model


def mean(one: Network, other: Network, share: float) -> Network:
    """Every weight as `1 - share` of the one and `share` (0..1) of the other; the priors of the one.

    Raises:
        ValueError: if the networks are not of one shape.
    """
    if one.phones != other.phones or len(one.layers) != len(other.layers):
        raise ValueError("the networks differ in phones or layers; only trainings of one network have a mean")
    layers = tuple(_layer(a, b, share) for a, b in zip(one.layers, other.layers, strict=True))
    return Network(layers, one.phones, one.priors)


def _layer(one: Layer, other: Layer, share: float) -> Layer:
    if (one.offsets, one.relu, one.residual) != (other.offsets, other.relu, other.residual):
        raise ValueError("the networks differ in their layers; only trainings of one network have a mean")
    factors = tuple(_blend(a, b, share) for a, b in zip(one.factors, other.factors, strict=True))
    bias = _blend(one.bias, other.bias, share)
    scale, offset = (
        None if a is None or b is None else _blend(a, b, share)
        for a, b in ((one.scale, other.scale), (one.offset, other.offset))
    )
    return Layer(one.offsets, factors, bias, one.relu, scale, offset, one.residual)


def _blend(one: Floats, other: Floats, share: float) -> Floats:
    if one.shape != other.shape:
        raise ValueError(f"the networks differ in width: {one.shape} and {other.shape}")
    return ((1 - share) * one + share * other).astype(np.float32)


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
