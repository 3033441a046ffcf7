"""Stored calls go again as they went, and what goes differently is found; what is stored is sealed."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text
from structlog.testing import capture_logs

from ivr.conversation import Conversation
from ivr.effects import Listen, OpenCase, Say
from ivr.events import (
    Broken,
    CaseActed,
    CaseFound,
    CaseOpened,
    CasesFound,
    Event,
    HandOverEnded,
    Heard,
    HungUp,
    Keyed,
    Silence,
    Started,
)
from ivr.knowledge import Knowledge
from ivr.line import Line
from ivr.replay import (
    EVENTS,
    Kept,
    UnreadableTurn,
    event_from_json,
    event_to_json,
    first_difference,
    kept_text,
    mark,
    outline,
    read_kept,
    replay,
    take,
)
from ivr.state import State
from models.store.replays import ReplayStore
from tests.ivr.talk import TICKET
from tests.ivr.test_any_events import HEARD, KEYS, MANY, OTHERS

REPORT: tuple[Event, ...] = (
    Heard("lapor", 0.9, free="lapor"),
    Heard("lampu jalan mati di kelurahan cikokol"),
    Heard("ya", 0.95, free="ya"),
    Keyed("1"),
    Silence(),
    Heard("[unk]", 0.2, recorded=False),
    Heard("dekat masjid"),
    Keyed("1"),
    HungUp(),
)


def a_call(line: Line) -> str:
    conversation = line.conversation(line.begin("twilio", "CA1", "+6281234567890"))
    conversation.open()
    for event in REPORT:
        conversation.handle(event)
    return conversation.call_id


def kept(engine: Engine, line: Line, call_id: str) -> list[Kept]:
    call = ReplayStore(engine).call(call_id)
    assert call is not None
    return [read_kept(line.vault.open_text(turn.sealed or "")) for turn in call.turns]


@settings(deadline=None)
@given(data=st.data(), kind=st.sampled_from(sorted(EVENTS)))
def test_every_event_comes_back_from_the_store_as_it_was(data: st.DataObject, kind: str) -> None:
    state = st.dictionaries(st.text(), st.one_of(st.text(), st.integers(), st.booleans()))
    more = {"broken": st.one_of(st.none(), st.builds(Broken, state=state))} if kind == "Started" else {}
    event: Event = data.draw(st.builds(EVENTS[kind], **more))  # type: ignore[assignment]
    back = event_from_json(json.loads(json.dumps(event_to_json(event))))
    assert repr(back) == repr(event)  # a list is no tuple, and NaN is itself


def test_a_call_goes_again_as_it_went(deaf_line: Line, engine: Engine, knows: Knowledge) -> None:
    call_id = a_call(deaf_line)
    turns = kept(engine, deaf_line, call_id)
    again = list(replay(turns, knows))
    assert [turn.event for turn in again if turn.event in REPORT] == list(REPORT)
    assert all(turn.same for turn in again) and first_difference(turns, knows) is None
    left = deaf_line.calls.get(call_id).state
    assert again[-1].after.to_json().items() <= {**left, **_tuples(left)}.items()
    [opened] = [effect for turn in again for effect in turn.effects if isinstance(effect, OpenCase)]
    assert "lampu jalan mati" in opened.description


def _tuples(state: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) for name, value in state.items() if isinstance(value, list)}


RESULTS = st.sampled_from(
    (
        CaseOpened(TICKET, "2026-11-30", "Dinas Perhubungan"),
        CasesFound((CaseFound(TICKET, "proses", "2026-11-20", "2026-11-30", "lampu jalan", "Dishub", mine=True),)),
        CasesFound(),
        CaseActed(True),
        HandOverEnded(False),
    )
)


@given(events=st.lists(st.one_of(HEARD, KEYS, OTHERS, RESULTS), max_size=25))
@MANY
def test_any_events_through_any_processes_go_again_as_they_went(knows: Knowledge, events: list[Event]) -> None:
    """Each turn in a process of its own, that knows the call from the store alone; the replay in one."""
    state, stored = State(), []
    for event in (Started(known=True), *events):
        state, effects, _ = take(State.from_json(json.loads(json.dumps(state.to_json()))), event, knows)
        stored.append(kept_text(event, effects))
    assert first_difference(map(read_kept, stored), knows) is None


def test_the_first_turn_that_goes_differently_is_found(deaf_line: Line, engine: Engine, knows: Knowledge) -> None:
    turns = kept(engine, deaf_line, a_call(deaf_line))
    forgetful = dataclasses.replace(knows, find_places=lambda text, asked=False: ())
    turn = first_difference(turns, forgetful)
    assert turn is not None and (turn.number, turn.before.step) == (4, "category-confirm")
    assert outline(turn.was) == ("Say place-confirm", "Listen place-confirm")
    assert outline(turn.now) == ("Say place", "Listen place")


def test_a_dialogue_that_fails_is_a_difference_and_no_end(deaf_line: Line, engine: Engine, knows: Knowledge) -> None:
    turns = kept(engine, deaf_line, a_call(deaf_line))

    def broken(words: str) -> Any:
        raise ZeroDivisionError

    turn = first_difference(turns, dataclasses.replace(knows, propose=broken))
    assert turn is not None and turn.failed and outline(turn.now) == ("Say trouble", "Listen report")


def test_a_fault_then_is_the_same_fault_now(deaf_line: Line, engine: Engine, knows: Knowledge) -> None:
    def broken(words: str) -> Any:
        raise ZeroDivisionError

    faulty = dataclasses.replace(deaf_line, knows=dataclasses.replace(knows, propose=broken))
    with capture_logs() as logs:
        turns = kept(engine, deaf_line, a_call(faulty))
    assert {(entry["event"], entry["step"]) for entry in logs} >= {("the dialogue failed", "report")}
    assert first_difference(turns, faulty.knows) is None
    assert first_difference(turns, knows) is not None


def test_what_is_stored_of_a_turn_is_sealed(deaf_line: Line, engine: Engine) -> None:
    a_call(deaf_line)
    with engine.connect() as connection:
        sealed = connection.execute(text("SELECT replay_sealed FROM turn ORDER BY number")).scalars().all()
    assert len(sealed) == len(REPORT) + 3 and all(sealed)  # the beginning, and what the store answered twice
    assert "cikokol" not in "".join(sealed) and "Heard" not in "".join(sealed)
    assert "cikokol" in deaf_line.vault.open_text(sealed[2])


def test_a_mark_tells_all_but_the_grammar() -> None:
    listen = Listen("menu", "menu", ("lapor",))
    assert mark(listen) == mark(dataclasses.replace(listen, phrases=("lapor", "status")))
    assert mark(listen) != mark(dataclasses.replace(listen, phrases=None))
    assert mark(listen) != mark(dataclasses.replace(listen, wait_ms=9000))
    assert mark(Say("place", {"example": "A"})) != mark(Say("place", {"example": "B"}))
    assert "rahasia" not in mark(OpenCase(1, "pju", "caller", None, "", "rahasia"))


def test_events_of_another_release() -> None:
    more = {**event_to_json(Keyed("1")), "pressure": 3}
    assert event_from_json(more) == Keyed("1")
    assert event_from_json({"kind": "Started", "known": True}) == Started(known=True)


@pytest.mark.parametrize(
    "stored",
    [
        "",
        "[]",
        "3",
        '{"event": {"kind": "Shouted"}, "effects": []}',
        '{"event": {"kind": "Keyed"}, "effects": []}',
        '{"event": {"kind": "CasesFound", "cases": [3]}, "effects": []}',
        '{"event": {"kind": "Keyed", "keys": "1"}}',
    ],
)
def test_a_turn_that_cannot_be_read_is_told(stored: str) -> None:
    with pytest.raises(UnreadableTurn):
        read_kept(stored)


def test_a_turn_that_another_process_has_written_leaves_no_event(deaf_line: Line, engine: Engine) -> None:
    call_id = deaf_line.begin("twilio", "CA1", None)
    first, second = Conversation(deaf_line, call_id), Conversation(deaf_line, call_id)
    first.open()
    with pytest.raises(Exception, match="another process"):
        second.open()
    assert len(kept(engine, deaf_line, call_id)) == 1
    assert read_kept(kept_text(Keyed("9"), ())) == Kept(Keyed("9"), ())
