"""A network as `am/final.mdl` with the files beside it, and back.

The format follows Kaldi's nnet3/am-nnet-simple.cc and hmm/transition-model.cc; the HMM is that of `speech.graph.hmm`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from speech.graph.hmm import POSITIONS, SILENCE, Hmm
from speech.training.features import CONFIG, DIM
from speech.training.kaldi.binary import HEADER, ModelFormatError, Reader, Writer
from speech.training.kaldi.description import Floats, Layer, Network

__all__ = ["ModelFormatError", "read_model", "write_model"]

Component = tuple[str, str, Any]  # name, type, its numbers

MODEL_CONFIG = Path(__file__).resolve().parents[2] / "model" / "conf" / "model.conf"
_APPEND = re.compile(r"Append\((.*)\)$")
_PART = re.compile(r"Offset\([\w.]+, (-?\d+)\)|([\w.]+)")


def write_model(network: Network, directory: Path) -> None:
    """Write `am/` and `conf/` of a Vosk model directory; the graph is built later."""
    (directory / "am").mkdir(parents=True, exist_ok=True)
    (directory / "conf").mkdir(exist_ok=True)
    (directory / "am" / "phones.txt").write_text("".join(f"{phone}\n" for phone in network.phones))
    (directory / "conf" / "mfcc.conf").write_text("".join(f"{option}\n" for option in CONFIG))
    (directory / "conf" / "model.conf").write_bytes(MODEL_CONFIG.read_bytes())
    unfinished = directory / "am" / "final.part"
    with unfinished.open("wb") as file:
        writer = Writer(file)
        writer.raw(HEADER)
        _write_transitions(writer, network.phones)
        _write_network(writer, network)
    unfinished.replace(directory / "am" / "final.mdl")


def _write_transitions(writer: Writer, phones: tuple[str, ...]) -> None:
    """Silence: one state, blank. A phone: blank as long as it likes, then the phone as long as it likes."""
    hmm = Hmm(phones)
    ids = range(1, 2 + len(POSITIONS) * len(phones))
    writer.token("<TransitionModel>")
    writer.token("<Topology>")
    writer.integers(list(ids))
    writer.integers([-1, 0] + [1] * (len(ids) - 1))
    silence = [(0, (0, 1)), (-1, ())]
    phone = [(-1, (1, 2)), (0, (1, 2)), (1, (2, 3)), (-1, ())]
    writer.int32(2)
    for states in (silence, phone):
        writer.int32(len(states))
        for pdf_class, following in states:
            writer.int32(pdf_class, len(following))
            for state in following:
                writer.int32(state)
                writer.float32(0.5)
    writer.token("</Topology>")
    triples = [(SILENCE, 0, 0)]
    for number, name in enumerate(phones, start=1):
        triples += [(hmm.id(name, position), *state) for position in POSITIONS for state in ((1, 0), (2, number))]
    writer.token("<Triples>")
    writer.int32(len(triples))
    for triple in sorted(triples):
        writer.int32(*triple)
    writer.token("</Triples>")
    writer.token("<LogProbs>")  # not used in decoding, but they must be there
    writer.vector([0.0] + [math.log(0.5)] * (2 * len(triples)))
    writer.token("</LogProbs>")
    writer.token("</TransitionModel>")


def _write_network(writer: Writer, network: Network) -> None:
    lines, components = [f"input-node name=input dim={DIM}"], []
    for line, component in _nodes(network):
        lines.append(line)
        components.append(component)
    lines.append("output-node name=output input=output.log-softmax objective=linear")
    writer.token("<Nnet3>")
    writer.raw(("\n" + "\n".join(lines) + "\n\n").encode())
    writer.token("<NumComponents>")
    writer.int32(len(components))
    for name, kind, numbers in components:
        writer.token("<ComponentName>")
        writer.token(name)
        writer.token(f"<{kind}>")
        _write_numbers(writer, kind, numbers)
        writer.token(f"</{kind}>")
    writer.token("</Nnet3>")
    writer.token("<LeftContext>")
    writer.int32(network.left_context)
    writer.token("<RightContext>")
    writer.int32(network.right_context)
    writer.token("<Priors>")
    writer.vector(network.priors if network.priors is not None else [])


def _nodes(network: Network) -> Iterator[tuple[str, Component]]:
    """Every node in order, as its line of the configuration and its component."""
    source = "input"
    for number, layer in enumerate(network.layers):
        is_last = number == len(network.layers) - 1
        name = "output" if is_last else f"tdnn{number}"
        size, given = len(layer.bias), source
        source = _spliced(given, layer.offsets)
        if len(layer.factors) == 2:
            narrow = layer.factors[0]
            yield _node(f"{name}.linear", source, "FixedAffineComponent", (narrow, np.zeros(len(narrow), np.float32)))
            source = f"{name}.linear"
        yield _node(f"{name}.affine", source, "FixedAffineComponent", (layer.factors[-1], layer.bias))
        if is_last:
            yield _node("output.log-softmax", "output.affine", "LogSoftmaxComponent", size)
            return
        yield _node(f"{name}.relu", f"{name}.affine", "RectifiedLinearComponent", size)
        yield _node(f"{name}.scale", f"{name}.relu", "FixedScaleComponent", layer.scale)
        yield _node(f"{name}.offset", f"{name}.scale", "FixedBiasComponent", layer.offset)
        source = f"{name}.offset"
        if layer.residual:
            yield _node(f"{name}.sum", f"Sum({source}, {given})", "NoOpComponent", size)
            source = f"{name}.sum"


def _spliced(source: str, offsets: tuple[int, ...]) -> str:
    parts = [f"Offset({source}, {offset})" if offset else source for offset in offsets]
    return f"Append({', '.join(parts)})" if len(parts) > 1 else parts[0]


def _node(name: str, source: str, kind: str, numbers: Any) -> tuple[str, Component]:
    return f"component-node name={name} component={name} input={source}", (name, kind, numbers)


def _write_numbers(writer: Writer, kind: str, numbers: Any) -> None:
    if kind == "FixedAffineComponent":
        writer.token("<LinearParams>")
        writer.matrix(numbers[0])
        writer.token("<BiasParams>")
        writer.vector(numbers[1])
    elif kind in ("FixedScaleComponent", "FixedBiasComponent"):
        writer.token("<Scales>" if kind == "FixedScaleComponent" else "<Bias>")
        writer.vector(numbers)
    else:
        writer.token("<Dim>")
        writer.int32(numbers)
        for statistics in ("<ValueAvg>", "<DerivAvg>"):
            writer.token(statistics)
            writer.vector([])
        writer.token("<Count>")
        writer.float64(0.0)


def read_model(directory: Path) -> Network:
    """The network of a model directory that `write_model` wrote.

    Raises:
        ModelFormatError: if something is missing, cut off, or made by somebody else; says what.
    """
    path, phones = directory / "am" / "final.mdl", directory / "am" / "phones.txt"
    for needed in (path, phones):
        if not needed.is_file():
            raise ModelFormatError(f"{needed}: missing; give a directory with am/final.mdl and am/phones.txt")
    reader = Reader(path.read_bytes(), str(path))
    if reader.raw(2, "Kaldi's binary header") != HEADER:
        raise reader.fail("Kaldi's binary header")
    reader.until(b"</TransitionModel> ", "</TransitionModel>")
    reader.expect("<Nnet3>")
    lines = reader.until(b"\n\n", "the network's configuration").decode("ascii", "replace").split("\n")
    nodes = (re.match(r"component-node name=(\S+) component=\S+ input=(.*)", line) for line in lines)
    sources = {node[1]: node[2] for node in nodes if node}
    numbers = dict(_components(reader))
    reader.expect("</Nnet3>")
    for context in ("<LeftContext>", "<RightContext>"):
        reader.expect(context)
        reader.int32()
    reader.expect("<Priors>")
    priors = reader.vector()
    layers = tuple(_layers(sources, numbers, reader))
    network = Network(layers, tuple(phones.read_text().split()), priors if len(priors) else None)
    if not layers or len(layers[-1].bias) != len(network.phones) + 1:
        raise ModelFormatError(f"{path}: its outputs are not blank and the phones of {phones}; restore both")
    return network


def _components(reader: Reader) -> Iterator[tuple[str, tuple[Floats, ...]]]:
    reader.expect("<NumComponents>")
    for _ in range(reader.int32()):
        reader.expect("<ComponentName>")
        name, kind = reader.token(), reader.token().strip("<>")
        if kind == "FixedAffineComponent":
            reader.expect("<LinearParams>")
            weight = reader.matrix()
            reader.expect("<BiasParams>")
            yield name, (weight, reader.vector())
        elif kind in ("FixedScaleComponent", "FixedBiasComponent"):
            reader.expect("<Scales>" if kind == "FixedScaleComponent" else "<Bias>")
            yield name, (reader.vector(),)
        elif kind in ("RectifiedLinearComponent", "LogSoftmaxComponent", "NoOpComponent"):
            reader.until(b"<Count> ", "<Count>")
            reader.skip_number()
        else:
            raise reader.fail("a component of our networks")
        reader.expect(f"</{kind}>")


def _layers(sources: dict[str, str], numbers: dict[str, tuple[Floats, ...]], reader: Reader) -> Iterator[Layer]:
    for affine in [name for name in sources if name.endswith(".affine")]:
        name = affine.removesuffix(".affine")
        first = f"{name}.linear" if f"{name}.linear" in numbers else affine
        if first not in numbers or affine not in numbers:
            raise reader.fail(f"the numbers of {affine}")
        weight, bias = numbers[affine]
        factors = (weight,) if first == affine else (numbers[first][0], weight)
        scale, offset = (numbers.get(f"{name}.{part}", (None,))[0] for part in ("scale", "offset"))
        offsets, residual = _offsets(sources[first]), f"{name}.sum" in sources
        yield Layer(offsets, factors, bias, name != "output", scale, offset, residual)


def _offsets(source: str) -> tuple[int, ...]:
    spliced = _APPEND.match(source)
    parts = _PART.findall(spliced[1]) if spliced else [("", source)]
    return tuple(int(offset or 0) for offset, _ in parts)
