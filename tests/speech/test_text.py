"""Our own sentences in speech/text: every row can be read, has labels that the city knows, and is not repeated."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PARTS = sorted((ROOT / "speech" / "text").glob("part*.csv"))
COLUMNS = ["id", "text", "kind", "category", "kelurahan", "emergency", "profile"]
KINDS = {"report", "question", "place", "status", "command", "other"}
LABELLED = {"report", "question"}
LEAST_ROWS = 3000


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, restkey="too many", restval=""))


def column(table: str, name: str) -> set[str]:
    return {row[name] for row in read(ROOT / "cities" / "tangerang" / table)}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return [row for path in PARTS for row in read(path)]


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_every_part_has_the_columns_and_ids_of_its_own(path: Path) -> None:
    table = read(path)
    number = path.stem.removeprefix("part")
    assert [row["id"] for row in table if list(row) != COLUMNS] == []
    assert [row["id"] for row in table if not re.fullmatch(rf"T{number}-\d{{4}}", row["id"])] == []


def test_there_are_enough_rows(rows: list[dict[str, str]]) -> None:
    assert len(rows) >= LEAST_ROWS
    assert {row["kind"] for row in rows} <= KINDS


def test_ids_and_texts_come_once(rows: list[dict[str, str]]) -> None:
    for name in ("id", "text"):
        assert [value for value, times in Counter(row[name] for row in rows).items() if times > 1] == []


def test_texts_are_plain_words(rows: list[dict[str, str]]) -> None:
    assert [row["id"] for row in rows if not re.fullmatch(r"[a-z]+(?: [a-z]+)*", row["text"])] == []


def test_labels_are_what_the_city_knows(rows: list[dict[str, str]]) -> None:
    categories, areas = column("categories.csv", "hashtag"), column("areas.csv", "kelurahan")
    assert [row["id"] for row in rows if row["category"] not in categories | {""}] == []
    assert [row["id"] for row in rows if row["kelurahan"] not in areas | {""}] == []
    assert [row["id"] for row in rows if row["kind"] in LABELLED and not row["category"]] == []
    assert [row["id"] for row in rows if row["emergency"] not in {"0", "1"}] == []
    assert [row["id"] for row in rows if not re.fullmatch(r"[a-z]+", row["profile"])] == []


def test_every_category_and_kelurahan_is_spoken_of(rows: list[dict[str, str]]) -> None:
    assert column("categories.csv", "hashtag") - {row["category"] for row in rows} == set()
    assert column("areas.csv", "kelurahan") - {row["kelurahan"] for row in rows} == set()


def test_few_sequences_of_four_words_repeat(rows: list[dict[str, str]]) -> None:
    """A text that was made by combining phrases repeats itself; one that was written does not."""
    words = [row["text"].split() for row in rows]
    times = Counter(tuple(text[i : i + 4]) for text in words for i in range(len(text) - 3))
    repeated = sum(count for count in times.values() if count > 1)
    assert repeated < 0.1 * times.total()
