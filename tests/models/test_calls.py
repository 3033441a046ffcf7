"""What the store keeps of calls, on both databases."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.base import utcnow
from models.db import connect
from models.store.calls import CallMissing, CallStore, NewTranscript, NewTurn, TurnTaken
from models.tables import Base


@pytest.fixture
def calls(database_url: str) -> CallStore:
    engine = connect(database_url)
    Base.metadata.create_all(engine)
    return CallStore(engine)


def test_a_repeated_webhook_is_the_same_call(calls: CallStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        ids = set(pool.map(lambda _: calls.begin("twilio", "CA1", {"step": "start"}), range(8)))
    assert len(ids) == 1


def test_turn_transcript_and_state_are_written_together(calls: CallStore) -> None:
    call = calls.begin("twilio", "CA1", {"step": "start"})
    words = [{"text": "lapor", "start_ms": 10, "end_ms": 300, "confidence": 0.9}]
    calls.record(call, NewTurn(1, "menu", "speech"), NewTranscript("lapor", words, 0.9, "m"), {"step": "report"})
    [turn] = calls.turns(call)
    assert turn.transcript is not None and turn.transcript.words == words
    assert calls.get(call).state == {"step": "report"} and calls.last_turn(call) == 1


def test_a_turn_is_written_once_and_the_loser_changes_nothing(calls: CallStore) -> None:
    call = calls.begin("twilio", "CA1", {"step": "start"})
    calls.record(call, NewTurn(1, "menu", "key"), None, {"step": "report"})
    with pytest.raises(TurnTaken):
        calls.record(call, NewTurn(1, "menu", "key"), None, {"step": "status"})
    assert calls.get(call).state == {"step": "report"}


def test_the_first_end_counts(calls: CallStore) -> None:
    call = calls.begin("twilio", "CA1", {})
    calls.end(call, "goodbye")
    calls.end(call, "hang-up")
    assert calls.get(call).end_reason == "goodbye"


def test_silent_calls_are_found_until_they_live_or_end(calls: CallStore) -> None:
    call = calls.begin("twilio", "CA1", {})
    later = utcnow() + dt.timedelta(seconds=1)
    assert calls.silent_since(later) == [call]
    assert calls.silent_since(utcnow() - dt.timedelta(minutes=1)) == []
    calls.end(call, "hang-up")
    assert calls.silent_since(later) == []


def test_the_same_remote_recording_is_one_row(calls: CallStore) -> None:
    call = calls.begin("twilio", "CA1", {})
    url = "https://api.twilio.com/recordings/RE1"
    assert calls.remote_recording(call, url) == calls.remote_recording(call, url)


def test_a_hand_over_and_what_became_of_it_are_one_row(calls: CallStore) -> None:
    call = calls.begin("twilio", "CA1", {})
    for outcome in ("announced", "dialled", "answered"):
        calls.note_hand_over(call, 1, "emergency", "kebakaran", outcome)
    [hand_over] = calls.hand_overs(call)
    assert hand_over.outcome == "answered"


def test_an_unknown_call_is_told(calls: CallStore) -> None:
    with pytest.raises(CallMissing):
        calls.get("nothing")


def test_errors_of_the_store_never_show_what_was_said(calls: CallStore) -> None:
    call = calls.begin("twilio", "CA1", {})
    calls.record(call, NewTurn(1, "menu", "key"), None, {})
    with pytest.raises(TurnTaken) as caught:
        calls.record(call, NewTurn(1, "menu", "key", said="RAHASIA"), None, {"said": "RAHASIA"})
    assert "RAHASIA" not in repr(caught.value.__cause__)
