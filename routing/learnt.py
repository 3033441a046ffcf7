"""What a city's own cases teach: categories and emergencies by a trained linear model. `routing.train` makes it.

TF-IDF of words, pairs of words and pieces of words (so that a slip of the recogniser costs little), and logistic
regression: of what was tried the smallest model that lost nothing (docs/routing-results.md). The city's rules
outrank it; a city without a model goes by its rules alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from routing.words import tokens

FILE = "learnt.npz"  # in the city's folder
WORDS, PIECES = 8000, 12000  # most features; twice as many gained nothing (docs/routing-results.md)
LEAST_EFFECT = 0.15  # nats by which a word must move the decision to be named as a reason
MOST_REASONS = 4

Floats = NDArray[np.float64]


class UnreadableModel(Exception):
    """The city's learnt.npz is damaged, or holds other things than such a model."""


@dataclass(frozen=True)
class Learnt:
    """A trained model. Safe to share between threads.

    Attributes:
        features: scikit-learn transformer, texts to a sparse matrix.
        categories: classifier of the category.
        emergency: classifier of "an emergency, now": 0 or 1.
    """

    features: Any
    categories: Any
    emergency: Any

    def log_probabilities(self, text: str) -> dict[str, float]:
        """Natural logarithm of each category's probability."""
        row = self.categories.predict_log_proba(self.features.transform([plain(text)]))[0]
        return dict(zip(map(str, self.categories.classes_), map(float, row), strict=True))

    def danger(self, text: str) -> float:
        """How much speaks for an emergency, in nats; 0 is even, less than 0 speaks against."""
        return float(self.emergency.decision_function(self.features.transform([plain(text)]))[0])

    def reasons(self, text: str, category: str) -> tuple[str, ...]:
        """The words without which the category would be less likely, the weightiest first.

        Each word is left out in turn: that says what the whole model does, whatever features it has.
        """
        words = tokens(text)
        if not words or category not in self.categories.classes_:
            return ()
        variants = [" ".join(words), *(" ".join(words[:n] + words[n + 1 :]) for n in range(len(words)))]
        scores: Floats = self.categories.decision_function(self.features.transform(variants))
        column = list(self.categories.classes_).index(category)
        effect = scores[0, column] - scores[1:, column]
        weightiest = sorted(range(len(words)), key=lambda n: -effect[n])[:MOST_REASONS]
        return tuple(dict.fromkeys(words[n] for n in weightiest if effect[n] >= LEAST_EFFECT))

    def save(self, path: Path) -> None:
        """Numbers and words only: reading such a file runs nothing. (skops is as safe, and takes 6 s to read.)"""
        content: dict[str, Any] = {"classes": np.array(self.categories.classes_, dtype=str)}
        for name, vectorizer in self.features.transformer_list:
            content[f"{name}.vocabulary"] = vectorizer.get_feature_names_out().astype(str)
            content[f"{name}.idf"] = vectorizer.idf_.astype(np.float32)
        for name in ("categories", "emergency"):
            model = getattr(self, name)
            content |= {f"{name}.coef": model.coef_.astype(np.float16), f"{name}.intercept": model.intercept_}
        unfinished = path.with_suffix(".part.npz")
        np.savez_compressed(unfinished, **content)
        unfinished.replace(path)


def empty_features() -> FeatureUnion:
    """Words and pairs of words; pieces of words. Not yet fitted."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=WORDS)
    pieces = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, max_features=PIECES)
    return FeatureUnion([("words", words), ("pieces", pieces)])


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


@lru_cache(maxsize=4)
def _load(path: Path, _changed: int) -> Learnt:
    try:
        with np.load(path, allow_pickle=False) as file:
            content = dict(file)
        features = empty_features()
        for name, vectorizer in features.transformer_list:
            vectorizer.set_params(vocabulary=content[f"{name}.vocabulary"].tolist())
            vectorizer.idf_ = content[f"{name}.idf"].astype(np.float64)
        categories = _linear(content, "categories", content["classes"])
        return Learnt(features, categories, _linear(content, "emergency", np.array([0, 1])))
    except Exception as error:  # whatever a damaged file makes numpy raise
        raise UnreadableModel(f"{path}: cannot be read; make it anew with `flask routing train`") from error


def _linear(content: dict[str, Any], name: str, classes: NDArray[Any]) -> LogisticRegression:
    model = LogisticRegression()
    model.coef_ = content[f"{name}.coef"].astype(np.float32)
    model.intercept_, model.classes_ = content[f"{name}.intercept"], classes
    return model
