"""Turn-taking by real sound: what ends an answer early, what interrupts us and what never does, and granted time."""

from __future__ import annotations

import threading

import pytest

from ivr.line import Line
from ivr.profiles import PACES
from models.store.callers import CallerStore, Choice
from speech import audio
from tests.ivr.handset import Handset, spoken
from tests.ivr.test_session import kinds


def waited_ms(line: Line, said: str, *before: str) -> int:
    """Silence after the end of an answer until it was taken."""
    handset = Handset(line, name=f"CA{said}{len(before)}").says(*before).listens()
    turns = len(kinds(line.calls, handset))
    handset.quiet(300)
    handset.sound(spoken(said))
    for ms in range(0, 4000, 20):
        if len(kinds(line.calls, handset)) > turns:
            return ms
        handset.quiet(20)
    raise AssertionError("the answer was not taken")


# -- the end of an answer


def test_what_is_certain_is_taken_at_once_and_a_no_may_go_on(line: Line) -> None:
    story = ("lapor", "lampu jalan mati sudah seminggu")
    assert waited_ms(line, "iya", *story) <= 500
    assert waited_ms(line, "tidak", *story) >= 600


def test_a_correction_after_a_pause_is_heard_as_one_answer(line: Line) -> None:
    handset = Handset(line).says("lapor", "lampu jalan mati di kelurahan cikokol", "ya").listens()
    handset.quiet(300)
    handset.sound(spoken("bukan") + audio.silence(450) + spoken("di kelurahan pinang"))
    handset.quiet(3000)
    state = line.calls.get(handset.call_id).state
    assert line.knows.area(state["guess"]).name == "Pinang"


def test_all_digits_of_a_number_are_enough(line: Line) -> None:
    assert waited_ms(line, "dua, tiga, empat, lima, enam, tujuh, delapan, nol", "cek status") <= 700


def test_a_story_may_be_longer_than_one_breath_allows(line: Line) -> None:
    handset = Handset(line).says("lapor").listens()
    piece = spoken("lampu jalan mati di depan masjid sudah seminggu gelap sekali ")
    while line.calls.last_turn(handset.call_id) < 3:
        handset.sound(piece[:3200])
        piece = piece[3200:] + piece[:3200]
    assert line.calls.get(handset.call_id).state["step"] == "report"
    assert handset.listens().heard[-1] == "story-goes-on"
    handset.says("tolong cepat diperbaiki ya pak")
    state = line.calls.get(handset.call_id).state
    assert state["step"] != "report" and len(state["said"]) >= 2


# -- interrupting


@pytest.mark.parametrize("echo_db", [-6.0, -14.0, -22.0])
def test_our_own_voice_come_back_interrupts_nothing(line: Line, echo_db: float) -> None:
    handset = Handset(line, name=f"CA{echo_db}", echo_db=echo_db).listens()
    handset.quiet(1000)
    assert handset.interrupted == 0 and kinds(line.calls, handset) == ["start"]
    assert handset.heard[-1] == "menu"


@pytest.mark.parametrize("echo_db", [-12.0, -20.0])
def test_a_caller_interrupts_over_the_echo(line: Line, echo_db: float) -> None:
    handset = Handset(line, name=f"CB{echo_db}", echo_db=echo_db)
    handset.quiet(4000)
    handset.sound(spoken("cek status"))
    assert handset.interrupted == 1
    handset.quiet(1500)
    assert line.calls.get(handset.call_id).state["step"] == "status"


# -- time and pace


def test_who_asks_for_time_has_a_minute_and_may_ask_again(line: Line) -> None:
    handset = Handset(line).says("lapor", "sebentar").listens()
    assert handset.heard[-1] == "waiting"
    handset.quiet(59_000)
    assert kinds(line.calls, handset)[-1] == "speech"
    handset.quiet(1500)
    assert kinds(line.calls, handset)[-1] == "silence"
    assert "waited" in handset.listens().heard
    handset.presses("5").listens().quiet(59_000)
    assert kinds(line.calls, handset)[-1] == "key"


def test_a_pace_is_remembered_for_the_number_and_for_no_other(line: Line) -> None:
    Handset(line).says("lebih pelan").listens()
    again, other = Handset(line, name="CA2"), Handset(line, "+628111222333", name="CA3")
    assert line.calls.get(again.call_id).state["pace"] == PACES[0]
    assert line.calls.get(other.call_id).state["pace"] == PACES[1]


def test_a_slow_speaker_is_spoken_to_slowly_and_told_so(line: Line) -> None:
    handset = Handset(line).says("lapor").listens()
    words = ["lampu", "jalan", "di", "depan", "rumah", "saya", "mati", "sudah", "satu", "minggu"]
    handset.sound(b"".join(spoken(word) + audio.silence(400) for word in words))
    handset.quiet(3000)
    assert line.calls.get(handset.call_id).state["pace"] == PACES[0]
    assert "slower-guessed" in handset.listens().heard


def test_who_never_hears_a_prompt_out_is_spoken_to_fast(line: Line) -> None:
    handset = Handset(line).presses("2", "*", "9", "2", "*", "9")
    assert line.calls.get(handset.call_id).state["pace"] == PACES[2]


# -- work that takes long


class SlowCallers(CallerStore):
    """A store that is busy for longer than a caller waits in silence."""

    def recall(self, lookup: str) -> Choice:
        threading.Event().wait(1.3)
        return super().recall(lookup)


def test_a_caller_hears_that_we_are_working(line: Line) -> None:
    line.callers = SlowCallers(line.callers._engine)
    handset = Handset(line).listens()
    assert handset.heard[0] == "one-moment" and handset.heard[-1] == "menu"
