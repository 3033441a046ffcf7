"""Whole conversations through the pure dialogue, with the real city and the real meaning of words."""

from __future__ import annotations

import dataclasses

import pytest

from ivr.events import CaseFound, Resumed
from ivr.profiles import PACES
from routing.tickets import valid
from tests.ivr.talk import TICKET, Talk

FOUND = CaseFound(TICKET, "proses", "2026-11-20", "2026-11-30", "lampu jalan", "Dinas Perhubungan", mine=True)


def valid_ticket() -> str:
    return next(t for n in range(10) if valid(t := f"2345678{n}"))


# -- a report by voice


def test_a_spoken_report_becomes_a_case(talk: Talk) -> None:
    talk.says("lapor")
    assert talk.step == "report"
    talk.says("lampu jalan mati di kelurahan cikokol sudah seminggu")
    assert talk.step == "category-confirm"
    assert "lampu jalan" in talk.text
    talk.says("ya")
    assert talk.step == "place-confirm"
    assert "Cikokol" in talk.text
    talk.says("betul")
    assert talk.step == "landmark"
    talk.says("dekat masjid jalan melati")
    assert talk.step == "read-back"
    talk.says("ya benar")
    assert talk.step == "after-ticket"
    [case] = talk.opened
    assert (case.category, case.category_by, case.review) == ("pju", "caller", None)
    assert talk.knows.area(str(case.area)).name == "Cikokol"
    assert "masjid" in case.landmark and "lampu jalan mati" in case.description
    assert "dua tiga empat" in talk.text and "Dinas Perhubungan" in talk.text


def test_the_story_told_at_the_menu_is_the_report(talk: Talk) -> None:
    talk.says("", free="pak sampah di depan rumah tidak diangkut sudah dua minggu")
    assert talk.step == "category-confirm"
    assert talk.state.category == "sampah"
    assert talk.state.said == ("pak sampah di depan rumah tidak diangkut sudah dua minggu",)


