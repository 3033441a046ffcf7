"""Scripted callers of `tests/scenarios`: each through the real dialogue, line and store, some through real sound."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from sqlalchemy import Engine
from structlog.testing import capture_logs

from ivr.knowledge import Service
from ivr.line import Line
from routing.lookups import LookUp
from routing.lookups.ask import LookUps
from tests.conftest import ROOT
from tests.ivr.scenarios.callers import ByEvents, BySound
from tests.ivr.scenarios.playing import MakeCaller, Play
from tests.ivr.scenarios.reading import Names, Scenario, read_scenario
from tests.routing.test_lookups import Owner, owner, service

__all__ = ["owner", "service"]

FILES = sorted((ROOT / "tests" / "scenarios").glob("*.yaml"))
BY_SOUND = [path for path in FILES if "\nsound: true" in path.read_text()]
STATUS = {"answers": 200, "knows nothing": 404, "is away": 503}
QUESTIONS = ("berapa pajak rumah saya",)


@pytest.fixture
def play(names: Names, engine: Engine, request: pytest.FixtureRequest) -> Callable[[Path, Line, MakeCaller], None]:
    """Plays a file on a line."""

    def play(path: Path, line: Line, make_caller: MakeCaller) -> None:
        scenario = read_scenario(path, names)
        with capture_logs():
            Play(scenario, _furnished(scenario, line, request), engine, make_caller).run()

    return play


def _furnished(scenario: Scenario, line: Line, request: pytest.FixtureRequest) -> Line:
    """The line as this scenario wants it: whom it can call, and what other service can be asked."""
    knows = dataclasses.replace(line.knows, lines=frozenset(scenario.lines))
    if scenario.owner is None:
        return dataclasses.replace(line, knows=knows)
    owner: Owner = request.getfixturevalue("owner")
    service: LookUp = request.getfixturevalue("service")
    owner.status = STATUS[scenario.owner]
    asked = Service(service.title, service.number, service.digits, QUESTIONS)
    knows = dataclasses.replace(knows, services={service.code: asked})
    return dataclasses.replace(line, knows=knows, lookups=LookUps({service.code: service}, lambda name: "secret"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_caller(path: Path, deaf_line: Line, play: Callable[[Path, Line, MakeCaller], None]) -> None:
    play(path, deaf_line, ByEvents)


@pytest.mark.parametrize("path", BY_SOUND, ids=lambda path: path.stem)
def test_a_caller_by_sound(path: Path, line: Line, play: Callable[[Path, Line, MakeCaller], None]) -> None:
    play(path, line, BySound)


def test_there_are_as_many_callers_as_were_promised() -> None:
    by_sound = [path.stem for path in FILES if yaml.safe_load(path.read_text()).get("sound")]
    assert by_sound == [path.stem for path in BY_SOUND]
    assert len(FILES) >= 48 and len(BY_SOUND) >= 12
