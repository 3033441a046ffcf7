"""The prompt file is fit to be spoken: complete, short, no option without its key, nothing read wrongly."""

from __future__ import annotations

import datetime as dt
import re
import string
from pathlib import Path

import pytest

import ivr.dialogue
import ivr.steps
from ivr.effects import Say
from ivr.prompts import BadPrompts, Prompts
from routing.life import STAGES
from speech.clips import sentences
from speech.spoken import spell_abbreviations

SOURCES = [Path(ivr.dialogue.__file__), *Path(ivr.steps.__file__).parent.glob("*.py")]
LONGEST_SENTENCE = 16  # words; what is heard once must be remembered
KEYS = "satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|nol|pagar|bintang"
OPTION = re.compile(rf"(?:Untuk|untuk|Kalau)[^.]*?tekan ({KEYS})")


def wordings(prompts: Prompts) -> list[tuple[str, str, str]]:
    return [(name, kind, text) for name in prompts.names() for kind, text in prompts.wordings(name).items()]


def test_every_prompt_that_the_dialogue_names_exists_and_every_prompt_is_used(prompts: Prompts) -> None:
    code = (
        "\n".join(path.read_text() for path in SOURCES)
        + Path("ivr/conversation.py").read_text()
        + Path("ivr/session.py").read_text()
    )
    channels = "\n".join(path.read_text() for path in Path("ivr/channels").glob("*.py"))
    named = set(re.findall(r'(?:Say|say|_chooser|_prompt)\(\s*(?:state, )?"([a-z0-9-]+)"', code))
    named |= {f"stage-{stage}" for stage in STAGES}
    missing = named - set(prompts.names())
    assert not missing
    unused = {name for name in prompts.names() if f'"{name}"' not in code + channels and not name.startswith("stage-")}
    assert not unused - {"after-ticket", "after-status", "after-information"}


def test_sentences_are_short(prompts: Prompts) -> None:
    long = [
        (name, sentence)
        for name, _, text in wordings(prompts)
        for sentence in sentences(text)
        if len(sentence.split()) > LONGEST_SENTENCE
    ]
    assert not long


def test_at_most_four_options_and_each_before_its_key(prompts: Prompts) -> None:
    for name, kind, text in wordings(prompts):
        keys = re.findall(r"tekan (satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|nol)", text)
        assert len(keys) <= 4, (name, kind)
        assert len(OPTION.findall(text)) == len(re.findall(r"\btekan (?!tombol)", text)), (name, kind, text)


def test_zero_is_for_a_person_only(prompts: Prompts) -> None:
    for name, _, text in wordings(prompts):
        for option in re.findall(r"([^.]*)tekan nol", text):
            assert "petugas" in option, name


def test_a_question_asks_one_thing(prompts: Prompts) -> None:
    for name, kind, text in wordings(prompts):
        assert text.count("?") <= 1 or name in ("menu", "message") or kind == "slow", (name, kind)


def test_no_abbreviation_is_read_wrongly(prompts: Prompts) -> None:
    for name, _, text in wordings(prompts):
        shouted = [word for word in re.findall(r"\b[A-Z]{2,}\b", spell_abbreviations(text)) if word not in ("KTP",)]
        assert not shouted, (name, shouted)


def test_only_known_slots_and_forms(prompts: Prompts) -> None:
    for name, kind, text in wordings(prompts):
        for _, slot, spec, _ in string.Formatter().parse(text):
            assert spec in (None, "", "digits", "date", "number", "options", "text"), (name, kind, slot)


def test_slots_are_spoken_as_words(prompts: Prompts) -> None:
    today = dt.date(2026, 11, 23)
    due = prompts.text(Say("ticket-due", {"due": "2026-11-27"}), today)
    assert "hari Jumat tanggal dua puluh tujuh November" in due and not re.search(r"\d", due)
    ticket = prompts.text(Say("ticket-again", {"ticket": "21426953"}), today)
    assert "dua satu empat. dua enam sembilan. lima tiga" in ticket
    options = prompts.text(Say("information", {"options": ["jam buang sampah", "KTP hilang"]}), today)
    assert "Untuk jam buang sampah, tekan satu. Untuk KTP hilang, tekan dua." in options


def test_a_city_overrides_a_sentence(prompts: Prompts, tmp_path: Path) -> None:
    own = tmp_path / "prompts.yaml"
    own.write_text('goodbye:\n  first: "Hatur nuhun."\n', encoding="utf-8")
    both = Prompts(Path("ivr/prompts/id.yaml"), own)
    assert both.text(Say("goodbye"), dt.date.today()) == "Hatur nuhun."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('menu:\n  second: "x"\n', "unknown wording"),
        ('menu:\n  first: ""\n', "none may be empty"),
        ('menu:\n  first: "a"\n  helpful: "b"\n', "needs all of"),
    ],
)
def test_a_faulty_prompt_file_is_refused_with_its_faults(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "prompts.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadPrompts, match=told):
        Prompts(file)
