"""A confidence that means something: how likely a turn was understood, from what the recogniser says of itself.

Vosk's word confidences are too sure of themselves (a mean of 0.93 where it was wrong). A logistic regression over
several signals, fitted on speech that no training heard (`speech.accuracy.calibrate`), makes a probability of them.
"Understood" means: every word of an answer that a grammar binds; four of five words of free speech.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from speech.recognize import UNKNOWN, Word

FILE = "conf/confidence.json"  # in a model's directory
SIGNALS = ("one", "mean doubt", "greatest doubt", "unknown share", "words", "fast", "slow")
_LEAST_DOUBT, _MOST_DOUBT = 1e-4, 0.999
_USUAL_LETTERS_PER_S = 12.0  # of Indonesian speech; far off it, words were squeezed or stretched into the sound
_RIDGE = 1.0  # keeps coefficients small where few turns were wrong


def signals(words: Sequence[Word]) -> NDArray[np.float64]:
    """What is known of a turn, as numbers in the order of `SIGNALS`."""
    doubts = [_log_odds(1 - word.confidence) for word in words] or [_log_odds(_MOST_DOUBT)]
    unknown = sum(word.text == UNKNOWN for word in words) / max(1, len(words))
    letters = sum(len(word.text) for word in words if word.text != UNKNOWN)
    seconds = sum(word.end_ms - word.start_ms for word in words if word.text != UNKNOWN) / 1000
    pace = math.log((letters + 1) / (seconds + 0.1) / _USUAL_LETTERS_PER_S)
    mean = sum(doubts) / len(doubts)
    return np.array([1.0, mean, max(doubts), unknown, math.log1p(len(words)), max(0.0, pace), max(0.0, -pace)])


def _log_odds(doubt: float) -> float:
    doubt = min(_MOST_DOUBT, max(_LEAST_DOUBT, doubt))
    return math.log(doubt / (1 - doubt))


@dataclass(frozen=True)
class Calibration:
    """Coefficients by `SIGNALS`, for answers that a grammar binds and for free speech."""

    grammar: tuple[float, ...]
    free: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.grammar) == len(self.free) == len(SIGNALS):
            raise ValueError(f"a calibration has {len(SIGNALS)} coefficients: {', '.join(SIGNALS)}")

    def confidence(self, words: Sequence[Word], free: bool) -> float:
        """How likely the turn was understood, 0..1; 0 when nothing was heard."""
        if not any(word.text != UNKNOWN for word in words):
            return 0.0
        return probability(np.array(self.free if free else self.grammar), signals(words))

    def save(self, path: Path) -> None:
        rounded = {key: [round(value, 4) for value in values] for key, values in asdict(self).items()}
        path.write_text(json.dumps({"signals": SIGNALS, **rounded}, indent=1) + "\n")


def load_calibration(path: Path) -> Calibration | None:
    """The calibration of a model; None if it brings none.

    Raises:
        ValueError: if the file is not one.
    """
    if not path.is_file():
        return None
    try:
        kept = json.loads(path.read_text())
        return Calibration(tuple(map(float, kept["grammar"])), tuple(map(float, kept["free"])))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path}: no calibration of confidence ({error}); remove it, or fit it anew") from error


def probability(coefficients: NDArray[np.float64], of: NDArray[np.float64]) -> float:
    return float(1 / (1 + math.exp(-max(-30.0, min(30.0, float(coefficients @ of))))))


def fit(turns: Sequence[NDArray[np.float64]], right: Sequence[bool], rounds: int = 50) -> NDArray[np.float64]:
    """Logistic regression with a little ridge, by Newton's steps.

    Args:
        turns: `signals` of each turn.
        right: whether it was understood.

    Raises:
        ValueError: if all or none were right: nothing can be learnt from that.
    """
    if len(set(right)) < 2:
        raise ValueError("to calibrate, some turns must be right and some wrong: measure more speech, or in more noise")
    x, y = np.array(turns), np.array(right, float)
    ridge = _RIDGE * np.diag([0.0, *[1.0] * (x.shape[1] - 1)])
    coefficients = np.zeros(x.shape[1])
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-np.clip(x @ coefficients, -30, 30)))
        gradient = x.T @ (y - p) - ridge @ coefficients
        curvature = (x * (p * (1 - p))[:, None]).T @ x + ridge + 1e-6 * np.eye(x.shape[1])
        step = np.linalg.solve(curvature, gradient)
        coefficients += step
        if np.abs(step).max() < 1e-6:
            break
    return coefficients
