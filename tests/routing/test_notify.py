"""Notices on real stores: claimed by one, sent once, tried again, given up where a person sees it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from models.base import utcnow
from models.notices import Notice
from models.store.cases import CaseStore, Change, NewNotice
from models.store.notices import LEASE, NoticeStore
from routing import jobs
from routing.cases import act_on, open_case
from routing.city import City
from routing.life import Act
from routing.notify import AGAIN_AFTER, NotSent, send_notice
from tests.routing.test_cases import DRAFT

NOW = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)  # ten in the morning


class Postbox:
    """A way that keeps what it is given; `broken` is raised instead. Passes the contract of the real ways."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []
        self.broken: NotSent | None = None

    def send(self, to: str, subject: str, text: str, notice_id: str) -> str:
        if self.broken:
            raise self.broken
        self.sent.append((to, text))
        return f"id-{len(self.sent)}"

    def find(self, to: str, text: str, notice_id: str, since: dt.datetime) -> str | None:
        return next((f"id-{n}" for n, one in enumerate(self.sent, start=1) if one == (to, text)), None)


@pytest.fixture
def notices(engine: Engine) -> NoticeStore:
    return NoticeStore(engine)


@pytest.fixture
def post() -> Postbox:
    return Postbox()


@pytest.fixture
def send(notices: NoticeStore, post: Postbox, city: City) -> Callable[[str, dt.datetime], None]:
    return lambda notice_id, now: send_notice(notices, {"sms": post}, lambda text: f"open-{text}", city, notice_id, now)


def written(store: CaseStore, notices: NoticeStore, city: City, *texts: str) -> list[Notice]:
    """Notices of one case, to one number."""
    case_id = open_case(store, city, DRAFT, NOW).case_id
    for number, text in enumerate(texts):
        notice = NewNotice(f"{case_id}:{number}", "answer", "sms", "number", text, not_before=NOW)
        store.write(case_id, Change("answered", f"a:{number}", "account", "console", notices=(notice,), at=NOW))
    return list(notices.of_case(case_id))


def test_a_notice_is_sent_once(
    store: CaseStore, notices: NoticeStore, city: City, post: Postbox, send: Callable[[str, dt.datetime], None]
) -> None:
    (notice,) = written(store, notices, city, "Sudah diganti.")
    assert notices.due(NOW) == (notice.id,)
    for _ in range(2):
        send(notice.id, NOW)
    assert post.sent == [("open-number", "Sudah diganti.")]
    kept = notices.get(notice.id)
    assert kept is not None
    assert (kept.state, kept.remote_id, kept.tries) == ("sent", "id-1", 1)
    assert notices.due(NOW) == ()


def test_eight_workers_send_it_once(
    store: CaseStore, notices: NoticeStore, city: City, post: Postbox, send: Callable[[str, dt.datetime], None]
) -> None:
    (notice,) = written(store, notices, city, "Sudah diganti.")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: send(notice.id, NOW), range(16)))
    assert len(post.sent) == 1


def test_what_waits_for_one_person_about_one_case_is_one_message(
    store: CaseStore, notices: NoticeStore, city: City, post: Postbox, send: Callable[[str, dt.datetime], None]
) -> None:
    first, second = written(store, notices, city, "Sedang dikerjakan.", "Sudah selesai.")
    send(second.id, NOW)
    send(first.id, NOW)
    assert [set(text.split("\n")) for _, text in post.sent] == [{"Sedang dikerjakan.", "Sudah selesai."}]


def test_nothing_is_sent_before_its_time(
    store: CaseStore, notices: NoticeStore, city: City, post: Postbox, send: Callable[[str, dt.datetime], None]
) -> None:
    (notice,) = written(store, notices, city, "Sudah diganti.")
    send(notice.id, NOW - dt.timedelta(seconds=1))
    assert post.sent == []


