"""The acoustic network in torch: a small time-delay network (TDNN) with low-rank layers, trained by CTC.

Every layer is one low-rank affine of spliced frames, ReLU, BatchNorm, and a sum with its own input: exactly what
`speech.training.kaldi` can write for Vosk. Small on purpose: a grammar must decode in 0.015 of real time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from speech.pronounce import PHONES
from speech.training.features import DIM, SUBSAMPLING
from speech.training.kaldi import Layer, Network

STRIDED_LAYER = 1  # this layer and those after it run on every third frame only

# The blank's probability is divided by this when decoding. CTC gives the blank whatever it doubts, so weak words at the
# end of a quiet call were dropped. On the development speakers over a line, digit errors were 1.24, 0.75 and 0.25 % at
# e^0, e^1 and e^2 (with the [unk] cost of speech/graph/build.py).
BLANK_PRIOR = float(np.exp(2.0))

# Offsets in 10 ms frames and whether the layer's input is added to its output. Sum of the last offsets: 0.36 s of
# the future; our own end-pointing flushes it, so it costs no time at the end of a turn (script/accuracy measures that).
Splice = tuple[tuple[int, ...], bool]
DESIGN: tuple[Splice, ...] = (
    ((-2, -1, 0, 1, 2), False),
    ((-1, 0, 1), False),
    ((-3, 0, 3), True),
    ((-3, 0, 3), True),
    ((-3, 0, 3), True),
    ((-3, 0, 3), True),
    ((-6, 0, 6), True),
    ((-6, 0, 6), True),
    ((-6, 0, 3), True),
    ((-9, 0, 6), True),
)


@dataclass(frozen=True)
class Shape:
    """Size of a network: `width` channels, layers of this `rank`, `outputs` = blank and the phones."""

    width: int = 512
    rank: int = 128
    outputs: int = len(PHONES) + 1
    design: Sequence[Splice] = field(default=DESIGN)

    @property
    def left_context(self) -> int:
        return -sum(offsets[0] for offsets, _ in self.design)

    @property
    def right_context(self) -> int:
        return sum(offsets[-1] for offsets, _ in self.design)


class TdnnLayer(nn.Module):
    """Splice, low-rank affine, ReLU, dropout, BatchNorm, residual sum. Input (batch, frames, channels)."""

    def __init__(self, dim_in: int, shape: Shape, number: int) -> None:
        super().__init__()
        self.offsets, self.residual = shape.design[number]
        self.stride = SUBSAMPLING if number == STRIDED_LAYER else 1
        self.dropout = 0.0
        step = SUBSAMPLING if number > STRIDED_LAYER else 1
        self.at = [(offset - self.offsets[0]) // step for offset in self.offsets]
        spliced = dim_in * len(self.offsets)
        self.reduce = nn.Linear(spliced, shape.rank, bias=False) if number else nn.Identity()
        self.affine = nn.Linear(shape.rank if number else spliced, shape.width)
        self.norm = nn.BatchNorm1d(shape.width)

    def forward(self, x: Tensor) -> Tensor:
        count = x.shape[1] - self.at[-1]
        spliced = torch.cat([x[:, at : at + count : self.stride] for at in self.at], 2)
        y = torch.relu(self.affine(self.reduce(spliced)))
        if self.training and self.dropout:  # the same channels for all frames of an utterance
            y = y * (torch.rand(y.shape[0], 1, y.shape[2], device=y.device) > self.dropout) / (1 - self.dropout)
        y = self.norm(y.flatten(0, 1)).view(y.shape)
        if self.residual:
            centre = self.at[self.offsets.index(0)]
            y = y + x[:, centre : centre + count]
        return y


class Tdnn(nn.Module):
    """Features in, log-probabilities of blank and phones out, one every 30 ms."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", torch.zeros(DIM))
        self.register_buffer("deviation", torch.ones(DIM))
        layers = range(len(shape.design))
        self.layers = nn.ModuleList(TdnnLayer(shape.width if n else DIM, shape, n) for n in layers)
        self.output = nn.Linear(shape.width, shape.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, left_context + frames + right_context, 40) to (batch, ceil(frames / 3), outputs)."""
        x = (x - self.mean) / self.deviation
        for layer in self.layers:
            x = layer(x)
        return torch.log_softmax(self.output(x), -1)

    def set_dropout(self, share: float) -> None:
        for layer in self.layers:
            layer.dropout = share


def padded(features: Sequence[np.ndarray], shape: Shape) -> tuple[Tensor, Tensor]:
    """A batch as the network wants it: edge frames repeated as Kaldi does online, and the outputs of each row."""
    longest = max(map(len, features))
    left, right = shape.left_context, shape.right_context
    x = np.zeros((len(features), left + longest + right, DIM), np.float32)
    for row, frames in zip(x, features, strict=True):
        row[:left], row[left : left + len(frames)], row[left + len(frames) :] = frames[0], frames, frames[-1]
    return torch.from_numpy(x), torch.tensor([-(-len(frames) // SUBSAMPLING) for frames in features])


@torch.no_grad()
def exported(model: Tdnn) -> Network:
    """The network as plain numbers, for `speech.training.kaldi`; the features' normalisation goes into layer 0."""
    layers = []
    for number, layer in enumerate(model.layers):
        weight, bias = layer.affine.weight.double(), layer.affine.bias.double()
        if number:
            factors = [layer.reduce.weight, weight]
        else:
            times = len(layer.offsets)
            bias = bias - weight @ (model.mean / model.deviation).double().repeat(times)
            factors = [weight / model.deviation.double().repeat(times)]
        norm = layer.norm
        scale = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
        offset = norm.bias.double() - norm.running_mean.double() * scale
        parts = tuple(map(_plain, factors))
        layers.append(Layer(layer.offsets, parts, _plain(bias), True, _plain(scale), _plain(offset), layer.residual))
    last = model.output
    layers.append(Layer((0,), (_plain(last.weight),), _plain(last.bias), False, None, None, False))
    priors = np.ones(model.shape.outputs, np.float32)
    priors[0] = BLANK_PRIOR
    return Network(tuple(layers), PHONES, priors)


