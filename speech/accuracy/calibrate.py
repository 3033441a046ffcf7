"""Fits a model's confidence on speech that no training heard, and tells what a low one is worth.

    python -m speech.accuracy.calibrate FOLDER --model-dir speech/model

The development speakers teach it, with one half of the reports; the reserved ones judge it, with the other.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from speech.accuracy.measure import Heard, measure
from speech.accuracy.phrases import add_words_option, phrases_of
from speech.accuracy.score import word_errors
from speech.accuracy.sets import COMMANDS_SET, DIALOGUE_SET, DIGITS_SET, NEWS_SET, REPORTS, REPORTS_SET, WORDS_SET
from speech.confidence import FILE, Calibration, fit, signals
from speech.graph import GraphError, ensure_model
from speech.recognize import RecognizerUnavailable
from speech.training.corpora import CorporaError, prepare

GRAMMAR_SETS = (DIGITS_SET, DIALOGUE_SET, WORDS_SET, COMMANDS_SET)
FREE_SETS = (NEWS_SET, REPORTS_SET)
FREE_MAY_MISS = 0.2  # of the words of free speech: a clerk still understands it
LIMITS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)


def understood(heard: Heard) -> bool:
    """What confidence is about: all of a bound answer, most of free speech."""
    if heard.set in FREE_SETS:
        said = heard.said.split()
        return word_errors(said, heard.text.split()) <= FREE_MAY_MISS * len(said)
    return heard.right


def calibrated(heard: Sequence[Heard]) -> Calibration:
    coefficients = []
    for sets in (GRAMMAR_SETS, FREE_SETS):
        turns = [h for h in heard if h.set in sets and h.words]
        coefficients.append(tuple(map(float, fit([signals(h.words) for h in turns], [understood(h) for h in turns]))))
    return Calibration(*coefficients)


def table(heard: Sequence[Heard], calibration: Calibration) -> str:
    """Of turns flagged as low: how many were wrong (precision), and how many of the wrong were flagged (recall)."""
    lines = [f"{'':10}{'limit':>6}{'turns':>7}{'flagged':>9}{'precision':>11}{'recall':>8}"]
    for title, sets in (("grammar", GRAMMAR_SETS), ("free", FREE_SETS)):
        turns = [h for h in heard if h.set in sets]
        sure = [(calibration.confidence(h.words, h.set in FREE_SETS), understood(h)) for h in turns]
        wrong = sum(not right for _, right in sure)
        for limit in LIMITS:
            flagged = [right for confidence, right in sure if confidence < limit]
            hits = sum(not right for right in flagged)
            precision, recall = 100 * hits / max(1, len(flagged)), 100 * hits / max(1, wrong)
            share = 100 * len(flagged) / max(1, len(sure))
            lines.append(f"{title:10}{limit:6.2f}{len(turns):7}{share:7.1f} %{precision:9.1f} %{recall:6.1f} %")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="speech.accuracy.calibrate", description="Fit a model's confidence.")
    parser.add_argument("folder", type=Path, help="holds the corpora")
    parser.add_argument("--model-dir", type=Path, default=Path("speech/model"))
    parser.add_argument("--built", type=Path, default=Path("var/accuracy/model"))
    parser.add_argument("--work", type=Path, default=Path("var/training"))
    parser.add_argument(
        "--reports", default=REPORTS, help="FILE or FILE:COLUMN of sentences for synthetic voices to read"
    )
    add_words_option(parser)
    parser.add_argument("--most", type=int, default=200)
    options = parser.parse_args(arguments)
    try:
        prepare(options.folder, options.work, report=lambda text: print(text, file=sys.stderr))
        words = list(phrases_of(*options.words))
        reports = list(phrases_of(options.reports))
        model = ensure_model(options.model_dir, options.built, words, [])
        calibration = calibrated(measure(model, options.work, reports[::2], "dev", options.most))
        judged = measure(model, options.work, reports[1::2], "test", options.most)
        calibration.save(options.model_dir / FILE)
    except (GraphError, RecognizerUnavailable, CorporaError, OSError, KeyError, ValueError) as error:
        print(f"speech.accuracy.calibrate: {error}", file=sys.stderr)
        return 1
    print("Fitted on the development speakers, judged on the reserved ones:")
    print(table(judged, calibration))
    return 0


if __name__ == "__main__":
    sys.exit(main())
