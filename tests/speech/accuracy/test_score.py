"""Figures and their intervals."""

from __future__ import annotations

import pytest

from speech.accuracy.score import Score, rate, word_errors


@pytest.mark.parametrize(
    ("said", "heard", "errors"),
    [
        ("satu dua tiga", "satu dua tiga", 0),
        ("satu dua tiga", "satu tiga", 1),
        ("satu dua tiga", "satu dua dua tiga", 1),
        ("satu dua tiga", "satu lima tiga", 1),
        ("satu dua tiga", "", 3),
        ("", "satu", 1),
    ],
)
def test_word_errors(said: str, heard: str, errors: int) -> None:
    assert word_errors(said.split(), heard.split()) == errors


def test_a_rate_counts_words_not_utterances() -> None:
    figure = rate([Score("a", 1, 1), Score("b", 0, 9)])
    assert figure.percent == pytest.approx(10)
    assert figure.utterances == 2


def test_an_interval_is_wider_when_errors_belong_to_few_speakers() -> None:
    spread = [Score(f"s{n % 20}", int(n % 10 == 0), 1) for n in range(200)]
    spread = [Score(f"s{n // 10}", score.wrong, 1) for n, score in enumerate(spread)]
    bundled = [Score(f"s{n // 10}", int(n < 20), 1) for n in range(200)]
    even, uneven = rate(spread), rate(bundled)
    assert even.percent == uneven.percent == pytest.approx(10)
    assert uneven.high - uneven.low > even.high - even.low
    assert uneven.low <= 10 <= uneven.high


def test_one_speaker_is_resampled_by_utterances() -> None:
    figure = rate([Score("only", int(n % 4 == 0), 1) for n in range(100)])
    assert figure.low < 25 < figure.high


def test_nothing_to_measure_is_an_error() -> None:
    with pytest.raises(ValueError, match="no utterance"):
        rate([])
