"""Word error rates and their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

REPEATS = 1000  # of the bootstrap
COVERED = 95  # percent, by the interval


@dataclass(frozen=True)
class Score:
    """One utterance's share of a figure: `wrong` of `total` (words, or the utterance itself), said by `speaker`."""

    speaker: str
    wrong: int
    total: int


@dataclass(frozen=True)
class Figure:
    """A rate in percent, its interval, and how many utterances it rests on."""

    percent: float
    low: float
    high: float
    utterances: int

    def __str__(self) -> str:
        return f"{self.percent:.1f} ({self.low:.1f}-{self.high:.1f})"


def word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Fewest insertions, deletions and substitutions that make one of the other."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, start=1):
        above, row = row, [i]
        for j, other in enumerate(heard, start=1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (word != other)))
    return row[-1]


def rate(scores: Sequence[Score]) -> Figure:
    """`wrong` in percent of `total`, with the interval of a bootstrap over speakers (over utterances, if one spoke).

    Speakers are drawn whole, since utterances of one person err together (Bisani and Ney, 2004).
    """
    if not scores:
        raise ValueError("no utterance to measure")
    speakers = sorted({score.speaker for score in scores})
    unit = {speaker: n for n, speaker in enumerate(speakers)}
    units = [unit[score.speaker] if len(speakers) > 1 else n for n, score in enumerate(scores)]
    sums = np.zeros((max(units) + 1, 2))
    np.add.at(sums, units, [(score.wrong, score.total) for score in scores])
    draws = np.random.default_rng(0).integers(0, len(sums), (REPEATS, len(sums)))
    drawn = sums[draws].sum(1)
    low, high = np.percentile(100 * drawn[:, 0] / drawn[:, 1], [(100 - COVERED) / 2, (100 + COVERED) / 2])
    wrong, total = sums.sum(0)
    return Figure(float(100 * wrong / total), float(low), float(high), len(scores))
