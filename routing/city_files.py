"""Reading a city's files: tables and YAML, with errors that name file, line and what to mend."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml


class CityDataError(Exception):
    """A file of the city is missing or wrong; the message names file, line and what to mend."""


def rows(path: Path, needed: tuple[str, ...], required: bool = True) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and columns of each row of a table that has at least the `needed` columns."""
    if not path.is_file():
        if not required:
            return
        raise CityDataError(f"{path}: missing; copy the file from cities/contoh and adapt it")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [c for c in needed if c not in (reader.fieldnames or ())]
        if missing:
            raise CityDataError(f"{path}: line 1 lacks the column(s) {', '.join(missing)}")
        for number, row in enumerate(reader, start=2):
            if any(row[c] is None for c in needed):
                raise CityDataError(f"{path}: line {number} has too few columns; quote texts that hold a comma")
            yield number, {key: (value or "").strip() for key, value in row.items() if key}


def yaml_of(path: Path, required: bool = True) -> dict[str, Any]:
    """What a YAML file maps names to; nothing when it is not there and need not be."""
    if not path.is_file():
        if required:
            raise CityDataError(f"{path}: missing; copy the file from cities/contoh and adapt it")
        return {}
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise CityDataError(f"{path}: not YAML: {error}") from error
    if not isinstance(data, dict):
        raise CityDataError(f"{path}: must hold names with values, such as 'name: Kota Contoh'")
    return data
