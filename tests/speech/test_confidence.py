"""A confidence is a probability: fitted, kept with the model, refused when broken."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from speech.confidence import SIGNALS, Calibration, fit, load_calibration, probability, signals
from speech.recognize import UNKNOWN, Word


def words(*confidences: float, text: str = "lampu") -> list[Word]:
    return [Word(text, 400 * n, 400 * n + 400, confidence) for n, confidence in enumerate(confidences)]


def test_a_fit_finds_the_probability_that_made_its_data() -> None:
    rng = np.random.default_rng(1)
    turns = [signals(words(*rng.uniform(0.3, 1.0, 3))) for _ in range(4000)]
    truth = np.array([-0.5, -0.8, -0.4, 0.0, 0.0, 0.0, 0.0])
    right = [bool(rng.random() < probability(truth, turn)) for turn in turns]
    found = fit(turns, right)
    off = [abs(probability(found, turn) - probability(truth, turn)) for turn in turns]
    assert float(np.mean(off)) < 0.03


def test_doubt_lowers_confidence_and_nothing_heard_is_none() -> None:
    doubtful = (2.0, -0.5, -0.5, -3.0, 0.0, -1.0, -1.0)
    calibration = Calibration(doubtful, doubtful)
    sure, unsure = (calibration.confidence(words(c, c), free=False) for c in (0.99, 0.4))
    assert 0 < unsure < sure < 1
    assert calibration.confidence([], free=True) == 0.0
    assert calibration.confidence(words(0.9, text=UNKNOWN), free=False) == 0.0


def test_a_fit_needs_both_kinds() -> None:
    with pytest.raises(ValueError, match="some turns must be right and some wrong"):
        fit([signals(words(0.9))] * 5, [True] * 5)


def test_a_calibration_is_kept_with_the_model(tmp_path: Path) -> None:
    path = tmp_path / "confidence.json"
    assert load_calibration(path) is None
    calibration = Calibration(tuple(range(len(SIGNALS))), tuple(-n for n in range(len(SIGNALS))))
    calibration.save(path)
    assert load_calibration(path) == calibration


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"grammar": [1], "free": [1]}', '{"grammar": "x", "free": null}'])
def test_a_broken_one_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "confidence.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="remove it, or fit it anew"):
        load_calibration(path)
