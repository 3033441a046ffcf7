"""The command that measures how surely places are found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import load_knowledge
from ivr.events import Heard
from ivr.knowledge import Knowledge
from launch.places import OUTCOMES, Saying, offered, outcome, placeless, places_command, sayings
from routing.city import City
from settings import Settings
from speech.vosk_recognizer import VoskRecognizer


@pytest.fixture(scope="module")
def knows(city: City) -> Knowledge:
    return load_knowledge(Settings(), city)


def code(knows: Knowledge, name: str) -> str:
    return next(area.code for area in knows.city.kelurahan if area.name == name)


def test_every_name_is_said_in_a_story_and_as_an_answer(knows: Knowledge) -> None:
    said = list(sayings(knows))
    names = {area.name.lower() for area in knows.city.kelurahan}
    assert {s.name for s in said if not s.landmark and s.answer} >= names
    assert all(s.name in s.text() and "{" not in s.text("x") for s in said)
    assert sum(s.landmark for s in said) > 300


def test_what_the_dialogue_asks_then_is_what_counts(knows: Knowledge) -> None:
    assert offered(knows, Heard("lampu mati di cikokol"), answer=False) == (code(knows, "Cikokol"),)
    assert offered(knows, Heard("lampu mati di depan pasar anyar"), answer=False) == (code(knows, "Sukaasih"),)
    assert offered(knows, Heard("lampu mati di depan rumah"), answer=False) == ()
    assert offered(knows, Heard("tolong kebakaran di cikokol apinya besar"), answer=False) == (code(knows, "Cikokol"),)
    assert len(offered(knows, Heard("sudimara"), answer=True)) == 5


@pytest.mark.parametrize(
    ("asked", "result"),
    [
        (["Cikokol"], "right"),
        (["Cikokol", "Babakan"], "asked"),
        (["Babakan"], "kecamatan"),
        ([], "none"),
        (["Cimone"], "wrong"),
    ],
)
def test_a_question_is_weighed_by_where_it_leads(knows: Knowledge, asked: list[str], result: str) -> None:
    saying = Saying("cikokol", (code(knows, "Cikokol"),), "{name}", True, False)
    assert outcome(knows, saying, [code(knows, name) for name in asked]) == result


def test_sentences_without_a_place_are_many(knows: Knowledge) -> None:
    assert len(list(placeless())) > 5000


def test_the_table_ends_with_a_line_for_machines(knows: Knowledge, prepared: Path) -> None:
    recognizer = VoskRecognizer(prepared / "speech" / "model")
    command = places_command(knows, lambda: recognizer)
    done = CliRunner().invoke(command, ["--every", "101", "--spoken", "--voices", "1", "--show", "none"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.output.strip().splitlines()[-1])
    assert set(found["garbled"]) == set(OUTCOMES) and found["invented"] == 0
    # Eleven sayings only try the command: one more or less is heard with every new word of the city. Never a wrong one.
    heard = found["heard"]
    assert heard["wrong"] == 0 and sum(heard.values()) == 11 and heard["right"] + heard["asked"] >= 8
    assert "area told" in done.output and "letters swapped" in done.output


def test_without_a_recogniser_nothing_is_read_aloud(knows: Knowledge) -> None:
    done = CliRunner().invoke(places_command(knows, lambda: None), ["--spoken"])
    assert done.exit_code == 2 and "script/run --prepare" in done.output
