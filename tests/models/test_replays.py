"""Stored calls are read for replays in portions, each once, on both databases."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from models.calls import Call
from models.db import connect
from models.store.calls import CallStore, NewTurn
from models.store.replays import ReplayStore, StoredTurn
from models.tables import Base

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


def test_calls_are_read_in_portions_each_once(database_url: str) -> None:
    engine = connect(database_url)
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        for number in range(5):  # three of them began at the same moment
            at = NOON + dt.timedelta(hours=max(0, number - 2))
            session.add(Call(channel="twilio", provider_id=f"CA{number}", state={}, started_at=at))
    read = [call.id for call in ReplayStore(engine, portion=2).calls()]
    assert len(read) == len(set(read)) == 5
    assert [call.started_at.hour for call in ReplayStore(engine).calls(NOON + dt.timedelta(hours=1))] == [13, 14]
    assert len(list(ReplayStore(engine).calls(NOON))) == 5


def test_a_turn_has_what_was_said_in_answer_to_it(database_url: str) -> None:
    engine = connect(database_url)
    Base.metadata.create_all(engine)
    calls, store = CallStore(engine), ReplayStore(engine)
    call_id = calls.begin("twilio", "CA1", {})
    assert store.call("0" * 32) is None
    read = store.call(call_id)
    assert read is not None and read.turns == ()
    calls.record(call_id, NewTurn(1, "start", "start", replay_sealed="a"), None, {"prompted": "Selamat datang"})
    calls.record(call_id, NewTurn(2, "menu", "key", said="Selamat datang"), None, {"prompted": "Silakan"})
    read = store.call(call_id)
    assert read is not None
    assert read.turns == (StoredTurn(1, "Selamat datang", "a"), StoredTurn(2, "Silakan", None))
