"""Callers from a place hear what is known there; callers about it join, and a hundred of them are one case."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from ivr.effects import JoinAnnounced
from ivr.events import Announced, Heard
from ivr.knowledge import Knowledge
from ivr.line import Line
from ivr.prompts import Prompts
from models.cases import Follower
from models.notices import Announcement
from routing.announcements import BadAnnouncement, NewAnnouncement, announce, covers
from routing.city import City
from speech import audio
from tests.ivr.handset import Handset
from tests.ivr.talk import Talk

OUT = "Air mati di Kelurahan Cikokol karena pipa pecah."
NOW = dt.datetime.now(dt.UTC)


def area(city: City, name: str) -> str:
    return next(one.code for one in (*city.kelurahan, *city.kecamatan) if one.name == name)


def outage(city: City, place: str | None = "Cikokol", category: str = "pju", number: str = "a1") -> Announced:
    code = area(city, place) if place else ""
    return Announced(number, OUT, category, code, "2026-11-23", 18, 0)


@pytest.fixture
def call(knows: Knowledge, prompts: Prompts, city: City) -> Talk:
    return Talk(knows, prompts, announced=(outage(city),))


REPORT = ("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "ya")


# -- who hears it


def test_who_is_from_there_hears_it_before_the_menu(knows: Knowledge, prompts: Prompts, city: City) -> None:
    talk = Talk(knows, prompts, home=area(city, "Cikokol"), announced=(outage(city),))
    assert talk.prompts_said == ["welcome", "announcement", "menu"]
    assert OUT in talk.text and "hari ini, pukul delapan belas" in talk.text.lower()


@pytest.mark.parametrize("home", ["Neglasari", ""])
def test_who_is_from_elsewhere_does_not(knows: Knowledge, prompts: Prompts, city: City, home: str) -> None:
    talk = Talk(knows, prompts, home=area(city, home) if home else "", announced=(outage(city),))
    assert talk.prompts_said == ["welcome", "menu"]


def test_what_holds_everywhere_is_heard_by_all_and_two_are_enough(
    knows: Knowledge, prompts: Prompts, city: City
) -> None:
    everywhere = tuple(outage(city, None, number=f"a{number}") for number in range(3))
    assert Talk(knows, prompts, announced=everywhere).prompts_said.count("announcement") == 2


def test_a_kecamatan_holds_its_kelurahan(city: City) -> None:
    kelurahan = area(city, "Cikokol")
    kecamatan = city.area(kelurahan)
    assert kecamatan and covers(city, kecamatan.parent, kelurahan) and covers(city, kelurahan, kelurahan)
    assert not covers(city, kelurahan, kecamatan.parent) and not covers(city, kelurahan, "")


# -- who reports it


def test_who_reports_it_may_join_instead(call: Talk) -> None:
    call.says(*REPORT)
    assert call.step == "announced" and call.prompts_said[-2:] == ["announcement", "announced"]
    call.says("ya")
    [joined] = call.joined
    assert (joined.announcement, joined.report, call.opened) == ("a1", 1, [])
    assert "lampu jalan mati" in joined.description
    assert call.step == "after-ticket" and "joined" in call.prompts_said
    assert not call.state.unfinished
    call.hangs_up()
    assert call.opened == []


def test_who_does_not_want_to_makes_a_report_of_their_own(call: Talk) -> None:
    call.says(*REPORT)
    call.presses("2")
    assert call.step == "landmark"
    call.says("tidak ada", "ya")
    assert len(call.opened) == 1 and call.joined == []


def test_who_hangs_up_over_the_question_has_a_report(call: Talk) -> None:
    call.says(*REPORT).hangs_up()
    assert len(call.opened) == 1


@pytest.mark.parametrize(
    "story", ["sampah menumpuk tidak diangkut di kelurahan cikokol", "lampu jalan mati di kelurahan neglasari"]
)
def test_another_problem_or_place_is_a_report(call: Talk, story: str) -> None:
    call.says("lapor", story, "ya", "ya")
    assert call.step == "landmark"


def test_a_shared_case_that_is_closed_by_now_makes_the_report_go_on(call: Talk) -> None:
    call.joinable = False
    call.says(*REPORT, "ya")
    assert call.step == "landmark"
    call.says("tidak ada", "ya")
    assert len(call.opened) == 1


def test_an_emergency_is_never_kept_by_it(call: Talk) -> None:
    call.says(*REPORT, "tolong ada kebakaran besar di rumah tetangga sekarang")
    assert call.handed_to == "emergency" or call.step in ("emergency", "emergency-confirm")


def test_a_confidential_caller_joins_without_words(call: Talk) -> None:
    call.says("lapor", "lampu jalan mati di kelurahan cikokol tolong rahasiakan", "ya", "ya", "ya")
    assert call.joined[0].description == ""


# -- in the store


def announced(line: Line, city: City, key: str = "form1", hours: float = 6) -> str:
    """Announce it; the shared case's ticket."""
    wanted = NewAnnouncement(key, OUT, "pju", area(city, "Cikokol"), NOW, NOW + dt.timedelta(hours=hours))
    return announce(line.announcements, line.cases, city, wanted, "sari", NOW).ticket


def followers(line: Line, ticket: str) -> tuple[Follower, ...]:
    case = line.cases.by_ticket(ticket)
    assert case
    return line.cases.followers(case.id)


