"""What callers ask of the line, in our own sentences; figures are in docs/routing-results.md."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from ivr.commands import BadCommands, Command, Request, read_commands, request, share_right
from ivr.knowledge import Knowledge
from launch.commands import commands_command
from speech.espeak import EspeakSynthesizer

OWN = Path(__file__).with_name("commands.csv")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("sambungkan petugas", Request("operator")),
        ("cek laporan enam sembilan satu dua", Request("status", "6912")),
        ("nomor laporan saya dua tiga satu", Request("digits", "231")),
        ("iya betul", Request("yes")),
        ("mau tanya", Request("info")),
        ("[unk]", Request("")),
    ],
)
def test_a_sentence_and_what_it_asks_for(knows: Knowledge, said: str, wanted: Request) -> None:
    assert request(said, knows.digits) == wanted


def test_the_share_of_our_own_sentences(knows: Knowledge) -> None:
    known = read_commands(OWN)
    assert len(known) >= 300
    share = share_right((one, request(one.text, knows.digits)) for one in known)
    print(f"{share:.1%} of {len(known)}")
    assert share >= 0.65  # of everyday wordings that no list was made from


def test_intent_and_value_have_to_be_right() -> None:
    one = Command("x", Request("status", "12"))
    assert share_right([(one, Request("status", "12")), (one, Request("status", "21"))]) == 0.5
    assert share_right([]) == 0.0


def test_the_command_prints_a_table_and_last_a_line_for_programs(knows: Knowledge, tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("text,intent,value\nulangi,repeat,\nsipirili,yes,\n", encoding="utf-8")
    told = CliRunner().invoke(commands_command(knows, lambda: None, EspeakSynthesizer), [str(file), "--show"])
    assert told.exit_code == 0
    assert told.output.splitlines()[-2:] == ["sipirili | yes  |  ", '{"commands": 2, "right": 0.5}']


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot be read"),
        ("text,intent\nulangi,repeat\n", "needs the columns"),
        ("text,intent,value\nulangi,dance,\n", "line 2: intent 'dance' is none of"),
    ],
)
def test_a_file_that_is_none_is_told(knows: Knowledge, tmp_path: Path, content: str | None, told: str) -> None:
    file = tmp_path / "own.csv"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(BadCommands, match=told):
        read_commands(file)
    assert CliRunner().invoke(commands_command(knows, lambda: None, EspeakSynthesizer), [str(file)]).exit_code != 0
