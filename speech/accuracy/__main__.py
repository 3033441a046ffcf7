"""The command line of `script/accuracy FOLDER`: a table for people, and last a JSON line for programs."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from speech.accuracy.measure import Heard, measure, right, word_error, wrong
from speech.accuracy.phrases import add_words_option, phrases_of
from speech.accuracy.score import Figure
from speech.accuracy.sets import (
    COMMANDS_SET,
    CONDITIONS,
    DIALOGUE_SET,
    DIGITS_SET,
    NEWS_SET,
    OTHERS_SET,
    REPORTS,
    REPORTS_SET,
    WORDS_SET,
)
from speech.graph import GraphError, ensure_model
from speech.recognize import RecognizerUnavailable
from speech.training.corpora import CorporaError, prepare

Rate = Callable[[Sequence[Heard]], Figure]

ROWS: tuple[tuple[str, str, Rate], ...] = (
    ("digit strings, grammar: word error", DIGITS_SET, word_error),
    ("digit strings, grammar: whole string right", DIGITS_SET, right),
    ("dialogue of 70 words, grammar: word error", DIALOGUE_SET, word_error),
    ("single words, grammar: right", WORDS_SET, right),
    ("other words accepted", OTHERS_SET, wrong),
    ("commands, synthetic voices, grammar: right", COMMANDS_SET, right),
    ("news, open vocabulary: word error", NEWS_SET, word_error),
    ("reports, synthetic voices, open vocabulary: word error", REPORTS_SET, word_error),
)
CLEAN, LINE, TEL15, TEL5 = CONDITIONS
SUMMARY: tuple[tuple[str, str, str, Rate], ...] = (
    ("digits_clean_wer", DIGITS_SET, CLEAN, word_error),
    ("digits_clean_exact", DIGITS_SET, CLEAN, right),
    ("digits_line_wer", DIGITS_SET, LINE, word_error),
    ("dialogue_line_wer", DIALOGUE_SET, LINE, word_error),
    ("digits_tel15_wer", DIGITS_SET, TEL15, word_error),
    ("digits_tel15_exact", DIGITS_SET, TEL15, right),
    ("dialogue_clean_wer", DIALOGUE_SET, CLEAN, word_error),
    ("dialogue_tel15_wer", DIALOGUE_SET, TEL15, word_error),
    ("commands_clean_right", COMMANDS_SET, CLEAN, right),
    ("commands_tel15_right", COMMANDS_SET, TEL15, right),
    ("news_clean_wer", NEWS_SET, CLEAN, word_error),
    ("news_tel15_wer", NEWS_SET, TEL15, word_error),
)


def table(heard: Sequence[Heard]) -> str:
    """Figures in percent with their 95 % interval over speakers; a row a set, a column a condition."""
    lines = [f"{'':56}{'said':>6}" + "".join(f"{condition:>19}" for condition in CONDITIONS)]
    for title, name, figure in ROWS:
        rows = [[h for h in heard if (h.set, h.condition) == (name, condition)] for condition in CONDITIONS]
        if any(rows):
            said = max(map(len, rows))
            lines.append(
                f"{title:56}{said:6}" + "".join(f"{figure(row)!s:>19}" if row else f"{'-':>19}" for row in rows)
            )
    return "\n".join(lines)


def groups(heard: Sequence[Heard]) -> str:
    """The same by who speaks, over the line."""
    lines = []
    for title, name, figure in ROWS:
        for group in sorted({h.group for h in heard if h.set == name} - {""}):
            rows = [h for h in heard if (h.set, h.condition, h.group) == (name, LINE, group)]
            if rows:
                lines.append(f"{title:56}{len(rows):6}  {group:8}{figure(rows)!s:>19}")
    return "\n".join(lines)


def speed(heard: Sequence[Heard]) -> str:
    lines = []
    for title, names in (("grammar", {DIGITS_SET, DIALOGUE_SET, WORDS_SET}), ("open", {NEWS_SET, REPORTS_SET})):
        rows = [h for h in heard if h.set in names]
        if rows:
            factor = sum(h.core_s for h in rows) / sum(h.sound_s for h in rows)
            flush = sorted(h.flush_s for h in rows)[int(0.95 * (len(rows) - 1))]
            lines.append(
                f"{title:8} real-time factor {factor:.4f} of a core, answer after the flush p95 {1000 * flush:.0f} ms"
            )
    return "\n".join(lines)


def confusions(heard: Sequence[Heard], most: int) -> str:
    """What was heard for what, most frequent first."""
    missed = Counter((h.set, h.condition, h.said, h.text or "(nothing)") for h in heard if not h.right)
    return "\n".join(
        f"{n:3} x {name}, {how}: {said} -> {was}" for (name, how, said, was), n in missed.most_common(most)
    )


def summary(heard: Sequence[Heard]) -> dict[str, float]:
    """The figures that are compared from model to model."""
    figures: dict[str, float] = {}
    for key, name, condition, figure in SUMMARY:
        rows = [h for h in heard if (h.set, h.condition) == (name, condition)]
        if rows:
            figures[key] = round(figure(rows).percent, 2)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="script/accuracy", description="Measure the recogniser on people.")
    parser.add_argument("folder", type=Path, help="holds the corpora: INDspeech's, as they were fetched")
    add_words_option(parser)
    parser.add_argument("--reports", default=REPORTS, help="read by the synthetic voices")
    parser.add_argument("--model-dir", type=Path, default=Path("speech/model"), help="acoustic model")
    parser.add_argument("--built", type=Path, default=Path("var/accuracy/model"), help="where the graph is built")
    parser.add_argument("--work", type=Path, default=Path("var/training"), help="where the corpora are prepared")
    parser.add_argument("--most", type=int, default=500, help="utterances of a corpus")
    parser.add_argument("--split", choices=("test", "dev"), default="test", help="dev: to tune on")
    parser.add_argument(
        "--only", action="append", default=[], help="a set: digits, dialogue, news, commands, reports ..."
    )
    parser.add_argument("--condition", action="append", choices=CONDITIONS, help="only these")
    parser.add_argument("--confusions", type=int, default=0, help="how many mistakes to list")
    options = parser.parse_args(arguments)
    try:
        prepare(options.folder, options.work, report=lambda text: print(text, file=sys.stderr))
        words = list(phrases_of(*options.words))
        model = ensure_model(options.model_dir, options.built, words, [])
        heard = measure(
            model,
            options.work,
            list(phrases_of(options.reports)),
            options.split,
            options.most,
            options.only,
            options.condition or CONDITIONS,
        )
    except (GraphError, RecognizerUnavailable, CorporaError, OSError, KeyError) as error:
        print(f"script/accuracy: {error}", file=sys.stderr)
        return 1
    print("Percent, with the 95 % interval of a bootstrap over speakers. Line: 300 to 3400 Hz and mu-law; babble: six")
    print(f"talkers, then the line. Reserved speakers and sentences only ({options.split}).\n")
    print(f"{table(heard)}\n\nOver the line, by who speaks:\n{groups(heard)}\n\n{speed(heard)}\n")
    if options.confusions:
        print(f"Heard wrong:\n{confusions(heard, options.confusions)}\n")
    print(json.dumps(summary(heard)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
