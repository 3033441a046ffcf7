"""`kill -9` of the web server, the worker and Redis in the middle of calls: no said word is lost, none is doubled."""

from __future__ import annotations

import re

import pytest

from tests.chaos.conftest import Chaos
from tests.chaos.points import ON_POSTGRES, POINTS
from tests.chaos.verdict import judge, kept


@pytest.mark.parametrize("name", [point.name for point in POINTS])
def test_no_word_is_lost_and_none_is_doubled(chaos: Chaos, name: str) -> None:
    judge(chaos.of(name))


def test_logs_show_no_fault_of_ours_and_nothing_personal(chaos: Chaos) -> None:
    spoken = {word for struck in chaos.all() for word in _words(struck)}
    for house in chaos.houses:
        for path in (house.line.var_dir / "log").glob("*.log*"):
            text = path.read_text(errors="replace")
            assert "locked" not in text, path.name
            assert "Traceback" not in text, path.name + text[text.index("Traceback") - 500 :][:3000]
            for struck in chaos.all():
                assert struck.number[3:] not in re.sub(r"\D", "", text)
            assert not spoken & set(re.findall(r"[a-z]+", text.lower())), path.name


def _words(struck: object) -> set[str]:
    turns = kept(struck).turns  # type: ignore[arg-type]
    texts = [turn.transcript.text for turn in turns if turn.transcript]
    return {word for text in texts for word in text.split() if len(word) > 4}


@pytest.mark.parametrize("name", ON_POSTGRES)
def test_postgres_keeps_every_word_as_well(chaos_on_postgres: Chaos, name: str) -> None:
    judge(chaos_on_postgres.of(name))