def test_a_wrong_category_is_corrected_from_four_choices(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati", "bukan")
    assert talk.step == "category-choose"
    assert talk.text.count("tekan") == 5  # four options and the way on
    assert "pju" not in talk.state.options[:4]
    talk.says("jalan rusak")
    assert talk.state.category == "jalan" and talk.state.category_by == "caller"


def test_the_next_four_choices(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati", "bukan")
    first = talk.text
    talk.says("lanjut")
    assert talk.step == "category-choose" and talk.text != first
    talk.presses("#")
    assert talk.state.page == 2


def test_a_place_that_nobody_knows_is_an_answer(talk: Talk) -> None:
    talk.says("lapor", "sampah menumpuk tidak diangkut", "ya")
    assert talk.step == "place"
    talk.says("tidak tahu")
    assert talk.step == "landmark" and "place-unknown" in talk.prompts_said
    talk.says("tidak ada", "ya")
    assert talk.opened[0].area is None


def test_the_kecamatan_says_which_kelurahan_is_meant(talk: Talk) -> None:
    talk.says("lapor", "sampah menumpuk tidak diangkut", "ya", "kelurahan jatiuwung kecamatan cibodas")
    assert talk.step == "place-confirm" and "Kelurahan Jatiuwung, Kecamatan Cibodas" in talk.text


def test_half_a_name_offers_all_that_it_may_be(talk: Talk) -> None:
    talk.says("lapor", "sampah menumpuk tidak diangkut", "ya", "poris")
    assert talk.step == "place-choose" and talk.text.count("Poris") == 4
    talk.says("poris plawad utara")
    assert talk.knows.area(talk.state.area).name == "Poris Plawad Utara"


def test_read_back_can_be_corrected(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "ya", "tidak ada", "tidak")
    assert talk.step == "correct"
    talk.says("tempatnya")
    assert talk.step == "place"
    talk.says("kelurahan neglasari")
    assert talk.step == "place-confirm"
    talk.says("ya", "dekat pasar", "ya")
    [case] = talk.opened
    assert talk.knows.area(str(case.area)).name == "Neglasari"


def test_two_reports_in_one_call_are_two_cases(talk: Talk) -> None:
    for _ in range(2):
        talk.says("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "ya", "tidak ada", "ya", "ya")
    assert [case.report for case in talk.opened] == [1, 2]
    assert talk.opened[1].description.count("lampu") == 1


def test_the_ticket_is_said_again(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "ya", "tidak ada", "ya")
    talk.says("ulangi")
    assert talk.prompts_said[0] == "ticket-again"
    talk.says("tidak ada lagi")
    assert talk.step == "ended" and talk.prompts_said == ["goodbye"]


def test_sound_without_a_known_word_is_asked_for_once_more_and_then_kept(talk: Talk) -> None:
    talk.says("lapor", "")
    assert talk.step == "report" and talk.wording == "helpful"
    talk.says("[unk] [unk]")
    assert talk.step == "category-choose" and talk.state.recorded
    talk.hangs_up()
    assert talk.opened[0].review == "telepon terputus"


# -- a report by keys alone


def test_a_report_by_keys_alone(talk: Talk) -> None:
    talk.presses("1", "1")
    assert talk.step == "category-choose"
    talk.presses("#", "2")
    assert talk.step == "place"
    talk.presses("1")
    assert talk.step == "kecamatan-choose"
    talk.presses("#", "1")
    assert talk.step == "place-choose"
    talk.presses("3")
    assert talk.step == "landmark"
    talk.presses("#", "1")
    [case] = talk.opened
    assert case.area and talk.knows.area(case.area).parent == talk.knows.city.kecamatan[4].code
    assert case.category_by == "caller"


def test_a_place_by_three_letters(talk: Talk) -> None:
    talk.says("lapor", "sampah menumpuk tidak diangkut", "ya")
    talk.presses("245")  # cik: Cikokol
    assert talk.step == "place-confirm" and "Cikokol" in talk.text
    talk.presses("2")
    talk.presses("767")  # por: the five Poris
    assert talk.step == "place-choose" and "Poris" in talk.text


def test_keys_of_a_menu_and_commands_where_digits_are_entered(talk: Talk) -> None:
    talk.presses("2")
    assert talk.step == "status"
    talk.presses("*9")
    assert talk.step == "menu"
    talk.presses("2", "*0")
    assert talk.handed_to == "operator"


# -- status


def test_status_by_spoken_number(talk: Talk) -> None:
    talk.cases = (FOUND,)
    talk.says("cek status")
    assert talk.step == "status" and talk.listen.kind == "digits"
    digits = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"]
    talk.says(" ".join(digits[int(d)] for d in valid_ticket()))
    assert talk.step == "after-status"
    assert "diproses Dinas Perhubungan" in talk.text and "Laporan Bapak Ibu" in talk.text
    talk.presses("*")
    assert "diproses" in talk.text


def test_status_of_somebody_else_says_nothing_personal(talk: Talk) -> None:
    talk.cases = (dataclasses.replace(FOUND, mine=False),)
    talk.presses("2", valid_ticket())
    assert "Laporan Bapak Ibu" not in talk.text and "lampu jalan" in talk.text


def test_a_number_with_a_wrong_check_digit_is_read_back(talk: Talk) -> None:
    wrong = next(t for n in range(10) if not valid(t := f"2345678{n}"))
    talk.presses("2", wrong)
    assert talk.step == "status" and talk.prompts_said[0] == "status-wrong-number"


def test_status_by_the_calling_number(talk: Talk) -> None:
    talk.cases = (FOUND, dataclasses.replace(FOUND, ticket="87654321", overdue=True))
    talk.says("cek status", "lupa")
    assert talk.prompts_said[:1] == ["status-several"] and "mohon maaf" in talk.text.lower()


def test_a_withheld_number_cannot_be_looked_up(talk_without_lines: Talk) -> None:
    talk_without_lines.says("cek status", "lupa")
    assert talk_without_lines.prompts_said[0] == "status-number-hidden" and talk_without_lines.step == "status"


def test_nothing_found_asks_again(talk: Talk) -> None:
    talk.presses("2", valid_ticket())
    assert talk.prompts_said[0] == "status-none" and talk.step == "status"


# -- emergencies


def test_an_emergency_is_handed_over_after_three_seconds(talk: Talk) -> None:
    talk.says("", free="tolong ada kebakaran rumah tetangga saya apinya besar")
    assert talk.step == "emergency" and talk.listen.wait_ms == 3000
    talk.is_silent()
    assert talk.handed_to == "emergency"
    assert [note.outcome for note in talk.notes] == ["announced", "dialled"]


@pytest.mark.parametrize("path", [(), ("lapor",), ("lapor", "lampu jalan mati"), ("cek status",)])
def test_an_emergency_is_heard_at_every_step(talk: Talk, path: tuple[str, ...]) -> None:
    talk.says(*path)
    talk.says("", free="tolong pak kebakaran rumah sedang terbakar sekarang")
    assert talk.step == "emergency"


def test_the_emergency_key_and_its_veto(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati").presses("8")
    assert talk.step == "emergency"
    talk.says("batal")
    assert talk.step == "category-confirm" and talk.notes[-1].outcome == "cancelled"


@pytest.mark.parametrize("text", ["dia kebakaran jenggot waktu ditegur", "ada ambulans parkir sembarangan di jalan"])
def test_figures_of_speech_are_no_emergency(talk: Talk, text: str) -> None:
    talk.says("lapor", text)
    assert not talk.step.startswith("emergency")


def test_an_emergency_without_a_number_says_the_way_to_112(talk_without_lines: Talk) -> None:
    talk = talk_without_lines.presses("8").is_silent()
    assert "satu satu dua" in talk.text and talk.notes[-1].outcome == "failed" and talk.step == "menu"


def test_nobody_takes_the_emergency(talk: Talk) -> None:
    talk.presses("8").is_silent().comes_back(answered=False)
    assert "satu satu dua" in talk.text and talk.state.hand_over == ""


def test_hanging_up_in_an_emergency_keeps_the_story(talk: Talk) -> None:
    talk.says("lapor", "tolong kebakaran rumah di kelurahan cikokol apinya besar").is_silent().hangs_up()
    [case] = talk.opened
    assert case.review == "darurat" and "kebakaran" in case.description


# -- a person


def test_petugas_at_any_step_and_back(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati", "petugas")
    assert talk.handed_to == "operator"
    talk.comes_back(answered=False)
    assert talk.step == "message"
    talk.says("tolong telepon saya kembali soal lampu")
    [case] = talk.opened
    assert case.review == "pesan untuk petugas" and "lampu jalan mati" in case.description


# -- help, pace, the way back, silence


def test_wordings_become_more_helpful_then_keys_then_a_message(talk: Talk) -> None:
    seen = [talk.wording]
    for _ in range(3):
        talk.says("[unk]")
        seen.append(talk.wording)
    assert seen == ["first", "helpful", "slow", "keys"]
    talk.says("[unk]")
    assert talk.step == "message"


def test_silence_and_no_match_are_told_apart(talk: Talk) -> None:
    assert talk.is_silent().prompts_said[0] == "not-heard"
    assert talk.says("[unk]").prompts_said[0] == "not-understood"
    assert talk.says("lapor", confidence=0.2).prompts_said[0] == "not-clear"


def test_long_silence_ends_only_after_notice(talk: Talk) -> None:
    for _ in range(7):
        talk.is_silent()
        assert talk.step != "ended"
    talk.is_silent()
    assert talk.prompts_said[0] == "still-here" and talk.step != "ended"
    talk.is_silent()
    assert talk.step == "ended"


def test_slower_and_faster(talk: Talk) -> None:
    talk.says("lebih pelan")
    assert talk.state.pace == PACES[0] and talk.step == "menu"
    talk.says("lebih pelan")
    assert talk.prompts_said[0] == "slowest"
    talk.says("lebih cepat", "lebih cepat")
    assert talk.state.pace == PACES[2]


def test_help_says_what_this_step_wants(talk: Talk) -> None:
    talk.says("cek status", "bantuan")
    assert talk.prompts_said[0] == "help-status" and talk.step == "status"


def test_back_undoes_a_step(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "ya")
    assert talk.step == "landmark"
    talk.says("kembali")
    assert talk.step == "place-confirm" and not talk.state.area_done
    talk.says("kembali")
    assert talk.step == "category-confirm"


def test_a_cancelled_report_becomes_no_case(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati", "batal lapor").hangs_up()
    assert talk.opened == []


def test_hanging_up_makes_a_case_of_what_was_said(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati di kelurahan cikokol").hangs_up()
    [case] = talk.opened
    assert case.review == "telepon terputus" and case.category == "pju" and case.area
    assert talk.step == "ended"


def test_hanging_up_after_nothing_makes_no_case(talk: Talk) -> None:
    assert talk.says("lapor").hangs_up().opened == []


def test_a_line_that_comes_back_asks_again_where_it_stood(talk: Talk) -> None:
    talk.says("lapor", "lampu jalan mati").happens(Resumed())
    assert talk.prompts_said == ["resumed", "category-confirm"]


def test_a_line_that_was_given_back_asks_without_excuse(talk: Talk) -> None:
    talk.says("petugas").comes_back(answered=True).happens(Resumed(broken=False))
    assert talk.prompts_said == ["menu"]


def test_a_message_that_never_comes_leads_back_to_the_menu(talk_without_lines: Talk) -> None:
    talk_without_lines.presses("0", "3", "3", "3", "3")
    assert talk_without_lines.step == "menu" and talk_without_lines.opened == []


def test_a_story_cut_by_a_broken_line_is_not_forgotten(talk: Talk) -> None:
    talk.says("lapor").happens(Resumed()).hangs_up()
    assert len(talk.opened) == 1  # its words may be in the recording alone


READ_BACK = ("lapor", "lampu jalan mati di kelurahan cikokol", "ya", "ya", "tidak ada")


def test_a_report_can_be_confidential_by_word_and_by_key(talk: Talk) -> None:
    talk.says(*READ_BACK, "tolong rahasiakan")
    assert talk.step == "read-back" and "dirahasiakan dari dinas" in talk.text
    talk.presses("3")
    assert "dirahasiakan" not in talk.text
    talk.presses("3")
    talk.presses("4")
    assert "penyandang disabilitas" in talk.text
    talk.says("ya")
    assert (talk.opened[0].disclosure, talk.opened[0].disabled) == ("confidential", True)


def test_wishes_within_the_story_are_read_back(talk: Talk) -> None:
    talk.says("lapor", "saya tunanetra trotoar di kelurahan cikokol rusak tanpa nama ya", "ya", "ya", "tidak ada")
    assert "Nomor Bapak Ibu tidak disimpan" in talk.text and "penyandang disabilitas" in talk.text
    talk.says("tidak rahasia", "ya")
    assert (talk.opened[0].disclosure, talk.opened[0].disabled) == ("open", True)


def test_a_secret_thing_makes_no_secret_report(talk: Talk) -> None:
    talk.says("lapor", "ada proyek rahasia di kelurahan cikokol jalannya rusak", "ya", "ya", "tidak ada", "ya")
    assert talk.opened[0].disclosure == "open"


def test_the_next_report_begins_without_wishes(talk: Talk) -> None:
    talk.says(*READ_BACK, "rahasia", "ya", "ya")
    talk.says(*READ_BACK[1:], "ya")
    assert [case.disclosure for case in talk.opened] == ["confidential", "open"]
