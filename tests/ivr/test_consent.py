"""What callers decide about what is kept of them, and reports for somebody else."""

from __future__ import annotations

import pytest

from ivr.effects import EraseData, FindData, KeepAbout, KeepNoSound
from ivr.events import CaseFound, Heard
from ivr.knowledge import Knowledge
from ivr.line import Line
from ivr.prompts import Prompts
from models.recordings import RecordingMissing
from tests.ivr.handset import Handset
from tests.ivr.talk import TICKET, Talk
from tests.ivr.test_earlier import NUMBER, REPORT, a_case, call

# -- no recording


def test_who_wants_no_recording_still_makes_a_report(talk: Talk) -> None:
    talk.says("lapor", "tanpa rekaman")
    assert KeepNoSound() in talk.effects and talk.prompts_said[0] == "unrecorded" and talk.step == "report"
    talk.says("lampu jalan mati di kelurahan cikokol", "ya", "ya", "tidak ada", "ya")
    assert talk.opened[0].description == "lampu jalan mati di kelurahan cikokol"


def test_no_sound_of_the_call_is_left_and_none_is_added(line: Line) -> None:
    handset = Handset(line).says("tanpa rekaman", "lapor", "lampu jalan mati sudah seminggu").listens()
    handset.session.close("hang-up")
    [recording] = {turn.recording_id for turn in line.calls.turns(handset.call_id) if turn.recording_id}
    assert recording
    with pytest.raises(RecordingMissing):
        line.recordings.read_pcm(recording)
    assert line.calls.recordings_of(handset.call_id) == ()
    case = line.cases.by_origin(f"{handset.call_id}:1")
    assert case and "lampu jalan mati" in case.description


# -- who is calling


@pytest.fixture
def unknown(knows: Knowledge, prompts: Prompts) -> Talk:
    """A number that was never asked, at the end of its first report."""
    return Talk(knows, prompts, asked_about=False).says(*REPORT, "tidak ada", "ya")


def test_a_number_is_asked_once_who_calls_and_needs_not_say(unknown: Talk) -> None:
    assert unknown.step == "after-ticket"
    unknown.says("cukup")
    assert unknown.step == "about-you"
    unknown.presses("4")
    assert KeepAbout(False, False) in unknown.effects and unknown.step == "ended"


@pytest.mark.parametrize(
    ("said", "disabled", "elderly"),
    [("disabilitas", True, False), ("lanjut usia", False, True), ("keduanya", True, True), ("lanjut", False, False)],
)
def test_what_is_said_of_oneself_is_kept(unknown: Talk, said: str, disabled: bool, elderly: bool) -> None:
    unknown.says("cukup", said)
    assert KeepAbout(disabled, elderly) in unknown.effects and unknown.prompts_said[-1] == "goodbye"


def test_who_does_not_answer_that_is_let_go(unknown: Talk) -> None:
    unknown.says("cukup").is_silent(2)
    assert unknown.step == "ended" and unknown.prompts_said == ["goodbye"]


def test_whoever_wants_to_be_unknown_is_not_asked(knows: Knowledge, prompts: Prompts) -> None:
    for known in (True, False):
        talk = Talk(knows, prompts, known=known, asked_about=known)
        assert talk.says(*REPORT, "tidak ada", "ya", "cukup").step == "ended"
    anonymous = Talk(knows, prompts, asked_about=False).says(*REPORT, "tidak ada", "tanpa nama", "ya", "cukup")
    assert anonymous.step == "ended"


def test_it_is_remembered_for_the_number_and_flags_its_cases(line: Line) -> None:
    first = call(line, "CA1", *REPORT, "jalan melati", "ya", "cukup", "disabilitas")
    assert first.state.step == "ended"
    again = call(line, "CA2", "lapor", "sampah menumpuk di kelurahan cikokol", "ya", "ya", "tidak ada", "ya", "cukup")
    assert again.state.step == "ended"
    case = line.cases.by_ticket(again.state.ticket)
    assert case and case.disabled


# -- what is stored, and away with it


def test_a_caller_hears_what_is_stored(talk: Talk) -> None:
    talk.says("data saya apa saja")
    assert talk.own_data == [FindData()]
    assert "dua laporan, dan lima panggilan" in talk.text and "sembilan puluh hari" in talk.text


def test_erasing_is_asked_once_more_and_can_be_left(talk: Talk) -> None:
    talk.says("hapus data saya", "tidak")
    assert talk.prompts_said[0] == "erase-not" and talk.step == "menu"
    talk.says("hapus data saya", "ya")
    assert talk.own_data == [EraseData()]
    assert talk.prompts_said[0] == "erased" and not talk.state.known


def test_a_hidden_number_has_no_data(talk_without_lines: Talk) -> None:
    assert talk_without_lines.says("hapus data saya").prompts_said[0] == "data-number-hidden"


def test_number_and_sound_are_gone_and_the_case_goes_on(line: Line) -> None:
    case = a_case(line, "CA1")
    sound = Handset(line, NUMBER, "CA2").says("lapor", "lampu jalan mati sudah seminggu").listens()
    sound.session.close("lost")
    lookup = line.vault.lookup(NUMBER)
    assert line.callers.stored(lookup) == (1, 2)
    erasing = call(line, "CA3", "hapus data saya", "ya")
    assert line.callers.stored(lookup) == (0, 0) and line.callers.recordings(lookup) == ()
    after = line.cases.by_ticket(case.ticket)
    assert after and (after.reporter_sealed, after.reporter_lookup, after.stage) == (None, None, "pengaduan")
    assert after.description == case.description
    for text in (*REPORT, "jalan melati", "ya"):
        erasing.handle(Heard(text))
    later = line.cases.by_ticket(erasing.state.ticket)
    assert later and later.reporter_lookup is None


# -- for somebody else


def test_a_report_for_somebody_else_asks_whom_to_tell(talk: Talk) -> None:
    talk.says("lapor", "saya relawan kim lampu jalan mati di kelurahan cikokol", "ya", "ya", "tidak ada")
    assert talk.step == "read-back" and "untuk orang lain" in talk.text
    talk.says("ya", "nomor lain").presses("081234567890#")
    assert talk.step == "tell-confirm" and "nol delapan satu" in talk.text
    talk.says("ya")
    assert talk.opened[0].tell_number == "081234567890"


def test_the_callers_own_number_may_be_the_one(talk: Talk) -> None:
    talk.says(*REPORT, "tidak ada", "untuk orang lain", "ya", "nomor ini")
    assert talk.opened[0].tell_number == ""


def test_the_other_number_hears_of_the_outcome_and_the_callers_does_not(line: Line) -> None:
    conversation = call(line, "CA1", *REPORT, "jalan melati", "untuk orang lain", "ya", "nomor lain")
    assert conversation.state.step == "tell-number"
    conversation.handle(Heard("nol delapan satu dua tiga empat lima enam tujuh delapan sembilan nol"))
    conversation.handle(Heard("ya"))
    case = line.cases.by_ticket(conversation.state.ticket)
    assert case and case.notify == "none"
    [follower] = line.cases.followers(case.id)
    assert follower.follower_lookup == line.vault.lookup("+6281234567890") and follower.notify == "call"


# -- to the own report, from the menu


def test_the_own_report_is_found_from_the_menu(talk: Talk) -> None:
    talk.cases = (CaseFound(TICKET, "proses", "2026-11-20", "2026-11-30", "lampu jalan", "Dishub", mine=True),)
    talk.says("tambah keterangan")
    assert talk.step == "after-status"
