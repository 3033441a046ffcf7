"""Calls by real sound: espeak-ng callers, the real recogniser, voice and store; only the wire is missing."""

from __future__ import annotations

import random

from ivr.line import Line
from models.store.calls import CallStore
from routing.tickets import valid
from tests.ivr.handset import Handset, spoken


def kinds(calls: CallStore, handset: Handset) -> list[str]:
    return [turn.kind for turn in calls.turns(handset.call_id)]


def test_a_report_and_its_status_by_sound_alone(line: Line) -> None:
    handset = Handset(line)
    handset.says("lapor", "lampu jalan mati sudah seminggu", "ya", "cikokol", "ya", "dekat masjid", "ya betul")
    handset.listens()
    assert handset.steps[-1] == "after-ticket"
    state = line.calls.get(handset.call_id).state
    case = line.cases.by_ticket(state["ticket"])
    assert case is not None and valid(case.ticket)
    assert (case.category_code, case.agency_code) == ("pju", "dishub")
    assert line.knows.area(str(case.area_code)).name == "Cikokol"
    assert "lampu jalan mati" in case.description

    again = Handset(line, name="CA2")
    digits = dict(
        zip(
            "0123456789",
            ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"],
            strict=True,
        )
    )
    again.says("cek status", ", ".join(digits[d] for d in case.ticket)).listens()
    assert again.steps[-1] == "after-status"
    assert line.calls.get(again.call_id).state["found"][0]["ticket"] == case.ticket


def test_every_turn_is_in_the_store_with_its_place_in_the_recording(line: Line) -> None:
    handset = Handset(line)
    handset.says("lapor").listens()
    start, answer = line.calls.turns(handset.call_id)
    assert (start.kind, answer.kind, answer.step) == ("start", "speech", "menu")
    assert answer.transcript is not None and answer.transcript.text == "lapor"
    assert answer.said and answer.recording_id
    handset.session.close("lost")
    sound = line.recordings.read_pcm(answer.recording_id)
    assert answer.start_ms is not None and answer.end_ms is not None
    [word] = answer.transcript.words
    assert answer.start_ms <= word["start_ms"] < word["end_ms"] <= answer.end_ms <= len(sound) // 16


def test_a_key_interrupts_at_once(line: Line) -> None:
    handset = Handset(line)
    handset.presses("1")
    assert handset.interrupted == 1 and handset.session is not None
    assert line.calls.get(handset.call_id).state["step"] == "report"


def test_a_known_word_interrupts_the_prompt(line: Line) -> None:
    handset = Handset(line)
    handset.quiet(1500)
    handset.sound(spoken("cek status"))
    assert handset.interrupted == 1
    handset.quiet(1500)
    assert line.calls.get(handset.call_id).state["step"] == "status"


def test_noise_does_not_interrupt_and_is_no_answer(line: Line) -> None:
    rng = random.Random(7)
    handset = Handset(line)
    for ms in (200, 400, 800):
        loud = (max(-32000, min(32000, round(rng.gauss(0, 6000)))) for _ in range(8 * ms))
        handset.quiet(1000)
        handset.sound(b"".join(sample.to_bytes(2, "little", signed=True) for sample in loud))
        handset.quiet(1500)
    assert handset.interrupted == 0 and kinds(line.calls, handset) == ["start"]


def test_silence_is_noticed_only_after_the_prompt_and_its_time(line: Line) -> None:
    handset = Handset(line).listens()
    handset.quiet(7900)
    assert kinds(line.calls, handset) == ["start"]
    handset.quiet(300)
    assert kinds(line.calls, handset) == ["start", "silence"]


def test_a_wire_without_sound_counts_as_silence(line: Line) -> None:
    handset = Handset(line).listens()
    handset.session.idle(8100)
    assert kinds(line.calls, handset)[-1] == "silence"


def test_hanging_up_in_the_middle_of_a_word_keeps_it(line: Line) -> None:
    handset = Handset(line).says("lapor").listens()
    handset.quiet(300)
    handset.sound(spoken("lampu jalan mati di kelurahan cikokol"))
    handset.session.close("hang-up")
    call = line.calls.get(handset.call_id)
    assert call.ended_at is not None and call.end_reason == "hang-up"
    case = line.cases.by_origin(f"{handset.call_id}:1")
    assert case is not None and "lampu" in case.description and case.review == "telepon terputus"


def test_another_process_goes_on_with_the_call(line: Line) -> None:
    first = Handset(line).says("lapor", "lampu jalan mati sudah seminggu").listens()
    first.session.close("lost")
    second = Handset(line)  # the same provider's name: the same call
    assert second.call_id == first.call_id
    second.listens()
    assert second.heard[0] == "resumed" and second.steps[-1] == "category-confirm"


def test_two_streams_of_one_call_never_write_the_same_turn(line: Line) -> None:
    first = Handset(line).listens()
    second = Handset(line).listens()
    second.presses("1")
    first.presses("2")
    assert first.session.finished and first.released
    assert line.calls.get(second.call_id).state["step"] == "report"


def test_digits_by_keys_with_a_pause(line: Line) -> None:
    handset = Handset(line).presses("2")
    handset.presses(*"2345")
    handset.quiet(3100)
    turn = line.calls.turns(handset.call_id)[-1]
    assert (turn.kind, turn.keys) == ("key", "2345")
