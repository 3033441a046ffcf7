"""Nothing is kept longer than the city says, nothing that is still needed goes, and the month's tables are there."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.calls import Call, Recording
from models.cases import Case
from models.notices import Notice
from models.store.calls import CallStore, NewTurn
from models.store.cases import CaseStore, Change, NewNotice
from models.store.exports import ExportStore
from models.store.notices import NoticeStore
from models.store.replays import ReplayStore
from models.store.retention import RetentionStore
from routing.cases import act_on, open_case
from routing.city import City, load_city
from routing.city_files import CityDataError
from routing.life import Act
from routing.people import Keeping, read_keeping
from routing.upkeep import forget, month_before, write_month
from tests.routing.test_cases import DRAFT, NOW

DAYS = dt.timedelta(days=1)


@pytest.fixture
def kept(city: City) -> City:
    return replace(city, keep=Keeping(sound_days=30, number_days=60))


def a_call(engine: Engine, number: int, **sound: Any) -> tuple[str, str]:
    """A call of `NOW` with one recording; ids of both."""
    with Session(engine) as session, session.begin():
        call = Call(channel="twilio", provider_id=f"CA{number}", state={}, caller_sealed="s", caller_lookup="l")
        call.started_at = call.heard_at = NOW
        session.add(call)
        session.flush()
        recording = Recording(call_id=call.id, started_at=NOW, **sound)
        session.add(recording)
        session.flush()
        return call.id, recording.id


def a_case(store: CaseStore, city: City, call_id: str, closed: bool) -> str:
    draft = replace(DRAFT, origin=f"{call_id}:1", call_id=call_id, reporter_sealed="s", reporter_lookup="l")
    case_id = open_case(store, city, draft, NOW).case_id
    store.follow(case_id, "other", "s", "l", "call")
    if closed:
        act_on(store, city, case_id, Act("solve", "sari", "console", text="Sudah diganti"), NOW)
    return case_id


def test_old_sound_goes_and_what_is_worked_on_stays(engine: Engine, store: CaseStore, kept: City) -> None:
    gone: list[str] = []
    calls = [a_call(engine, number) for number in range(3)]
    awaited = a_call(engine, 9, remote_url="https://api.twilio.com/x")
    a_case(store, kept, calls[0][0], closed=True)
    a_case(store, kept, calls[1][0], closed=False)
    keeper = RetentionStore(engine)
    assert forget(keeper, gone.append, kept, NOW + 29 * DAYS) == (0, 0, 0)
    assert forget(keeper, gone.append, kept, NOW + 31 * DAYS) == (2, 0, 0)
    assert sorted(gone) == sorted([calls[0][1], calls[2][1]])
    assert forget(keeper, gone.append, kept, NOW + 31 * DAYS) == (0, 0, 0)
    with Session(engine) as session:
        still = session.scalars(select(Recording.id).where(Recording.deleted_at.is_(None))).all()
    assert sorted(still) == sorted([calls[1][1], awaited[1]])


def test_events_go_with_the_sound(engine: Engine, store: CaseStore, kept: City) -> None:
    calls = [a_call(engine, number)[0] for number in range(2)]
    a_case(store, kept, calls[1], closed=False)
    for call_id in calls:
        CallStore(engine).record(call_id, NewTurn(1, "menu", "key", replay_sealed="s"), None, {})
    keeper = RetentionStore(engine)
    assert forget(keeper, lambda _: None, kept, NOW + 29 * DAYS).events == 0
    assert forget(keeper, lambda _: None, kept, NOW + 31 * DAYS).events == 1
    left = {call.id: call.turns[0].sealed for call in ReplayStore(engine).calls()}
    assert left == {calls[0]: None, calls[1]: "s"}


def test_numbers_go_when_their_case_is_long_closed(engine: Engine, store: CaseStore, kept: City) -> None:
    calls = [a_call(engine, number) for number in range(2)]
    closed, open_one = a_case(store, kept, calls[0][0], True), a_case(store, kept, calls[1][0], False)
    keeper = RetentionStore(engine)
    with Session(engine) as session, session.begin():
        for notice in session.scalars(select(Notice)):
            notice.state, notice.created_at = "sent", NOW
    assert forget(keeper, lambda _: None, kept, NOW + 59 * DAYS).numbers == 0
    assert forget(keeper, lambda _: None, kept, NOW + 61 * DAYS).numbers >= 3
    with Session(engine) as session:
        case, other = session.get(Case, closed), session.get(Case, open_one)
        assert case and other
        assert (case.reporter_sealed, case.reporter_lookup, case.description) == (None, None, DRAFT.description)
        assert case.followers[0].follower_sealed is None
        assert (other.reporter_sealed, other.reporter_lookup) == ("s", "l")
        assert other.followers[0].follower_lookup == "l"
        numbers = {call.id: call.caller_sealed for call in session.scalars(select(Call))}
        assert numbers == {calls[0][0]: None, calls[1][0]: "s"}
        assert {notice.to_sealed for notice in session.scalars(select(Notice))} == {""}


def test_a_notice_that_waits_keeps_its_number(engine: Engine, store: CaseStore, kept: City) -> None:
    case_id = open_case(store, kept, DRAFT, NOW).case_id
    notice = NewNotice("k", "solve", "sms", "s", "Sudah selesai", not_before=NOW)
    store.write(case_id, Change("note", "n", "machine", "worker", notices=(notice,), at=NOW))
    forget(RetentionStore(engine), lambda _: None, kept, NOW + 900 * DAYS)
    assert NoticeStore(engine).due(NOW + 900 * DAYS)
    with Session(engine) as session:
        assert session.scalars(select(Notice.to_sealed)).one() == "s"


def test_a_city_that_says_nothing_keeps_everything(engine: Engine, store: CaseStore, city: City) -> None:
    a_case(store, city, a_call(engine, 1)[0], closed=True)
    everlasting = replace(city, keep=Keeping())
    assert forget(RetentionStore(engine), lambda _: None, everlasting, NOW + 9000 * DAYS) == (0, 0, 0)


@pytest.mark.parametrize(
    "wrong", [{"sound": 3}, {"sound_days": -1}, {"number_days": "lama"}, {"sound_days": True}, [1]]
)
def test_wrong_days_are_told(wrong: Any) -> None:
    with pytest.raises(CityDataError, match=r"city\.yaml: keep has"):
        read_keeping(Path("city.yaml"), wrong)


@pytest.mark.parametrize("name", ["tangerang", "contoh"])
def test_the_cities_that_ship_forget(name: str) -> None:
    keep = load_city(Path("cities") / name).keep
    assert 0 < keep.sound_days < keep.number_days


def test_the_month_before() -> None:
    assert month_before(dt.date(2027, 1, 31)) == (dt.date(2026, 12, 1), dt.date(2027, 1, 1))
    assert month_before(dt.date(2026, 3, 1)) == (dt.date(2026, 2, 1), dt.date(2026, 3, 1))


def test_tables_of_the_month_are_written_once(engine: Engine, store: CaseStore, city: City, tmp_path: Path) -> None:
    open_case(store, city, DRAFT, NOW)
    later = NOW + 31 * DAYS
    month = f"{NOW:%Y-%m}"
    written = write_month(ExportStore(engine), city, tmp_path, later)
    assert [path.relative_to(tmp_path).as_posix() for path in written] == [
        f"{month}/{name}.xlsx" for name in ("cases", "work", "lapor")
    ]
    assert load_workbook(written[0]).active.max_row == 2
    assert written[0].stat().st_mode & 0o777 == 0o600
    assert write_month(ExportStore(engine), city, tmp_path, later) == ()
    written[1].unlink()
    assert write_month(ExportStore(engine), city, tmp_path, later) == (written[1],)
