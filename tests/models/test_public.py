"""What other systems ask of the store, and their keys, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine

from models.store.api_keys import ApiKeyStore
from models.store.cases import CaseStore
from models.store.public import PublicStore, Wanted
from tests.models.test_cases import NOW, engine, new_case, store, to_stage

__all__ = ["engine", "store"]

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def filled(store: CaseStore) -> list[str]:
    """Ids of three cases, an hour apart; the second is closed three hours later."""
    ids = [
        store.open(new_case(f"c:{n}", f"1000000{n}", opened_at=NOW + n * HOUR, category_code=code)).id
        for n, code in enumerate(("jalan", "pju", "jalan"))
    ]
    store.write(ids[1], to_stage("selesai", "stage:1", NOW + 3 * HOUR))
    return ids


def test_cases_are_found_by_what_is_asked(engine: Engine, filled: list[str]) -> None:
    asked = [
        (Wanted(), [2, 1, 0]),
        (Wanted(numbers=("10000001",)), [1]),
        (Wanted(categories=("jalan",)), [2, 0]),
        (Wanted(since=NOW + HOUR, until=NOW + HOUR), [1]),
        (Wanted(updated_after=NOW + 3 * HOUR), [1]),
        (Wanted(updated_before=NOW + 2 * HOUR), [2, 0]),
        (Wanted(closed=True), [1]),
        (Wanted(closed=False), [2, 0]),
        (Wanted(limit=1, offset=1), [1]),
    ]
    for wanted, found in asked:
        cases = PublicStore(engine).cases(wanted)
        assert [case.id for case in cases] == [filled[n] for n in found], wanted
        assert all(case.events for case in cases)


def test_events_of_a_time_come_with_their_case(engine: Engine, filled: list[str]) -> None:
    store = PublicStore(engine)
    (event,) = store.events(("stage",), NOW, NOW + 3 * HOUR, 10)
    assert (event.case.id, event.case.ticket) == (filled[1], "10000001")
    assert store.events(("stage",), NOW, NOW + 2 * HOUR, 10) == ()
    assert len(store.events(("opened",), NOW, NOW + 9 * HOUR, 2)) == 2


def test_a_keys_use_is_noted_to_the_minute_and_a_revoked_one_is_gone(engine: Engine) -> None:
    keys = ApiKeyStore(engine)
    made = keys.add("aplikasi", "h" * 64, ["report"])
    for later in (0, 30, 90):
        assert keys.find("h" * 64, NOW + dt.timedelta(seconds=later)) is not None
    (kept,) = keys.all()
    assert (kept.scopes, kept.last_used_at) == (["report"], NOW + dt.timedelta(seconds=90))
    assert keys.find("x" * 64) is None
    assert keys.revoke(made.id) == 1
    assert keys.find("h" * 64) is None
