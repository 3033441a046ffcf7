"""How well reports are understood: category, place, emergency, on sentences with known answers. Pure.

The same functions that a call uses are given in; the figures say nothing of the recogniser unless its words are.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SURE_PLACE = 0.85  # score from which a call offers a place that was named (ivr/steps/report.py)
COLUMNS = ("text", "category", "kelurahan", "kecamatan", "emergency", "profile")


class UnreadableReports(Exception):
    """The table cannot be read; the message says which column or line."""


@dataclass(frozen=True)
class Report:
    """A sentence and what is right. Empty `kelurahan` and `kecamatan`: none is said; `category`: not to be measured."""

    text: str
    category: str
    kelurahan: str
    kecamatan: str
    emergency: bool
    profile: str


@dataclass(frozen=True)
class Understanding:
    """What is made of a sentence: category codes best first, names of offered places, whether an emergency is seen."""

    categories: tuple[str, ...]
    probability: float  # of the first
    places: tuple[str, ...]
    emergency: bool


@dataclass
class Tally:
    """Counts; `share` makes them percentages."""

    reports: int = 0
    labelled: int = 0
    first: int = 0
    third: int = 0
    place_said: int = 0
    place_right: int = 0
    invented: int = 0
    emergencies: int = 0
    found: int = 0
    alarms: int = 0
    certain: list[tuple[float, bool]] = field(default_factory=list)

    def add(self, report: Report, understood: Understanding) -> None:
        self.reports += 1
        if report.category:
            right = understood.categories[:1] == (report.category,)
            self.labelled += 1
            self.first += right
            self.third += report.category in understood.categories[:3]
            self.certain.append((understood.probability, right))
        if report.kelurahan:
            self.place_said += 1
            self.place_right += understood.places[:1] == (report.kelurahan,)
        elif not report.kecamatan:
            self.invented += bool(understood.places)
        self.emergencies += report.emergency
        self.found += report.emergency and understood.emergency
        self.alarms += understood.emergency and not report.emergency

    def figures(self) -> dict[str, float]:
        """As the JSON line has them: shares from 0 to 1, and counts of emergencies and alarms."""
        return {
            "reports": self.reports,
            "top1": round(self.first / max(1, self.labelled), 4),
            "top3": round(self.third / max(1, self.labelled), 4),
            "kelurahan_right": round(self.place_right / self.place_said, 4) if self.place_said else 1.0,
            "kelurahan_invented": self.invented,
            "emergencies": self.emergencies,
            "emergencies_found": self.found,
            "false_alarms": self.alarms,
            "calibration_error": round(calibration_error(self.certain), 4),
        }


def calibration_error(certain: Sequence[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error (Guo et al., 2017): how far the probabilities are from how often they come true."""
    total = 0.0
    for number in range(bins):
        inside = [(p, right) for p, right in certain if number <= p * bins - (p == 1) < number + 1]
        if inside:
            said, right = sum(p for p, _ in inside), sum(right for _, right in inside)
            total += abs(said - right)
    return total / max(1, len(certain))


def come_true(certain: Sequence[tuple[float, bool]]) -> list[tuple[float, int, float]]:
    """For each tenth of certainty: from where, how many were said with it, and the share of them that was right."""
    bands: dict[int, list[bool]] = {}
    for said, right in certain:
        bands.setdefault(min(9, int(said * 10)), []).append(right)
    return [(band / 10, len(found), sum(found) / len(found)) for band, found in sorted(bands.items())]


def read_reports(path: Path, categories: Iterable[str], kelurahan: Iterable[str]) -> list[Report]:
    """A table with at least `text` and `category`; the other columns may be missing.

    Raises:
        UnreadableReports: for a missing file or column, a category or kelurahan that the city does not have.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            missing = {"text", "category"} - set(reader.fieldnames or ())
            if missing:
                raise UnreadableReports(f"{path}: line 1 lacks the column(s) {', '.join(sorted(missing))}")
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableReports(f"{path}: cannot be read as a CSV table in UTF-8: {error}") from None
    return list(_checked(path, rows, frozenset(categories), frozenset(kelurahan)))


def _checked(
    path: Path, rows: Sequence[dict[str, str]], categories: frozenset[str], kelurahan: frozenset[str]
) -> Iterator[Report]:
    for number, row in enumerate(rows, start=2):
        given = {name: (row.get(name) or "").strip() for name in COLUMNS}
        if given["category"] and given["category"] not in categories:
            raise UnreadableReports(f"{path}: line {number}: the city has no category {given['category']!r}")
        if given["kelurahan"] and given["kelurahan"] not in kelurahan:
            raise UnreadableReports(f"{path}: line {number}: the city has no kelurahan {given['kelurahan']!r}")
        yield Report(
            given["text"],
            given["category"],
            given["kelurahan"],
            given["kecamatan"],
            given["emergency"] == "1",
            given["profile"] or "-",
        )


def evaluate(
    reports: Iterable[Report], understand: Callable[[str], Understanding]
) -> tuple[Tally, dict[str, Tally], dict[str, Tally]]:
    """All of them, by category and by profile."""
    whole, by_category, by_profile = Tally(), dict[str, Tally](), dict[str, Tally]()
    for report in reports:
        understood = understand(report.text)
        for tally in (
            whole,
            by_category.setdefault(report.category or "-", Tally()),
            by_profile.setdefault(report.profile, Tally()),
        ):
            tally.add(report, understood)
    return whole, by_category, by_profile


def table(whole: Tally, by_category: dict[str, Tally], by_profile: dict[str, Tally]) -> str:
    """For the eye: a line each, percentages."""
    head = (
        f"{'':16}{'reports':>8}{'first':>8}{'in three':>10}{'place':>8}{'invented':>10}{'emergency':>11}{'alarms':>8}"
    )
    lines = [head]
    for title, tallies in (("by category", by_category), ("by profile", by_profile), ("all", {"all": whole})):
        if title != "all":
            lines.append(title)
        lines += [_line(name, tallies[name]) for name in sorted(tallies)]
    return "\n".join(lines)


def _line(name: str, tally: Tally) -> str:
    def share(part: int, of: int) -> str:
        return f"{100 * part / of:.1f}" if of else "-"

    return (
        f"{name:16}{tally.reports:>8}{share(tally.first, tally.labelled):>8}{share(tally.third, tally.labelled):>10}"
        f"{share(tally.place_right, tally.place_said):>8}{tally.invented:>10}"
        f"{f'{tally.found}/{tally.emergencies}':>11}{tally.alarms:>8}"
    )
