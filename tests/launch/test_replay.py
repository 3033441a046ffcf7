"""A stored call is shown again without a word of its caller, and the calls that would go differently are named."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from app import load_knowledge
from ivr.events import Event, HandOverEnded, Heard, HungUp, Keyed, Silence
from ivr.knowledge import Knowledge
from ivr.line import Line
from launch.replay import call_commands
from models.calls import Call, Turn
from models.crypto import Vault
from models.store.words import NewWord, WordStore
from routing.city import City
from routing.current_places import CurrentPlaces
from settings import Settings
from tests.ivr.conftest import deaf_line, empty_store, engine, knows, prompts, voice

__all__ = ["deaf_line", "empty_store", "engine", "knows", "prompts", "voice"]

PERSONAL = ("lampu", "cikokol", "masjid", "81234567890", "penerangan", "23456789")
NOW = dt.datetime(2026, 11, 20, 3, 0, tzinfo=dt.UTC)
REPORT: tuple[Event, ...] = (
    Heard("lapor"),
    Heard("lampu jalan mati di kelurahan cikokol"),
    Silence(),
    Heard("ya"),
    Heard("ya"),
    Heard("dekat masjid"),
    Keyed("0"),
    HandOverEnded(answered=False),
    Keyed("2"),
    HungUp(),
)
STATUS: tuple[Event, ...] = (Keyed("2"), Keyed("23456789"), Keyed("#"), HungUp())


def a_call(line: Line, engine: Engine, name: str, events: tuple[Event, ...], at: dt.datetime = NOW) -> str:
    conversation = line.conversation(line.begin("twilio", name, "+6281234567890"))
    conversation.open()
    for event in events:
        conversation.handle(event)
    with Session(engine) as session, session.begin():
        session.execute(update(Call).where(Call.id == conversation.call_id).values(started_at=at))
    return conversation.call_id


def call(
    line: Line, engine: Engine, *arguments: str, knows: Knowledge | None = None, vault: Vault | None = None
) -> Result:
    present = dataclasses.replace(line, knows=knows or line.knows, vault=vault or line.vault)
    return CliRunner().invoke(call_commands(engine, present), ["replay", *arguments])


def placeless(line: Line) -> Knowledge:
    return dataclasses.replace(line.knows, find_places=lambda text, asked=False: ())


def test_a_call_is_shown_turn_by_turn_without_what_was_said(deaf_line: Line, engine: Engine) -> None:
    told = call(deaf_line, engine, a_call(deaf_line, engine, "CA1", REPORT))
    assert told.exit_code == 0 and told.output.endswith("The same effects at every turn.\n")
    for line in (
        "   1  begins, number known, 0 announcements hold",
        "      [step 'start' > 'menu', known False > True]",
        "   3  heard 6 words, confidence 1.00",
        "      say category-confirm",
        "   9  keyed 1 keys",
        "      do HandOver",
        "  10  nobody took the call",
    ):
        assert line in told.output.splitlines(), told.output
    assert not [word for word in PERSONAL if word in told.output.lower()]


def test_words_are_shown_to_who_asks_for_them(deaf_line: Line, engine: Engine) -> None:
    told = call(deaf_line, engine, a_call(deaf_line, engine, "CA1", REPORT), "--words")
    assert 'heard "lampu jalan mati di kelurahan cikokol"' in told.output
    assert "say place-confirm: Tempatnya di Kelurahan Cikokol" in told.output and "keyed 0" in told.output


def test_a_call_that_goes_differently_is_shown_up_to_there(deaf_line: Line, engine: Engine) -> None:
    call_id = a_call(deaf_line, engine, "CA1", REPORT)
    told = call(deaf_line, engine, call_id, knows=placeless(deaf_line))
    assert told.exit_code == 1
    assert "DIFFERENT: was Say place-confirm, Listen place-confirm; now Say place, Listen place" in told.output
    assert told.output.endswith("8 more turns answered what is not asked any more.\n")
    said = call(deaf_line, engine, call_id, "--words", knows=placeless(deaf_line)).output
    assert "said then: Tempatnya di Kelurahan Cikokol" in said


def test_calls_that_would_go_differently_are_named(deaf_line: Line, engine: Engine) -> None:
    old = a_call(deaf_line, engine, "CA1", REPORT, NOW - dt.timedelta(days=9))
    new = a_call(deaf_line, engine, "CA2", REPORT)
    a_call(deaf_line, engine, "CA3", STATUS)
    told = call(deaf_line, engine, "--all")
    assert (told.exit_code, told.output) == (0, "3 calls: 3 the same, 0 differently; 0 without stored events\n")
    told = call(deaf_line, engine, "--all", knows=placeless(deaf_line))
    assert (
        told.exit_code == 1
        and old in told.output
        and told.output.endswith("1 the same, 2 differently; 0 without stored events\n")
    )
    told = call(deaf_line, engine, "--since", "2026-11-20", knows=placeless(deaf_line))
    assert told.exit_code == 1 and old not in told.output
    assert f"{new}  2026-11-20 10:00  turn 5 of 13, at category-confirm: was Say place-confirm" in told.output
    assert not [word for word in PERSONAL if word in told.output.lower()]


def test_other_content_in_the_same_effects_is_told(deaf_line: Line, engine: Engine) -> None:
    cases = {code: dataclasses.replace(c, name="sesuatu") for code, c in deaf_line.knows.city.categories.items()}
    renamed = dataclasses.replace(deaf_line.knows, city=dataclasses.replace(deaf_line.knows.city, categories=cases))
    told = call(deaf_line, engine, a_call(deaf_line, engine, "CA1", REPORT), knows=renamed)
    assert told.exit_code == 1 and "the same, but with other content: Say category-confirm" in told.output


def test_a_place_that_was_added_is_known_in_the_replay(deaf_line: Line, engine: Engine, city: City) -> None:
    words = WordStore(engine)
    words.add([NewWord("toko prangdimeja", "Toko Prangdimeja", "place", areas=(city.kelurahan[0].code,))], "Sari")

    def process() -> Line:
        places = CurrentPlaces(city, words)
        return dataclasses.replace(deaf_line, places=places, knows=load_knowledge(Settings(), city, places))

    a_call(process(), engine, "CA1", (Keyed("1"), Heard("lampu jalan mati di depan toko prangdimeja"), Keyed("1")))
    told = call(process(), engine, "--all")
    assert told.exit_code == 0, told.output


def test_calls_whose_events_are_gone_are_counted_and_cannot_be_shown(deaf_line: Line, engine: Engine) -> None:
    call_id = a_call(deaf_line, engine, "CA1", REPORT)
    with Session(engine) as session, session.begin():
        session.execute(update(Turn).where(Turn.number == 3).values(replay_sealed=None))
    told = call(deaf_line, engine, "--all")
    assert (told.exit_code, told.output) == (0, "0 calls: 0 the same, 0 differently; 1 without stored events\n")
    told = call(deaf_line, engine, call_id)
    assert told.exit_code == 2 and "not stored" in told.output


def test_an_event_of_another_release_is_a_difference(deaf_line: Line, engine: Engine) -> None:
    call_id = a_call(deaf_line, engine, "CA1", STATUS)
    unknown = deaf_line.vault.seal_text('{"event": {"kind": "Shouted"}, "effects": []}')
    with Session(engine) as session, session.begin():
        session.execute(update(Turn).where(Turn.number == 2).values(replay_sealed=unknown))
    for asked in ((call_id,), ("--all",)):
        told = call(deaf_line, engine, *asked)
        assert told.exit_code == 1 and "knows no event Shouted" in told.output


@pytest.mark.parametrize("asked", [(), ("a" * 32, "--all"), ("--all", "--since", "2026-11-20"), ("a" * 32,)])
def test_what_cannot_be_replayed_is_refused(deaf_line: Line, engine: Engine, asked: tuple[str, ...]) -> None:
    told = call(deaf_line, engine, *asked)
    assert told.exit_code == 2 and len(told.output.splitlines()) == 1


def test_a_key_that_is_gone_is_told(deaf_line: Line, engine: Engine) -> None:
    call_id = a_call(deaf_line, engine, "CA1", STATUS)
    other = Vault([Fernet.generate_key().decode()], "k")
    for asked in ((call_id,), ("--all",)):
        told = call(deaf_line, engine, *asked, vault=other)
        assert told.exit_code == 2 and "no configured key opens this" in told.output
