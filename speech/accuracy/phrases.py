"""Phrases to measure with, from files that the command line names."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path


def phrases_of(source: str) -> Iterator[str]:
    """Phrases from FILE (a line each; # begins a comment) or FILE:COLUMN (a table).

    Raises:
        OSError: if there is no such file.
        KeyError: if the table has no such column.
    """
    name, _, column = source.partition(":")
    with Path(name).open(encoding="utf-8", newline="") as file:
        if column:
            yield from (row[column] for row in csv.DictReader(file))
        else:
            yield from (line.strip() for line in file if line.strip() and not line.startswith("#"))
