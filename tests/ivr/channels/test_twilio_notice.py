"""A call of ours: what the citizen hears, and what becomes of one that nobody takes."""

from __future__ import annotations

import datetime as dt
import uuid

from models.store.cases import NewNotice
from models.store.notices import Claimed
from tests.ivr.channels.served import Served, form

TEXT = "Laporan nomor 12345674 sudah selesai. Lampu PJU sudah diganti."
THEN = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)


def placed(served: Served, sid: str) -> Claimed:
    """A notice whose call has been placed."""
    key = uuid.uuid4().hex
    served.line.notices.write(NewNotice(key, "solve", "call", "sealed", TEXT, not_before=THEN))
    claims = (served.line.notices.claim(notice, THEN) for notice in served.line.notices.due(THEN))
    claimed = next(one for one in claims if one is not None)
    served.line.notices.sent(claimed, sid)
    return claimed


def test_the_notice_is_said_twice_in_our_own_voice(served: Served) -> None:
    sid = "CA" + uuid.uuid4().hex
    claimed = placed(served, sid)
    document = served.twiml(f"/twilio/notice?notice={claimed.ids[0]}", sid)
    words = served.words(document)
    assert words.count("satu dua tiga") == 2
    assert words.count("sudah diganti") == 2
    assert "PJU" not in words
    assert (document[0].tag, document[-1].tag) == ("Pause", "Hangup")


def test_a_call_about_nothing_hangs_up(served: Served) -> None:
    document = served.twiml("/twilio/notice?notice=nobody", "CA" + uuid.uuid4().hex)
    assert [verb.tag for verb in document] == ["Hangup"]


def test_a_call_that_nobody_took_is_placed_again(served: Served) -> None:
    sid = "CA" + uuid.uuid4().hex
    claimed = placed(served, sid)
    for _ in range(2):
        status, _body = served.post("/twilio/notice-over", form(sid, CallStatus="no-answer"))
        assert status == 204
    kept = served.line.notices.get(claimed.ids[0])
    assert kept is not None
    assert (kept.state, kept.tries, kept.remote_id) == ("waiting", 1, "")


def test_a_call_that_was_heard_is_over(served: Served) -> None:
    sid = "CA" + uuid.uuid4().hex
    claimed = placed(served, sid)
    served.post("/twilio/notice-over", form(sid, CallStatus="completed"))
    kept = served.line.notices.get(claimed.ids[0])
    assert kept is not None
    assert kept.state == "sent"