def _plain(values: Tensor) -> np.ndarray:
    return values.detach().cpu().float().contiguous().numpy()


@torch.no_grad()
def imported(network: Network, rank: int, samples: Sequence[np.ndarray]) -> Tdnn:
    """A network to train on, from an exported one.

    Args:
        network: of layers as this module's, whatever their number and offsets, each in one or two factors.
        rank: of the new layers; the exported rank or more (then the new directions begin with no effect).
        samples: features (frames, 40) of ordinary speech; they tell the statistics that an export folds away.

    Raises:
        ValueError: if the rank is too small for the exported layers.
    """
    design = tuple((tuple(layer.offsets), layer.residual) for layer in network.layers[:-1])
    shape = Shape(len(network.layers[0].bias), rank, len(network.layers[-1].bias), design)
    model = Tdnn(shape)
    frames = np.concatenate(samples)
    model.mean.copy_(torch.from_numpy(frames.mean(0)))
    model.deviation.copy_(torch.from_numpy(frames.std(0)))
    for number, (layer, given) in enumerate(zip(model.layers, network.layers, strict=False)):
        _take_affine(layer, given, number, model)
    model.output.weight.copy_(torch.from_numpy(network.layers[-1].factors[0]))
    model.output.bias.copy_(torch.from_numpy(network.layers[-1].bias))
    x, _ = padded(samples, shape)
    x = (x - model.mean) / model.deviation
    for layer, given in zip(model.layers, network.layers, strict=False):
        x = _take_norm(layer.eval(), given, x)
    return model


def _take_affine(layer: TdnnLayer, given: Layer, number: int, model: Tdnn) -> None:
    weight, bias = torch.from_numpy(given.factors[-1]), torch.from_numpy(given.bias)
    if not number:
        times = len(layer.offsets)
        layer.affine.weight.copy_(weight * model.deviation.repeat(times))
        layer.affine.bias.copy_(bias + weight @ model.mean.repeat(times))
        return
    layer.affine.bias.copy_(bias)
    if len(given.factors) != 2:
        raise ValueError("factor the network first: speech.training.kaldi.low_rank")
    narrow = torch.from_numpy(given.factors[0])
    have, want = len(narrow), len(layer.reduce.weight)
    if have > want:
        raise ValueError(f"the layers have rank {have}; ask for at least that")
    layer.reduce.weight[:have] = narrow
    layer.affine.weight[:, :have] = weight
    layer.affine.weight[:, have:] = 0


def _take_norm(layer: TdnnLayer, given: Layer, x: Tensor) -> Tensor:
    """Find the statistics of this layer's outputs, so that BatchNorm with them does what the folded one did."""
    count = x.shape[1] - layer.at[-1]
    spliced = torch.cat([x[:, at : at + count : layer.stride] for at in layer.at], 2)
    y = torch.relu(layer.affine(layer.reduce(spliced))).flatten(0, 1)
    variance, mean = torch.var_mean(y, 0, correction=0)
    scale, offset = torch.from_numpy(given.scale), torch.from_numpy(given.offset)
    norm = layer.norm
    norm.running_mean.copy_(mean)
    norm.running_var.copy_(variance)
    norm.weight.copy_(scale * torch.sqrt(variance + norm.eps))
    norm.bias.copy_(offset + scale * mean)
    return layer(x)
