"""The prompt file is fit to be spoken: complete, short, no option without its key, nothing read wrongly."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

import ivr.dialogue
import ivr.steps
from ivr.effects import Say
from ivr.prompts import BadPrompts, Prompts
from ivr.prompts.lint import faults
from launch.prompts import prompts_commands
from routing.life import STAGES

SOURCES = [Path(ivr.dialogue.__file__), *Path(ivr.steps.__file__).parent.glob("*.py")]


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


def test_the_prompts_are_fit_to_be_heard(prompts: Prompts) -> None:
    assert list(faults(prompts)) == []


WELL = {"first": "Mau lapor? Untuk ya, katakan ya, atau tekan satu.", "helpful": "Katakan ya.", "slow": "Ya?"}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, ""),
        ({"slow": " ".join(["kata"] * 17) + "."}, "17 words in one sentence"),
        ({"slow": "Tekan satu untuk lapor."}, ""),
        ({"slow": "Silakan tekan satu untuk lapor."}, "a key without its option"),
        ({"slow": "Untuk satu, tekan satu. " * 5}, "5 options, 4 at most"),
        ({"helpful": "Untuk lapor, tekan nol."}, "0 is for a person only"),
        ({"helpful": "Mau lapor? Mau tanya?"}, "more than one question"),
        ({"slow": "Hubungi DINSOS."}, "DINSOS is read wrongly"),
        ({"slow": "Input nomor."}, "input is jargon"),
        ({"slow": "Nomornya {ticket:roman}."}, "{ticket:roman} is none of"),
        ({"keys": "Silakan."}, "its keys are not told"),
        ({"first": "Untuk ya, tekan satu.", "helpful": "Ya?"}, "every key needs a word"),
    ],
)
def test_what_is_not_fit_is_told(changes: dict[str, str], told: str, tmp_path: Path) -> None:
    file = tmp_path / "prompts.yaml"
    file.write_text(yaml.safe_dump({"ask": {**WELL, "keys": "Untuk ya, tekan satu.", **changes}}), encoding="utf-8")
    found = list(faults(Prompts(file)))
    assert told in " ".join(found) if told else found == []


def test_the_command_tells_faults_and_fails_with_them(tmp_path: Path) -> None:
    own = tmp_path / "prompts.yaml"
    lint = prompts_commands(Path("ivr/prompts/id.yaml"), own)
    assert CliRunner().invoke(lint, ["lint"]).exit_code == 0
    own.write_text('goodbye:\n  first: "Tekan nol. Silakan tekan nol."\n', encoding="utf-8")
    told = CliRunner().invoke(lint, ["lint"])
    assert told.exit_code == 1 and "goodbye, first: 0 is for a person only" in told.output
    assert "no such file" in CliRunner().invoke(lint, ["lint", str(tmp_path / "none.yaml")]).output


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
