"""Streets, markets, schools and the like of a city, and the areas that they lie in. Pure data of `landmarks.csv`.

Whoever names one has not named a place: a street lies in several kelurahan, and what nobody of the city confirmed
(status "contoh") may be wrong. So a landmark is a reason to ask, never an answer (see `routing.places`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from routing.city_files import CityDataError, rows
from routing.words import tokens

KINDS = (
    "street", "market", "station", "terminal", "worship", "school", "hospital", "park", "water", "office", "shop",
    "housing", "other",
)  # fmt: skip
CONFIRMED, UNCONFIRMED = "confirmed", "contoh"
COLUMNS = ("name", "other_names", "kind", "areas", "source", "status")
HEADS: frozenset[str] = frozenset(
    yaml.safe_load(Path(__file__).with_name("places.yaml").read_text(encoding="utf-8"))["heads"]
)


@dataclass(frozen=True)
class Landmark:
    """What callers find their way by.

    Attributes:
        names: how it is called, its usual name first.
        kind: one of `KINDS`.
        areas: codes of the kelurahan (or, where no more is known, kecamatan) that it lies in.
        source: who says so.
        confirmed: somebody of the city said that it is so.
    """

    names: tuple[str, ...]
    kind: str
    areas: tuple[str, ...]
    source: str = ""
    confirmed: bool = False

    @property
    def name(self) -> str:
        return self.names[0]


def proper(name: str) -> tuple[str, ...]:
    """The words of a name after those that only say what it is: ("daan", "mogot") of "Jalan Daan Mogot"."""
    words = tokens(name)
    at = next((at for at, word in enumerate(words) if word not in HEADS), len(words))
    return tuple(words[at:])


def read_landmarks(path: Path, areas: Mapping[str, str]) -> tuple[Landmark, ...]:
    """The city's landmarks; none when it has no such file.

    Args:
        areas: names of its kecamatan and kelurahan by code.

    Raises:
        CityDataError: naming file, line, and what to do.
    """
    seen = {"".join(tokens(name)): "areas.csv" for name in areas.values()}
    found = []
    for number, row in rows(path, COLUMNS, required=False):
        where = f"{path}: line {number}"
        names = tuple(name for name in (row["name"], *_split(row["other_names"])) if name)
        if not row["name"]:
            raise CityDataError(f"{where}: name is empty; write what callers say, such as Jalan Melati")
        _check(where, row)
        codes = _split(row["areas"])
        for code in codes:
            if code not in areas:
                raise CityDataError(f"{where}: {code!r} is no code of areas.csv; write codes, with ; between several")
        for name in names:
            if not proper(name):
                raise CityDataError(f"{where}: {name!r} only says what it is; write which one, such as Pasar Melati")
            key = "".join(tokens(name))
            if key in seen:
                raise CityDataError(
                    f"{where}: {name!r} stands already in {seen[key]}; where several have one name, write one line"
                    " with the codes of all of them"
                )
            seen[key] = f"line {number}"
        found.append(Landmark(names, row["kind"], tuple(codes), row["source"], row["status"] == CONFIRMED))
    return tuple(found)


def _check(where: str, row: Mapping[str, str]) -> None:
    if row["kind"] not in KINDS:
        raise CityDataError(f"{where}: kind {row['kind']!r} is not known; known are {', '.join(KINDS)}")
    if not row["areas"]:
        raise CityDataError(f"{where}: areas is empty; write the codes of the kelurahan that it lies in (areas.csv)")
    if row["status"] not in (CONFIRMED, UNCONFIRMED):
        raise CityDataError(
            f"{where}: status must be {CONFIRMED} (the city said so) or {UNCONFIRMED}, not {row['status']!r}"
        )


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
