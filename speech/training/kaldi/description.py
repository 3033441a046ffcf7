"""A network in plain numpy: what is exported, and the reference of what it computes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from speech.training.features import SUBSAMPLING

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """One affine of spliced frames and what follows it.

    Attributes:
        offsets: of the spliced frames, in 10 ms, ascending.
        factors: the weight (out, len(offsets) * in), or two: (rank, len(offsets) * in) and then (out, rank).
        bias: (out,).
        relu: whether negative values become 0.
        scale, offset: (out,) each, BatchNorm as it is when not training; None without.
        residual: whether the layer's own input at offset 0 is added.
    """

    offsets: tuple[int, ...]
    factors: tuple[Floats, ...]
    bias: Floats
    relu: bool = True
    scale: Floats | None = None
    offset: Floats | None = None
    residual: bool = False


@dataclass(frozen=True)
class Network:
    """Layers in order; outputs are log-probabilities of CTC's blank and then of `phones`.

    `priors`, if any, are divided out of the probabilities when decoding (positive, one an output).
    """

    layers: tuple[Layer, ...]
    phones: tuple[str, ...]
    priors: Floats | None = None

    @property
    def left_context(self) -> int:
        """Frames before the first that its output hears."""
        return -sum(layer.offsets[0] for layer in self.layers)

    @property
    def right_context(self) -> int:
        """Frames after, of 10 ms."""
        return sum(layer.offsets[-1] for layer in self.layers)

    @property
    def rank(self) -> int:
        """The most that a middle layer passes on of what it hears: the narrow side of its first factor."""
        return max(int(min(layer.factors[0].shape)) for layer in self.layers[1:-1])

    @property
    def parameters(self) -> int:
        return sum(sum(factor.size for factor in layer.factors) + layer.bias.size for layer in self.layers)


def forward(network: Network, features: Floats) -> Floats:
    """Log-probabilities (ceil(frames / 3), outputs) of features (frames, dim).

    The edge frames are repeated as often as the context asks, as Kaldi's online decoder does.
    """
    if not len(features):
        return np.zeros((0, len(network.layers[-1].bias)), np.float32)
    left, right = network.left_context, network.right_context
    x = np.pad(np.asarray(features, np.float32), ((left, right), (0, 0)), mode="edge")
    for layer in network.layers:
        x = _apply(layer, x)
    x = x[::SUBSAMPLING]
    if network.layers[-1].relu:
        return x
    x = x - x.max(1, keepdims=True)
    return np.asarray(x - np.log(np.exp(x).sum(1, keepdims=True)), np.float32)


def _apply(layer: Layer, x: Floats) -> Floats:
    count = len(x) - (layer.offsets[-1] - layer.offsets[0])
    at = [offset - layer.offsets[0] for offset in layer.offsets]
    y = np.concatenate([x[first : first + count] for first in at], axis=1)
    for factor in layer.factors:
        y = y @ factor.T
    y = y + layer.bias
    if layer.relu:
        y = np.maximum(y, 0)
    if layer.scale is not None and layer.offset is not None:
        y = y * layer.scale + layer.offset
    if layer.residual:
        centre = -layer.offsets[0]
        y = y + x[centre : centre + count]
    return y


def low_rank(network: Network, rank: int, tolerance: float = 1e-3) -> Network:
    """The same network with each middle layer in two factors, the narrow one first.

    Args:
        rank: of the factors.
        tolerance: share of a weight's norm that may be lost.

    Raises:
        ValueError: if a layer needs a higher rank than that.
    """
    layers = list(network.layers)
    for number in range(1, len(layers) - 1):
        layer = layers[number]
        if len(layer.factors) == 2:
            continue
        left, sizes, right = np.linalg.svd(layer.factors[0].astype(np.float64), full_matrices=False)
        lost = float(np.sqrt((sizes[rank:] ** 2).sum() / (sizes**2).sum()))
        if lost > tolerance:
            raise ValueError(f"layer {number} does not fit into rank {rank}: {100 * lost:.1f} % of it would be lost")
        root = np.sqrt(sizes[:rank])
        factors = ((root[:, None] * right[:rank]).astype(np.float32), (left[:, :rank] * root).astype(np.float32))
        layers[number] = replace(layer, factors=factors)
    return replace(network, layers=tuple(layers))
