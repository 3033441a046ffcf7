"""The commands that teach and measure a city's model, and that write tables, as people type them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import load_knowledge
from ivr.knowledge import Knowledge
from launch.exports import export_command
from launch.routing import evaluate_commands, routing_commands
from launch.tables import table_command
from models.db import connect
from models.migrations import upgrade
from routing.city import City
from routing.learnt import load
from settings import Settings
from speech.espeak import EspeakSynthesizer
from speech.vosk_recognizer import VoskRecognizer

REPORTS = """text,category,kelurahan,kecamatan,emergency,profile
lampu jalan mati di cikokol,pju,Cikokol,Tangerang,0,neutral
tolong ada kebakaran di pasar apinya besar,kebakaran,,,1,mother
"""


@pytest.fixture(scope="module")
def knows(city: City) -> Knowledge:
    return load_knowledge(Settings(), city)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    path = tmp_path / "reports.csv"
    path.write_text(REPORTS, encoding="utf-8")
    return path


def figures(output: str) -> dict[str, float]:
    found: dict[str, float] = json.loads(output.strip().splitlines()[-1])
    return found


def test_reports_are_measured_as_a_call_understands_them(knows: Knowledge, reports: Path) -> None:
    group = evaluate_commands(knows, lambda: None, EspeakSynthesizer)
    done = CliRunner().invoke(group, ["reports", str(reports)])
    assert done.exit_code == 0, done.output
    found = figures(done.output)
    assert (found["top1"], found["kelurahan_right"], found["kelurahan_invented"]) == (1.0, 1.0, 0)
    assert (found["emergencies_found"], found["false_alarms"]) == (1, 0)
    assert "by profile" in done.output


def test_reports_may_be_read_aloud_and_written_down_first(knows: Knowledge, reports: Path, prepared: Path) -> None:
    recognizer = VoskRecognizer(prepared / "speech" / "model")
    group = evaluate_commands(knows, lambda: recognizer, EspeakSynthesizer)
    done = CliRunner().invoke(group, ["reports", "--spoken", str(reports)])
    assert done.exit_code == 0, done.output
    assert figures(done.output)["top1"] == 1.0


def test_without_a_recogniser_nothing_is_read_aloud(knows: Knowledge, reports: Path) -> None:
    done = CliRunner().invoke(
        evaluate_commands(knows, lambda: None, EspeakSynthesizer), ["reports", "--spoken", str(reports)]
    )
    assert done.exit_code == 2 and "script/run --prepare" in done.output


def test_a_file_that_is_none_is_refused_in_a_line(knows: Knowledge, tmp_path: Path) -> None:
    group = evaluate_commands(knows, lambda: None, EspeakSynthesizer)
    done = CliRunner().invoke(group, ["reports", str(tmp_path / "missing.csv")])
    assert done.exit_code == 2 and "cannot be read" in done.output


def test_a_city_teaches_its_model_from_its_own_cases(city: City, tmp_path: Path) -> None:
    places = (
        "depan",
        "belakang",
        "gang",
        "jalan",
        "pos",
        "pasar",
        "kali",
        "sekolah",
        "masjid",
        "rumah",
        "kantor",
        "rel",
    )
    rows = [f"lampu {place} mati,pju" for place in places] + [f"sampah {place} menumpuk,sampah" for place in places]
    table, out = tmp_path / "cases.csv", tmp_path / "learnt.npz"
    table.write_text("\n".join(["text,category", *rows, "ada ufo,ufo"]), encoding="utf-8")
    done = CliRunner().invoke(routing_commands(city), ["train", "--no-corpus", "--out", str(out), str(table)])
    assert done.exit_code == 0, done.output
    assert "left out, category ufo is not the city's: 1" in done.output
    learnt = load(tmp_path)
    assert learnt is not None
    likely = learnt.log_probabilities("lampu di terminal mati")
    assert max(likely, key=lambda code: likely[code]) == "pju"


def test_the_table_shows_each_category_on_sentences_that_were_kept_apart(city: City, tmp_path: Path) -> None:
    kinds = {"pju": "lampu {} mati", "sampah": "sampah {} menumpuk"}
    said_where = "depan belakang gang pos pasar kali sekolah masjid rumah kantor rel lapangan taman halte jembatan"
    words = said_where.split()
    rows = [f"{said.format(word)},{code}" for code, said in kinds.items() for word in words]
    corpus = tmp_path / "part.csv"
    corpus.write_text("\n".join(["text,category", *rows]), encoding="utf-8")
    done = CliRunner().invoke(table_command(city, lambda: None, EspeakSynthesizer, [corpus]))
    assert done.exit_code == 0, done.output
    assert "calibration error" in done.output and "with slips of a recogniser" in done.output
    assert "said with" in done.output and "sampah" in done.output


def test_a_table_of_complaints_that_is_none_is_refused(city: City, tmp_path: Path) -> None:
    done = CliRunner().invoke(table_command(city, lambda: None, EspeakSynthesizer), [str(tmp_path)])
    assert done.exit_code == 2 and "cannot be read as the table of complaints" in done.output


def test_too_little_to_learn_from_is_said_and_nothing_is_written(city: City, tmp_path: Path) -> None:
    table, out = tmp_path / "cases.csv", tmp_path / "learnt.npz"
    table.write_text("text,category\nlampu mati,pju\n", encoding="utf-8")
    done = CliRunner().invoke(routing_commands(city), ["train", "--no-corpus", "--out", str(out), str(table)])
    assert done.exit_code == 2 and "two categories" in done.output
    assert not out.exists()


def test_tables_are_written_from_the_store(city: City, tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'store.db'}")
    upgrade(engine)
    command = export_command(engine, city)
    done = CliRunner().invoke(
        command, ["cases", str(tmp_path / "t.xlsx"), "--from", "2026-11-01", "--to", "2026-11-30"]
    )
    assert done.exit_code == 0 and "0 rows in" in done.output
    refused = CliRunner().invoke(command, ["work", str(tmp_path / "t.pdf")])
    assert refused.exit_code == 2 and ".csv or .xlsx" in refused.output
