"""final.mdl: what is written is read again, Vosk hears it, and a broken one is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from speech.accuracy.callers import speak
from speech.graph import build_graph
from speech.graph.text import DIGITS
from speech.pronounce import PHONES, pronunciations
from speech.training.features import DIM, Floats, mfcc
from speech.training.kaldi import Layer, ModelFormatError, Network, forward, low_rank, read_model, write_model
from speech.vosk_recognizer import VoskRecognizer
from tests.conftest import ROOT

OURS = ROOT / "speech" / "model"


def small(seed: int = 0, width: int = 8, rank: int = 4) -> Network:
    rng = np.random.default_rng(seed)

    def of(*shape: int) -> Floats:
        return rng.standard_normal(shape, np.float32)

    first = Layer((-1, 0, 1), (np.float32(0.01) * of(width, 3 * DIM),), of(width), True, abs(of(width)), of(width))
    middle = Layer((-3, 0, 3), (of(rank, 3 * width), of(width, rank)), of(width), True, of(width), of(width), True)
    last = Layer((0,), (of(len(PHONES) + 1, width),), of(len(PHONES) + 1), relu=False)
    return Network((first, middle, last), PHONES, np.full(len(PHONES) + 1, 0.5, np.float32))


def same(one: Network, other: Network) -> bool:
    def parts(network: Network) -> list[object]:
        return [
            (
                layer.offsets,
                layer.relu,
                layer.residual,
                [factor.tolist() for factor in layer.factors],
                layer.bias.tolist(),
            )
            for layer in network.layers
        ]

    return parts(one) == parts(other) and one.phones == other.phones


def test_what_is_written_is_read_again_and_written_alike(tmp_path: Path) -> None:
    network = small()
    write_model(network, tmp_path / "a")
    read = read_model(tmp_path / "a")
    assert same(network, read)
    assert read.priors is not None
    assert read.priors.tolist() == network.priors.tolist()  # type: ignore[union-attr]
    write_model(read, tmp_path / "b")
    files = [tmp_path / folder / "am" / "final.mdl" for folder in "ab"]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_context_is_what_the_layers_hear() -> None:
    network = small()
    assert (network.left_context, network.right_context) == (4, 4)
    features = np.random.default_rng(1).standard_normal((31, DIM)).astype(np.float32)
    heard = forward(network, features)
    assert heard.shape == (11, len(PHONES) + 1)
    np.testing.assert_allclose(np.exp(heard).sum(1), 1, atol=1e-5)
    later = features.copy()
    later[20:] += 5
    changed = np.flatnonzero(np.abs(forward(network, later) - heard).max(1) > 1e-6)
    assert changed[0] == 6  # frame 18 hears frame 22; frame 15 hears no further than 19


def test_low_rank_changes_nothing_it_need_not() -> None:
    network = read_model(OURS)
    rank = min(min(factor.shape) for layer in network.layers[1:-1] for factor in layer.factors)
    factored = low_rank(network, rank)
    features = mfcc(np.random.default_rng(2).standard_normal(16000, np.float32) / np.float32(10))
    np.testing.assert_allclose(forward(factored, features), forward(network, features), atol=1e-3)
    assert all(len(layer.factors) == 2 for layer in factored.layers[1:-1])


def test_a_rank_that_is_too_small_is_refused() -> None:
    rng = np.random.default_rng(3)
    full = Layer((0,), (rng.standard_normal((8, 8)).astype(np.float32),), np.zeros(8, np.float32))
    with pytest.raises(ValueError, match="does not fit into rank 2"):
        low_rank(Network((full, full, full), PHONES), 2)


@pytest.fixture(scope="module")
def heard_by(tmp_path_factory: pytest.TempPathFactory) -> VoskRecognizer:
    """Our model, read and written again, as Vosk loads it."""
    folder = tmp_path_factory.mktemp("model")
    network = read_model(OURS)
    write_model(low_rank(network, min(network.layers[2].factors[0].shape)), folder / "am-only")
    build_graph(folder / "am-only", folder / "built", [], [])
    return VoskRecognizer(folder / "built")


@pytest.mark.parametrize("said", ["satu dua tiga", "lima kosong sembilan", "enam tujuh delapan empat"])
def test_vosk_hears_what_the_reference_computes(heard_by: VoskRecognizer, said: str) -> None:
    pcm = speak(said, "id+m3@130")
    stream = heard_by.listen(tuple(DIGITS))
    stream.accept(pcm)
    words = stream.finish().text
    assert words == said
    best = forward(read_model(OURS), mfcc(np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32768))).argmax(1)
    phones = [PHONES[p - 1] for n, p in enumerate(best) if p and (not n or p != best[n - 1])]
    readings = [[" ".join(reading) for reading in pronunciations(word)] for word in words.split()]
    spelled = " ".join(phones)
    for choices in readings:
        begun = next((reading for reading in choices if spelled.startswith(reading)), None)
        assert begun is not None, spelled
        spelled = spelled.removeprefix(begun).strip()
    assert not spelled


def broken(tmp_path: Path, data: bytes) -> Path:
    shutil.copytree(OURS / "am", tmp_path / "am")
    (tmp_path / "am" / "final.mdl").write_bytes(data)
    return tmp_path


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "binary header"), (0.0005, "TransitionModel"), (0.5, "expected at byte"), (0.9999, "expected")],
)
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, share: float, said: str) -> None:
    data = (OURS / "am" / "final.mdl").read_bytes()
    with pytest.raises(ModelFormatError, match=said):
        read_model(broken(tmp_path, data[: int(share * len(data))]))


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelFormatError, match="missing"):
        read_model(tmp_path)
    data = (OURS / "am" / "final.mdl").read_bytes()
    with pytest.raises(ModelFormatError, match="a component of our networks"):
        read_model(broken(tmp_path, data.replace(b"FixedAffineComponent", b"MixedAffineComponent")))


def test_phones_of_another_model_are_refused(tmp_path: Path) -> None:
    model = broken(tmp_path, (OURS / "am" / "final.mdl").read_bytes())
    (model / "am" / "phones.txt").write_text("a\nb\n")
    with pytest.raises(ModelFormatError, match="not blank and the phones"):
        read_model(model)
