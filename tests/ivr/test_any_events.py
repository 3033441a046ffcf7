"""Any events in any order: the dialogue always has a way out, and loses nothing that was said."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ivr import dialogue, understand
from ivr.effects import HandOver, HangUp, Listen, OpenCase
from ivr.events import Announced, CaseFound, Event, HandOverEnded, Heard, HungUp, Keyed, Resumed, Silence
from ivr.knowledge import Knowledge
from ivr.prompts import Prompts
from ivr.steps import STEPS
from routing.city import City
from tests.ivr.talk import TICKET, Talk

STORIES = (
    "lampu jalan mati di kelurahan cikokol sudah seminggu",
    "sampah menumpuk di depan pasar lama",
    "banjir di jatiuwung tidak surut",
    "jalan berlubang di pinang",
    "tolong dirahasiakan ada pungutan di kelurahan",
    "rumah tetangga kebakaran apinya besar",
    "bapak saya pingsan sepertinya",
    "[unk] [unk]",
    "halo",
)
WORDS = (*understand.all_phrases(), *understand.wish_phrases(), *understand.correction_phrases(), *STORIES)
HEARD = st.builds(
    Heard,
    st.sampled_from((*WORDS, "satu", "dua", "pertama", "cikokol", "sukasari", "kecamatan pinang", "dua tiga empat")),
    st.sampled_from((1.0, 1.0, 0.1)),
    free=st.sampled_from(("", *STORIES)),
)
KEYS = st.builds(Keyed, st.sampled_from((*"0123456789*#", "*0", "*9", "23456780", "245", "99")))
OTHERS = st.sampled_from((Silence(), Silence(), Resumed(), HandOverEnded(False), HandOverEnded(True)))
EVENTS = st.lists(st.one_of(HEARD, HEARD, KEYS, OTHERS), max_size=25)
MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
LAST = (Listen, HangUp, HandOver)


def begun(knows: Knowledge, prompts: Prompts, city: City) -> Talk:
    """A call about whose number and place there is something to tell."""
    areas = [area.code for area in city.kelurahan[:2]]
    news = tuple(Announced(f"a{n}", "Air mati.", "pju", code, "2026-11-23", 18, n) for n, code in enumerate(areas))
    talk = Talk(knows, prompts, home=areas[0], announced=news)
    talk.cases = (CaseFound(TICKET, "proses", "2026-11-20", "2026-11-30", "lampu jalan", "Dishub", mine=True),)
    return talk


def run(talk: Talk, events: list[Event]) -> Talk:
    """Carry them out as a channel would: what is said while nothing was asked is not heard by anybody."""
    for event in events:
        if talk.step == "ended":
            break
        if isinstance(event, HandOverEnded) != bool(talk.handed_to):
            continue
        talk.happens(event)
        assert isinstance(talk.effects[-1], LAST), talk.effects
    return talk


@given(events=EVENTS)
@MANY
def test_every_turn_ends_with_a_question_or_an_end(
    knows: Knowledge, prompts: Prompts, city: City, events: list[Event]
) -> None:
    talk = run(begun(knows, prompts, city), events)
    assert len(talk.state.trail) <= 12


@given(events=EVENTS)
@MANY
def test_who_says_nothing_more_is_never_kept_and_loses_nothing(
    knows: Knowledge, prompts: Prompts, city: City, events: list[Event]
) -> None:
    talk = run(begun(knows, prompts, city), events)
    for _ in range(2 * dialogue.QUIET_LIMIT + 2):
        if talk.step == "ended":
            break
        talk.happens(HandOverEnded(False) if talk.handed_to else Silence())
    assert talk.step == "ended"
    assert not talk.state.unfinished or talk.state.report in {case.report for case in talk.opened}


@given(events=EVENTS)
@MANY
def test_whoever_hangs_up_has_reported_what_was_said(
    knows: Knowledge, prompts: Prompts, city: City, events: list[Event]
) -> None:
    talk = run(begun(knows, prompts, city), events)
    unfinished = talk.state.unfinished and talk.step != "ended"
    before = len(talk.opened)
    talk.happens(HungUp())
    assert talk.step == "ended"
    assert len(talk.opened) - before == unfinished
    assert all(isinstance(effect, OpenCase | HangUp) for effect in talk.effects)


@given(events=EVENTS, nonsense=st.sampled_from((Heard("[unk] [unk]"), Heard("ya", 0.0))))
@MANY
def test_nobody_who_is_not_understood_hears_the_same_question_again(
    knows: Knowledge, prompts: Prompts, city: City, events: list[Event], nonsense: Event
) -> None:
    """Each time another wording, the last one for keys alone; then another way."""
    talk = run(begun(knows, prompts, city), events)
    asked: list[tuple[str, str]] = []
    for _ in range(12):
        if talk.step == "ended" or talk.handed_to:
            break
        asked.append((talk.step, talk.wording))
        talk.happens(nonsense)
    assert all(one != other for one, other in pairwise(asked)), asked


@given(events=EVENTS)
@MANY
def test_a_person_help_and_the_way_back_are_a_key_away(
    knows: Knowledge, prompts: Prompts, city: City, events: list[Event]
) -> None:
    talk = run(begun(knows, prompts, city), events)
    if talk.step == "ended" or talk.handed_to:
        return
    star = "*" if STEPS[talk.step].digits else ""
    stood, question, state = talk.step, dialogue.expects(talk.state, knows), talk.state
    if stood != "emergency":
        talk.happens(Keyed(f"{star}*" if star else "*"))
        assert (talk.step, talk.listen) == (stood, question)  # asked again
        talk.state = state
        talk.says("bantuan")
        assert (talk.step == stood and STEPS[stood].help in talk.prompts_said) or STEPS[stood].story
    talk.state = state
    talk.happens(Keyed(f"{star}0"))
    assert talk.handed_to


def test_every_question_tells_its_keys(knows: Knowledge, prompts: Prompts) -> None:
    for name in STEPS:
        if name in prompts.names() and len(prompts.wordings(name)) > 1:
            assert "tekan" in prompts.wordings(name)["keys"] or "ketik" in prompts.wordings(name)["keys"].lower(), name
