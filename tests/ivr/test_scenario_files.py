"""What is wrong in a scenario's file, or goes otherwise than it says, is told with its place."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from ivr.line import Line
from tests.ivr.scenarios.callers import ByEvents
from tests.ivr.scenarios.playing import NotAsExpected, Play
from tests.ivr.scenarios.reading import BadScenario, Names, Scenario, read_scenario


def read(tmp_path: Path, names: Names, text: str) -> Scenario:
    path = tmp_path / "caller.yaml"
    path.write_text(text, encoding="utf-8")
    return read_scenario(path, names)


def one_act(act: str, cases: str = "[]", more: str = "") -> str:
    return f"who: somebody\nstory:\n  - call: {{{more}acts: [{act}]}}\ncases: {cases}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("who: x\nstory: []\n", "caller.yaml: cases: is missing"),
        ("who: x\nstory: []\ncases: []\ncolour: red\n", "caller.yaml: colour: is not known here"),
        ("- a\n", "caller.yaml: is no list of names and values"),
        ("who: x\nwho: y\nstory: []\ncases: []\n", "who stands twice"),
        ("who: {\n", "caller.yaml: while parsing"),
        ("who: x\nstory: [{cal: 1}]\ncases: []\n", "story 1, cal: is not known here"),
        ("who: x\nstory: [{}]\ncases: []\n", "story 1: has to have one of call, officer, announce, sweep; it has none"),
        (one_act("{pres: '1', at: menu}"), "story 1, call, acts 1, pres: is not known here"),
        (one_act("{press: 1, at: menu}"), "acts 1, press: Input should be a valid string; write it in quotes (1)"),
        (one_act("{say: no, at: menu}"), "acts 1, say: Input should be a valid string; write it in quotes (False)"),
        (one_act("{say: a, press: '1', at: menu}"), "acts 1: has to have one of say, press"),
        (one_act("{say: lapor}"), "acts 1: needs `at`: the question that is open afterwards"),
        (one_act("{say: lapor, at: raport}"), "acts 1 (say: lapor), at: there is no 'raport'; is 'report' meant?"),
        (one_act("{say: a, at: menu, hears: [menue]}"), "hears or never: there is no 'menue'; is 'menu' meant?"),
        (one_act("{hand_over: busy, at: menu}"), "acts 1, hand_over: Input should be 'answered' or 'failed' ('busy')"),
        (one_act("{hang_up: true, at: ended}", "[{category: lampu}]"), "cases 1, category: there is no 'lampu'"),
        (
            one_act("{hang_up: true, at: ended}", "[{area: Cikoko}]"),
            "cases 1, area: there is no 'Cikoko'; is 'Cikokol'",
        ),
        ("who: x\nstory: [{officer: {verb: shout}}]\ncases: []\n", "story 1, officer, verb: there is no 'shout'"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_place(tmp_path: Path, names: Names, text: str, told: str) -> None:
    with pytest.raises(BadScenario) as error:
        read(tmp_path, names, text)
    assert told in str(error.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path, names: Names) -> None:
    with pytest.raises(BadScenario) as error:
        read(tmp_path, names, one_act("{say: a, at: raport, never: [x]}", "[{area: Cikoko}]"))
    assert len(str(error.value).splitlines()) == 3


REPORT = (
    "{say: lapor, at: report}, {say: lampu jalan mati di kelurahan cikokol, at: category-confirm}, "
    "{press: '1', at: place-confirm}, {press: '1', at: landmark}, {press: '#', at: read-back}, "
    "{press: '1', at: after-ticket}, {press: '2', at: ended}"
)
RIGHT = "[{category: pju, area: Cikokol}]"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            one_act("{say: lapor, at: status}"),
            "act 1 (say: lapor): is at report and not at status; the caller heard report",
        ),
        (one_act("{say: lapor, at: report, hears: [ticket]}"), "ticket was not heard, but report"),
        (one_act("{say: lapor, at: report, never: [report]}"), "report was heard"),
        (one_act("{say: lapor, at: report, words: [selesai sudah]}"), "'selesai sudah' was not said, but: silakan"),
        (
            one_act("{say: lapor, at: report}", more="hears: [report, welcome], "),
            "welcome was not heard, or not in this",
        ),
        (one_act("{say: lapor, at: report}", more="never: [menu], "), "menu was heard"),
        (one_act("{say: lapor, at: report}", more="words: [apa ini], "), "'apa ini' was not said"),
        (
            one_act("{say: lapor, at: report}, {silence: 1, at: report}", more="turns: 1, "),
            "took 2 turns of the caller",
        ),
        (one_act("{hand_over: failed, at: menu}"), "act 1 (hand_over: failed): nobody was called"),
        (one_act("{press: '0', at: handed}, {say: a, at: menu}"), "act 2 (say: a): nothing is asked"),
        (one_act("{say: lapor, at: report}", more="recogniser: away, "), "nothing is heard at menu: press keys"),
        (one_act("{press: '0', at: handed}"), "hand_overs are ['operator dialled'] and not []"),
        (one_act(REPORT), "the store holds 1 cases and not 0: pju (lampu jalan mati di kelurahan cikokol)"),
        (one_act(REPORT, "[{area: Pinang}]"), "case 1: area is 'Cikokol' and not 'Pinang'"),
        (one_act(REPORT, "[{ticket: unheard}]"), "case 1: ticket is 'heard' and not 'unheard'"),
        (one_act(REPORT, "[{review: x}]"), "case 1: review is '' and not 'x'"),
        (one_act(REPORT, "[{reporter: none}]"), "case 1: reporter is 'known' and not 'none'"),
        (one_act(REPORT, "[{description: [sampah]}]"), "case 1: description has no 'sampah'"),
        (
            one_act(REPORT, "[{description: []}]"),
            "case 1: description is 'lampu jalan mati di kelurahan cikokol' and not",
        ),
        (one_act(REPORT, "[{told: [sampah]}]"), "case 1: told has no 'sampah'"),
    ],
)
def test_what_goes_otherwise_is_told(
    tmp_path: Path, names: Names, deaf_line: Line, engine: Engine, text: str, told: str
) -> None:
    with pytest.raises(NotAsExpected) as error:
        Play(read(tmp_path, names, text), deaf_line, engine, ByEvents).run()
    assert told in str(error.value)


def test_a_call_that_cannot_be_replayed_fails_its_scenario(
    tmp_path: Path, names: Names, deaf_line: Line, engine: Engine
) -> None:
    """The dialogue forgets what it knew of places while the call goes on: what it was is in no stored event."""
    seen = []

    def forgetful(text: str, asked: bool = False) -> list[tuple[str, float]]:
        seen.append(text)
        return [("36.71.01.1005", 1.0)] if len(seen) < 2 else []

    knows = dataclasses.replace(deaf_line.knows, find_places=forgetful)
    act = "{say: lapor, at: report}, {say: lampu jalan mati, at: category-confirm}, {hang_up: true, at: ended}"
    cases = "[{category: pju, ticket: unheard, review: telepon terputus}]"
    scenario = read(tmp_path, names, one_act(act + ", {hang_up: true, at: ended}", cases))
    with pytest.raises(NotAsExpected, match="the replay differs at turn 4"), capture_logs():
        Play(scenario, dataclasses.replace(deaf_line, knows=knows), engine, ByEvents).run()