def test_a_failure_is_tried_again_later_and_then_shown(
    store: CaseStore, notices: NoticeStore, city: City, post: Postbox, send: Callable[[str, dt.datetime], None]
) -> None:
    (notice,) = written(store, notices, city, "Sudah diganti.")
    post.broken, moment, waits = NotSent("Twilio 20503"), NOW, []
    for _ in range(len(AGAIN_AFTER) + 1):
        send(notice.id, moment)
        kept = notices.get(notice.id)
        assert kept is not None
        waits.append(kept.not_before - moment)
        moment = kept.not_before
    given_up = notices.get(notice.id)
    assert given_up is not None
    assert waits[:4] == list(AGAIN_AFTER)
    assert (given_up.state, given_up.failure) == ("failed", "Twilio 20503")
    assert notices.due(NOW + dt.timedelta(days=9)) == ()


def test_a_wrong_number_is_not_tried_again(
    store: CaseStore, notices: NoticeStore, city: City, post: Postbox, send: Callable[[str, dt.datetime], None]
) -> None:
    (notice,) = written(store, notices, city, "Sudah diganti.")
    post.broken = NotSent("Twilio 21211", final=True)
    send(notice.id, NOW)
    kept = notices.get(notice.id)
    assert kept is not None
    assert kept.state == "failed"


@pytest.mark.parametrize("sent", [True, False])
def test_a_worker_that_died_while_sending_sends_nothing_twice(
    store: CaseStore,
    notices: NoticeStore,
    city: City,
    post: Postbox,
    send: Callable[[str, dt.datetime], None],
    sent: bool,
) -> None:
    (notice,) = written(store, notices, city, "Sudah diganti.")
    claimed = notices.claim(notice.id, NOW)
    assert claimed is not None
    if sent:
        post.send("open-number", "", claimed.text, notice.id)  # and then it died
    send(notice.id, NOW + dt.timedelta(seconds=1))
    assert len(post.sent) == sent  # the lease holds
    send(notice.id, NOW + LEASE)
    assert len(post.sent) == 1
    kept = notices.get(notice.id)
    assert kept is not None
    assert kept.state == "sent"


def test_without_a_way_a_person_sees_it(store: CaseStore, notices: NoticeStore, city: City) -> None:
    (notice,) = written(store, notices, city, "Sudah diganti.")
    send_notice(notices, {}, str, city, notice.id, NOW)
    kept = notices.get(notice.id)
    assert kept is not None
    assert (kept.state, kept.failure) == ("failed", "tidak ada saluran untuk sms")


def test_who_did_not_take_the_call_is_called_again(
    store: CaseStore, notices: NoticeStore, city: City, send: Callable[[str, dt.datetime], None]
) -> None:
    (notice,) = written(store, notices, city, "Sudah diganti.")
    for number in range(1, 4):
        later = NOW + dt.timedelta(hours=2 * number)
        send(notice.id, later - dt.timedelta(hours=1))
        kept = notices.get(notice.id)
        assert kept is not None
        assert kept.state == "sent"
        for _ in range(2):  # the provider may tell it twice
            notices.not_reached(kept.remote_id, later, 3, "tidak diangkat")
    kept = notices.get(notice.id)
    assert kept is not None
    assert (kept.state, kept.tries) == ("failed", 3)


def test_what_a_call_says_is_there_while_and_after_it_is_placed(
    store: CaseStore, notices: NoticeStore, city: City
) -> None:
    first, second = written(store, notices, city, "Sedang dikerjakan.", "Sudah selesai.")
    assert notices.text_of_message(first.id) == ""
    claimed = notices.claim(first.id, NOW)
    assert claimed is not None
    assert set(notices.text_of_message(second.id).split("\n")) == {"Sedang dikerjakan.", "Sudah selesai."}
    notices.sent(claimed, "CA1")
    assert notices.text_of_message(first.id) == claimed.text
    assert notices.text_of_message("nobody") == ""


def test_an_officers_answer_reaches_the_citizen(store: CaseStore, parts: jobs.Parts, post: Postbox) -> None:
    """From the act to the message, through the sweep."""
    jobs.use(replace(parts, ways={"sms": post}))
    draft = replace(DRAFT, notify="sms", reporter_sealed="+628123456789")
    case_id = open_case(store, parts.city, draft, utcnow()).case_id
    act_on(store, parts.city, case_id, Act("solve", "account", "console", text="Lampu sudah menyala"), NOW)
    (notice,) = parts.notices.of_case(case_id)
    jobs.send_notice(notice.id)
    assert len(post.sent) == 1
    assert "sudah selesai. Lampu sudah menyala." in post.sent[0][1]
