"""Every act in every stage: what is allowed, what follows, what the citizen is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from models.cases import Case, Follower
from routing.city import City
from routing.life import OPEN_STAGES, STAGES, VERBS, Act, NotAllowed, allowed, decide

MONDAY = dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC)  # ten in the morning, Western Indonesian time
FRIDAY = MONDAY + dt.timedelta(days=4)
FILLED = {
    "text": "Lampunya sudah diganti",
    "agency": "dlh",
    "category": "sampah",
    "severity": "berat",
    "other": "another",
    "due": dt.date(2026, 12, 31),
}


def a_case(stage: str = "proses", **values: Any) -> Case:
    given: dict[str, Any] = {
        "id": "one",
        "ticket": "12345674",
        "stage": stage,
        "stage_since": MONDAY,
        "category_code": "pju",
        "severity": "sedang",
        "agency_code": "dishub",
        "area_code": "36.71.01.1001",
        "opened_at": MONDAY,
        "due_on": dt.date(2026, 12, 2),
        "answer_due_on": dt.date(2026, 11, 26),
        "disclosure": "open",
        "notify": "sms",
        "reporter_sealed": "sealed",
    }
    return Case(**(given | values))


def act(verb: str, **fields: Any) -> Act:
    wanted: dict[str, Any] = {name: FILLED[name] for name in VERBS[verb].needs} if verb in VERBS else {}
    return Act(verb, "account", "console", key="1", **(wanted | fields))


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("verb", VERBS)
def test_an_act_is_taken_in_its_stages_and_refused_in_all_others(city: City, verb: str, stage: str) -> None:
    case = a_case(stage)
    if allowed(case, verb):
        change = decide(case, act(verb), city, MONDAY)
        assert change.values.get("stage", stage) == (VERBS[verb].target or stage)
    else:
        with pytest.raises(NotAllowed, match=r"Laporan yang .* tidak dapat"):
            decide(case, act(verb), city, MONDAY)


def test_a_closed_case_is_changed_by_nothing_but_reopening_unmerging_notes_reviews_and_its_reporters_word() -> None:
    closed = [verb for verb in VERBS for stage in STAGES if stage not in OPEN_STAGES and allowed(a_case(stage), verb)]
    assert set(closed) == {"reopen", "unmerge", "note", "reviewed", "confirm"}


@pytest.mark.parametrize("verb", [verb for verb, rule in VERBS.items() if rule.needs])
def test_an_act_that_lacks_something_says_what(city: City, verb: str) -> None:
    case = a_case(VERBS[verb].sources[0])
    with pytest.raises(NotAllowed, match="perlu diisi"):
        decide(case, Act(verb, "account", "console"), city, MONDAY)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"verb": "erase"}, "tidak dikenal"),
        ({"verb": "hand", "agency": "nasa"}, "tidak ada di data kota"),
        ({"verb": "hand", "agency": "dlh", "unit": "pupr-jalan"}, "bukan milik"),
        ({"verb": "sort", "category": "ufo"}, "Kategori itu tidak ada"),
        ({"verb": "grade", "severity": "gawat"}, "Tingkat masalah itu tidak dikenal"),
        ({"verb": "merge", "other": "one"}, "dengan dirinya sendiri"),
        ({"verb": "move", "due": dt.date(2026, 11, 22)}, "hari ini atau sesudahnya"),
        ({"verb": "answer", "text": "a" * 2001}, "paling panjang"),
    ],
)
def test_a_wrong_act_is_refused_with_a_reason(city: City, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(NotAllowed, match=message):
        decide(a_case(), act(**fields), city, MONDAY)


def test_the_clocks_stand_while_the_citizen_is_asked(city: City) -> None:
    case = a_case()
    asked = decide(case, act("ask"), city, MONDAY)
    assert (asked.values["paused_on"], asked.values["answered_at"]) == (dt.date(2026, 11, 23), MONDAY)
    for name, value in asked.values.items():
        setattr(case, name, value)
    replied = decide(case, act("reply"), city, FRIDAY)
    assert replied.values["due_on"] == dt.date(2026, 12, 8)  # four working days later
    assert replied.values["paused_on"] is None
    assert "answer_due_on" not in replied.values  # a question is an answer: that clock has stopped


def test_a_clock_that_was_put_back_takes_no_day_away(city: City) -> None:
    case = a_case("menunggu", paused_on=dt.date(2026, 11, 23))
    replied = decide(case, act("reply"), city, MONDAY - dt.timedelta(days=400))
    assert replied.values["due_on"] == case.due_on


def test_the_first_answer_counts_once(city: City) -> None:
    assert decide(a_case(), act("answer"), city, FRIDAY).values == {"answered_at": FRIDAY}
    assert decide(a_case(answered_at=MONDAY), act("answer"), city, FRIDAY).values == {}
    assert "answered_at" not in decide(a_case(), act("note"), city, FRIDAY).values


def test_belum_starts_both_clocks_anew(city: City) -> None:
    case = a_case("selesai", answered_at=MONDAY)
    values = decide(case, act("reopen", by_citizen=True), city, FRIDAY).values
    assert values["stage"] == "proses"
    assert (values["answered_at"], values["due_on"]) == (None, dt.date(2026, 12, 8))
    assert values["answer_due_on"] == dt.date(2026, 12, 2)


def test_another_category_brings_its_agency_unit_and_clock(city: City) -> None:
    values = decide(a_case(), act("sort", category="sampah"), city, FRIDAY).values
    assert (values["agency_code"], values["unit_code"]) == ("dlh", "dlh-timur")
    assert (values["severity"], values["due_on"]) == ("sedang", dt.date(2026, 11, 30))


def test_a_heavier_case_gets_its_later_day_and_the_citizen_the_reason(city: City) -> None:
    change = decide(a_case(), act("grade", text="Tiangnya harus diganti"), city, FRIDAY)
    assert change.values["due_on"] == dt.date(2026, 12, 11)
    assert "11 Desember 2026. Tiangnya harus diganti." in change.notices[0].text
    lighter = decide(a_case(), act("grade", severity="ringan"), city, MONDAY)
    assert lighter.notices == ()


def test_what_the_citizen_hears_and_when(city: City) -> None:
    night = dt.datetime(2026, 11, 23, 15, 30, tzinfo=dt.UTC)  # half past ten in the evening
    notice = decide(a_case(), act("solve"), city, night).notices[0]
    assert (notice.way, notice.to_sealed, notice.kind) == ("sms", "sealed", "solve")
    assert "nomor 12345674" in notice.text
    assert "Lampunya sudah diganti." in notice.text
    assert notice.not_before == dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("values", [{"notify": "none"}, {"reporter_sealed": None}])
def test_who_wants_no_call_gets_none(city: City, values: dict[str, Any]) -> None:
    assert decide(a_case(**values), act("solve"), city, MONDAY).notices == ()


def test_what_the_citizen_did_is_not_told_to_them(city: City) -> None:
    case = a_case("selesai")
    assert decide(case, act("reopen", by_citizen=True), city, MONDAY).notices == ()


def test_followers_hear_the_end_and_not_the_questions(city: City) -> None:
    case = a_case()
    case.followers = [Follower(id="f1", origin="call:1", notify="call", follower_sealed="neighbour")]
    told = {notice.to_sealed: notice for notice in decide(case, act("solve"), city, MONDAY).notices}
    assert set(told) == {"sealed", "neighbour"}
    assert told["neighbour"].way == "call"
    assert [n.to_sealed for n in decide(case, act("ask"), city, MONDAY).notices] == ["sealed"]


def test_what_is_not_ours_is_forwarded_with_words(city: City) -> None:
    change = decide(a_case(), act("forward", agency="pln"), city, MONDAY)
    assert (change.values["stage"], change.values["agency_code"]) == ("diteruskan", "pln")
    assert "kami teruskan ke P L N, nomor satu dua tiga" in change.notices[0].text
