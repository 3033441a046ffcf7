"""Train a city's model from labelled sentences: its own cases, and the project's corpus. `flask routing train`."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from routing.learnt import PIECE, Learnt
from routing.sentences import CannotTrain, Sentence, misheard

WORDS, PIECES = 8000, 12000  # most features; twice as many gained nothing (docs/routing-results.md)
STRENGTH = 30.0  # inverse regularisation of the categories
EMERGENCY_STRENGTH = 10.0
LEAST = 5  # sentences of a category, below which it is not learnt


def train(sentences: Sequence[Sentence], seed: int = 1) -> Learnt:
    """Learn from sentences, and from a copy of each with slips of the recogniser. The same for the same seed.

    Raises:
        CannotTrain: when fewer than two categories have sentences enough.
    """
    enough = {code for code, count in Counter(s.category for s in sentences if s.category).items() if count >= LEAST}
    if len(enough) < 2:
        raise CannotTrain(f"two categories with {LEAST} sentences each are needed, and only {len(enough)} has them")
    rng = random.Random(seed)  # noqa: S311  slips of a pen, no secret
    pairs = [(text, s) for s in sentences for text in (s.text, misheard(s.text, rng))]
    features, categories, emergency = fit(pairs, enough)
    parts = [vectorizer for _, vectorizer in features.transformer_list]
    binary = len(categories.coef_) == 1  # two categories: scikit-learn keeps one row, the other is its opposite
    weights, bias = categories.coef_, categories.intercept_
    return Learnt(
        words=parts[0].get_feature_names_out().astype(str),
        pieces=parts[1].get_feature_names_out().astype(str),
        idf=np.concatenate([part.idf_ for part in parts]).astype(np.float32),
        classes=np.array(categories.classes_, dtype=str),
        weights=(np.vstack([0 * weights, weights]) if binary else weights).astype(np.float16),
        bias=np.append(0 * bias, bias) if binary else bias,
        danger_weights=emergency.coef_[0].astype(np.float16),
        danger_bias=emergency.intercept_,
    )


def fit(
    pairs: Sequence[tuple[str, Sentence]], learnable: Collection[str]
) -> tuple[FeatureUnion, LogisticRegression, LogisticRegression]:
    """scikit-learn's features, categories and emergency, from texts and what is known of them."""
    features = FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=WORDS)),
            ("pieces", TfidfVectorizer(analyzer="char_wb", ngram_range=PIECE, sublinear_tf=True, max_features=PIECES)),
        ]
    )
    x = features.fit_transform([text for text, _ in pairs])
    labelled = [n for n, (_, s) in enumerate(pairs) if s.category in learnable]
    categories = LogisticRegression(C=STRENGTH, max_iter=300)
    categories.fit(x[labelled], [pairs[n][1].category for n in labelled])
    emergency = LogisticRegression(C=EMERGENCY_STRENGTH, max_iter=300, class_weight="balanced")
    if len({s.emergency for _, s in pairs}) < 2:  # a city's cases without that column: never an emergency by itself
        emergency.fit(x[:2], [0, 1])
        emergency.coef_[:], emergency.intercept_[:] = 0.0, -20.0
    else:
        emergency.fit(x, [int(s.emergency) for _, s in pairs])
    return features, categories, emergency
