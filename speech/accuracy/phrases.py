"""Phrases to measure with, from files that the command line names."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path


def add_words_option(parser: argparse.ArgumentParser) -> None:
    """`--words FILE`, as often as wanted; `phrases_of(*options.words)` are they."""
    parser.add_argument(
        "--words", action="append", default=[], help="FILE or FILE:COLUMN that the vocabulary also needs"
    )


def phrases_of(*sources: str) -> Iterator[str]:
    """Phrases from each FILE (a line each; # begins a comment) or FILE:COLUMN (a table).

    Raises:
        OSError: if there is no such file.
        KeyError: if the table has no such column.
    """
    for source in sources:
        name, _, column = source.partition(":")
        with Path(name).open(encoding="utf-8", newline="") as file:
            if column:
                yield from (row[column] for row in csv.DictReader(file))
            else:
                yield from (line.strip() for line in file if line.strip() and not line.startswith("#"))
