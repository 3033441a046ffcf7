"""`kill -9` of the web server, the worker and Redis in the middle of calls: no said word is lost, none is doubled."""

from __future__ import annotations

import pytest

from tests.chaos.conftest import Chaos
from tests.chaos.points import ALWAYS, ON_POSTGRES, POINTS
from tests.chaos.verdict import faults_in, judge, personal_in, words_of

SELDOM = pytest.mark.chaos
NAMES = [pytest.param(point.name, marks=() if point.name in ALWAYS else SELDOM) for point in POINTS]


@pytest.mark.parametrize("name", NAMES)
def test_no_word_is_lost_and_none_is_doubled(chaos: Chaos, name: str) -> None:
    judge(chaos.of(name))


def test_logs_tell_of_no_fault_but_a_redis_that_is_away(chaos: Chaos) -> None:
    chaos.all()
    for house in chaos.houses:
        for name, log in house.logs().items():
            assert faults_in(log) == set(), f"{name}: {log[-4000:]}"


def test_logs_hold_nothing_personal(chaos: Chaos) -> None:
    calls = chaos.all()
    words = set().union(*map(words_of, calls))
    assert words, "something was understood"
    for house in chaos.houses:
        for name, log in house.logs().items():
            assert personal_in(log, {struck.number for struck in calls}, words) == set(), name


@SELDOM
@pytest.mark.parametrize("name", ON_POSTGRES)
def test_postgres_keeps_every_word_as_well(chaos_on_postgres: Chaos, name: str) -> None:
    judge(chaos_on_postgres.of(name))
