"""What a city's own cases teach: categories and emergencies by a trained linear model. `routing.train` makes it.

TF-IDF of words, pairs of words and pieces of words (so that a slip of the recogniser costs little), and logistic
regression: of what was tried the smallest model that lost nothing (docs/routing-results.md). The city's rules
outrank it; a city without a model goes by its rules alone.

scikit-learn trains it. Here its arithmetic is done with NumPy, since loading scikit-learn takes 2.6 s of every process
that only wants to ask; `tests/routing/test_learnt.py` holds the two against each other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import structlog
from numpy.typing import NDArray

from routing.words import tokens

FILE = "learnt.npz"  # in the city's folder
PIECE = (3, 4)  # letters of a piece, within a word and the blanks around it
LEAST_EFFECT = 0.15  # nats by which a word must move the decision to be named as a reason
MOST_REASONS = 4
_WORD = re.compile(r"(?u)\b\w\w+\b")  # scikit-learn's words: two letters and more

Floats = NDArray[np.float64]

log = structlog.get_logger(__name__)


class UnreadableModel(Exception):
    """The city's learnt.npz is damaged, or holds other things than such a model."""


@dataclass(frozen=True)
class Learnt:
    """A trained model. Safe to share between threads.

    Attributes:
        words, pieces: the features' texts, in order; first all words and pairs, then all pieces.
        idf: inverse document frequency of each feature (features).
        classes: category codes (classes).
        weights, bias: of the categories, (classes, features) and (classes).
        danger_weights, danger_bias: of "an emergency, now", (features) and (1).
    """

    words: NDArray[np.str_]
    pieces: NDArray[np.str_]
    idf: NDArray[Any]
    classes: NDArray[np.str_]
    weights: NDArray[Any]
    bias: NDArray[Any]
    danger_weights: NDArray[Any]
    danger_bias: NDArray[Any]

    def __post_init__(self) -> None:
        numbers = {f"w {word}": n for n, word in enumerate(self.words.tolist())}
        numbers |= {f"p {piece}": n for n, piece in enumerate(self.pieces.tolist(), len(self.words))}
        object.__setattr__(self, "_numbers", numbers)

    def log_probabilities(self, text: str) -> dict[str, float]:
        """Natural logarithm of each category's probability."""
        scores = self._scores(plain(text))
        shifted = scores - scores.max()
        row = shifted - np.log(np.exp(shifted).sum())
        return dict(zip(self.classes.tolist(), row.tolist(), strict=True))

    def danger(self, text: str) -> float:
        """How much speaks for an emergency, in nats; 0 is even, less than 0 speaks against."""
        at, values = self._features(plain(text))
        return float(self.danger_weights[at].astype(np.float64) @ values + self.danger_bias[0])

    @property
    def knows_danger(self) -> bool:
        """Whether it was ever taught what an emergency is; a city's cases need not say."""
        return bool(self.danger_weights.any())

    def reasons(self, text: str, category: str) -> tuple[str, ...]:
        """The words without which the category would be less likely, the weightiest first.

        Each word is left out in turn: that says what the whole model does, whatever features it has.
        """
        said = tokens(text)
        if not said or category not in self.classes:
            return ()
        column = self.classes.tolist().index(category)
        whole = self._scores(" ".join(said))[column]
        effect = [whole - self._scores(" ".join(said[:n] + said[n + 1 :]))[column] for n in range(len(said))]
        weightiest = sorted(range(len(said)), key=lambda n: -effect[n])[:MOST_REASONS]
        return tuple(dict.fromkeys(said[n] for n in weightiest if effect[n] >= LEAST_EFFECT))

    def _scores(self, text: str) -> Floats:
        """(classes), in nats."""
        at, values = self._features(text)
        scores: Floats = self.weights[:, at].astype(np.float64) @ values + self.bias
        return scores

    def _features(self, text: str) -> tuple[NDArray[np.intp], Floats]:
        """Numbers and values of the features that a text has; words and pieces each have length 1."""
        at: list[int] = []
        values: list[Floats] = []
        numbers: dict[str, int] = self.__dict__["_numbers"]
        for found in (_words_of(text), _pieces_of(text)):
            counts = Counter(number for one in found if (number := numbers.get(one)) is not None)
            if counts:
                value = (1 + np.log(np.array(list(counts.values())))) * self.idf[list(counts)].astype(np.float64)
                at += counts
                values.append(value / np.linalg.norm(value))
        return np.array(at, np.intp), np.concatenate(values) if values else np.zeros(0)

    def save(self, path: Path) -> None:
        """Numbers and words only: reading such a file runs nothing."""
        unfinished = path.with_suffix(".part.npz")
        np.savez_compressed(unfinished, **{field.name: getattr(self, field.name) for field in fields(self)})
        unfinished.replace(path)


def _words_of(text: str) -> Iterator[str]:
    said = _WORD.findall(text)
    yield from (f"w {word}" for word in said)
    yield from (f"w {one} {other}" for one, other in pairwise(said))


def _pieces_of(text: str) -> Iterator[str]:
    """As scikit-learn's `char_wb`: a word that is shorter than a piece counts once."""
    for word in text.split():
        padded = f" {word} "
        for length in range(PIECE[0], PIECE[1] + 1):
            yield from (f"p {padded[n : n + length]}" for n in range(max(1, len(padded) - length + 1)))
            if len(padded) <= length:
                break


def plain(text: str) -> str:
    """A text as the features see it: its words, lower case, with a blank between."""
    return " ".join(tokens(text))


def load(folder: Path) -> Learnt | None:
    """The model in a city's folder; None when it has none.

    Raises:
        UnreadableModel: when the file is damaged or was made by something else.
    """
    path = folder / FILE
    return _load(path, path.stat().st_mtime_ns) if path.is_file() else None


def read(path: Path) -> Learnt:
    """The model in this file.

    Raises:
        UnreadableModel: when there is none, or it is damaged.
    """
    return _load(path, path.stat().st_mtime_ns if path.is_file() else 0)


def usable(folder: Path) -> Learnt | None:
    """The model, or None with a line in the log: a damaged one must not silence a hotline that has its rules."""
    try:
        return load(folder)
    except UnreadableModel as error:
        log.error("the city's model is not used", reason=str(error))
        return None


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Learnt:
    try:
        with np.load(path, allow_pickle=False) as file:
            return Learnt(**{field.name: file[field.name] for field in fields(Learnt)})
    except Exception as error:  # whatever a damaged file makes numpy raise
        raise UnreadableModel(f"{path}: cannot be read; make it anew with `flask routing train`") from error