def test_a_hundred_calls_become_one_case(line: Line, city: City) -> None:
    ticket = announced(line, city)
    for number in range(100):
        call_id = line.begin("twilio", f"CA{number}", None if number == 7 else f"+62812000{number:05d}")
        conversation = line.conversation(call_id)
        conversation.open()
        for text in REPORT:
            conversation.handle(Heard(text))
        conversation.handle(Heard("ya"))
        assert conversation.state.ticket == ticket
    case = line.cases.by_ticket(ticket)
    assert case and len(followers(line, ticket)) == 100
    joined = [event for event in case.events if event.kind == "joined"]
    assert len(joined) == 100 and all("lampu jalan mati" in event.details["description"] for event in joined)
    assert [f.notify for f in followers(line, ticket)].count("none") == 1  # whose number is hidden
    assert line.cases.undelivered() == (case.id,)  # no other case was made


def test_the_same_number_joins_once(line: Line, city: City) -> None:
    ticket = announced(line, city)
    for number in range(2):
        call_id = line.begin("twilio", f"CA{number}", "+628120000001")
        reporter = ("sealed", line.vault.lookup("+628120000001"))
        wanted = JoinAnnounced(1, "form1", "", area(city, "Cikokol"), "", "lampu mati", False)
        for _ in range(2):
            assert line.join(wanted, call_id, reporter).ticket == ticket
    assert len(followers(line, ticket)) == 1
    case = line.cases.by_ticket(ticket)
    assert case and sum(event.kind == "joined" for event in case.events) == 2


def test_it_is_heard_while_it_holds_and_by_the_place_of_the_last_report(line: Line, city: City) -> None:
    announced(line, city)
    first = line.conversation(line.begin("twilio", "CA1", "+628120000001"))
    assert "announcement" not in [out.prompt for out in first.open() if hasattr(out, "prompt")]
    for text in (*REPORT, "tidak", "tidak ada", "ya"):
        first.handle(Heard(text))
    again = line.conversation(line.begin("twilio", "CA2", "+628120000001"))
    assert [out.prompt for out in again.open() if hasattr(out, "prompt")] == ["welcome", "announcement", "menu"]
    assert line.announcements.end("form1", "sari", dt.datetime.now(dt.UTC))
    assert not line.announcements.end("form1", "budi", dt.datetime.now(dt.UTC))
    third = line.conversation(line.begin("twilio", "CA3", "+628120000001"))
    assert [out.prompt for out in third.open() if hasattr(out, "prompt")] == ["welcome", "menu"]


def test_it_is_over_when_its_time_is(line: Line, city: City) -> None:
    announced(line, city)
    assert line.announcements.current(NOW + dt.timedelta(hours=5))
    assert not line.announcements.current(NOW + dt.timedelta(hours=6))
    assert not line.announcements.current(NOW - dt.timedelta(seconds=1))


def test_the_same_form_twice_is_one_announcement(line: Line, city: City) -> None:
    assert announced(line, city) == announced(line, city)
    assert len(line.announcements.latest()) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"text": ""}, "perlu diisi"),
        ({"text": "a" * 301}, "paling panjang 300"),
        ({"category": "atlantis"}, "jenis masalah"),
        ({"area": "0"}, "tidak ada di data kota"),
        ({"ends_at": NOW - dt.timedelta(hours=1)}, "belum lewat"),
        ({"ends_at": NOW + dt.timedelta(days=15)}, "paling lama 14 hari"),
    ],
)
def test_what_cannot_be_announced_is_told(line: Line, city: City, change: dict[str, object], told: str) -> None:
    values = {"key": "k", "text": OUT, "category": "pju", "area": None, "begins_at": NOW}
    wanted = NewAnnouncement(**{**values, "ends_at": NOW + dt.timedelta(hours=1), **change})  # type: ignore[arg-type]
    with pytest.raises(BadAnnouncement) as refused:
        announce(line.announcements, line.cases, city, wanted, "sari", NOW)
    assert told in " ".join(refused.value.problems)
    assert line.cases.undelivered() == ()


# -- spoken by somebody of the control room

VOICE = audio.tone(440, 1200)


def spoken(line: Line, city: City) -> None:
    wanted = NewAnnouncement("form2", OUT, "pju", None, NOW, NOW + dt.timedelta(hours=6), line.vault.seal(VOICE), 1200)
    announce(line.announcements, line.cases, city, wanted, "sari", NOW)


def test_callers_hear_what_was_recorded_and_then_until_when(line: Line, city: City) -> None:
    spoken(line, city)
    handset = Handset(line)
    assert VOICE in [pcm for pcm, _ in handset.waiting]
    handset.listens()
    assert handset.heard.count("announcement") == 1
    assert [name for name in handset.heard if name.startswith("announcement")][-1].startswith("announcement-until")
    [start] = line.calls.turns(handset.call_id)
    state = line.calls.get(handset.call_id).state
    assert start.kind == "start" and OUT in state["prompted"]


def test_the_lines_own_voice_reads_it_when_the_recording_is_gone(line: Line, city: City) -> None:
    spoken(line, city)
    with Session(line.announcements._engine) as session, session.begin():
        session.execute(update(Announcement).values(sound_sealed=b"broken"))
    handset = Handset(line).listens()
    assert handset.heard.count("announcement") == 1 and "menu" in handset.heard


@pytest.mark.parametrize("ms", [900, 30_001])
def test_a_recording_is_neither_a_click_nor_a_speech(line: Line, city: City, ms: int) -> None:
    wanted = NewAnnouncement("form3", OUT, "pju", None, NOW, NOW + dt.timedelta(hours=6), b"sealed", ms)
    with pytest.raises(BadAnnouncement, match="1 problem"):
        announce(line.announcements, line.cases, city, wanted, "sari", NOW)
