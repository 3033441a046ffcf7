"""Nothing personal reaches a log line, whoever writes it; measurements are not for everybody."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import create_engine, text

from observability import ANSWER_SECONDS, HANDLER, HIDDEN, configure_logging, hide_digits, metrics_blueprint

NUMBER = "+6281234567890"


@pytest.fixture
def lines() -> Iterator[Any]:
    """Call it for the JSON log lines that were written since."""
    written = io.StringIO()
    root = logging.getLogger()
    configure_logging("INFO", console=False)
    (ours,) = (handler for handler in root.handlers if handler.name == HANDLER)
    assert isinstance(ours, logging.StreamHandler)
    ours.setStream(written)
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.removeHandler(ours)
    root.setLevel(logging.WARNING)
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("dari +6281234567890 masuk", f"dari {HIDDEN} masuk"),
        ("0812-3456-7890", HIDDEN),
        ("0812 3456 7890.", f"{HIDDEN}."),
        ("From=%2B6281234567890&x=1", f"From=%2B{HIDDEN}&x=1"),
        ("NIK 3671011234567890", f"NIK {HIDDEN}"),
        ("port 8000, 20 calls, 123456 bytes", "port 8000, 20 calls, 123456 bytes"),
        ("at 2025-11-23 21:44 and 2025-11-23T21:44:10", "at 2025-11-23 21:44 and 2025-11-23T21:44:10"),
        ("call 12345678901234567890abcdefabcdef ended", "call 12345678901234567890abcdefabcdef ended"),
        ("CA12345678901234567890abcdefabcdef", "CA12345678901234567890abcdefabcdef"),
    ],
)
def test_runs_of_digits_are_hidden_but_dates_and_identifiers_stay(raw: str, shown: str) -> None:
    assert hide_digits(raw) == shown


def test_marked_fields_are_hidden_whole_also_inside_other_fields(lines: Any) -> None:
    structlog.get_logger("ours").info(
        "turn",
        caller=NUMBER,
        text="lampu mati",
        Keys="12",
        nested={"landmark": "depan masjid", "step": "place"},
        call="a" * 32,
    )
    (line,) = lines()
    assert line["caller"] == line["text"] == line["Keys"] == line["nested"]["landmark"] == HIDDEN
    assert line["nested"]["step"] == "place"
    assert line["call"] == "a" * 32
    assert line["event"] == "turn"
    assert line["logger"] == "ours"


def test_other_fields_lists_and_objects_lose_their_digits(lines: Any) -> None:
    structlog.get_logger().warning(
        "odd %s", NUMBER, url=f"/x?From={NUMBER}", many=[NUMBER, 3], thing=ValueError(NUMBER)
    )
    (line,) = lines()
    assert "81234" not in json.dumps(line)
    assert line["many"] == [HIDDEN, 3]


@pytest.mark.parametrize(
    "name", ["gunicorn.error", "gunicorn.access", "rq.worker", "werkzeug", "flask.app", "anything"]
)
def test_lines_of_libraries_pass_the_same_guard(lines: Any, name: str) -> None:
    logging.getLogger(name).error("GET /x?From=%s", NUMBER, extra={"caller": NUMBER})
    (line,) = lines()
    assert "81234" not in json.dumps(line)
    assert line["logger"] == name
    assert line["level"] == "error"


@pytest.mark.parametrize("ours", [True, False])
def test_the_text_of_exceptions_and_of_their_causes_is_hidden(lines: Any, ours: bool) -> None:
    try:
        try:
            raise ValueError(f"cannot dial {NUMBER}")
        except ValueError as error:
            raise RuntimeError("hand-over of 0812 3456 7890 failed") from error
    except RuntimeError:
        (structlog.get_logger() if ours else logging.getLogger("library")).exception("failed")
    (line,) = lines()
    assert "cannot dial" in line["exception"], "the traceback must stay useful"
    assert "81234" not in json.dumps(line)
    assert "0812" not in json.dumps(line)


def test_values_of_a_failed_statement_are_hidden(lines: Any) -> None:
    spoken = {"x": "depan masjid [lama]"}
    with create_engine("sqlite://").connect() as connection:
        try:
            connection.execute(text("select * from nowhere where landmark = :x"), spoken)
        except Exception:
            logging.getLogger("store").exception("statement failed")
    (line,) = lines()
    assert "nowhere" in line["exception"]
    assert "masjid" not in line["exception"]


def test_each_process_can_write_lines_for_people() -> None:
    code = (
        "import structlog, observability; observability.configure_logging('INFO', console=True);"
        "structlog.get_logger().info('start', number='0812')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "start" in done.stderr
    assert "0812" not in done.stderr
    assert done.stdout == ""


def test_a_wrong_level_says_which_are_right() -> None:
    with pytest.raises(ValueError, match="LOG_LEVEL must be DEBUG"):
        configure_logging("LOUD")


def _metrics(token: str = "", **request: Any) -> tuple[int, str]:
    app = Flask(__name__)
    app.register_blueprint(metrics_blueprint(token))
    answer = app.test_client().get("/metrics", **request)
    return answer.status_code, answer.text


def test_metrics_are_open_to_this_machine_only() -> None:
    ANSWER_SECONDS.observe(0.3)
    status, body = _metrics()
    assert status == 200
    assert "suara_warga_answer_seconds_bucket" in body
    assert _metrics(environ_base={"REMOTE_ADDR": "::1"})[0] == 200
    assert _metrics(environ_base={"REMOTE_ADDR": "203.0.113.9"})[0] == 404
    assert _metrics(headers={"X-Forwarded-For": "203.0.113.9"})[0] == 404


def test_metrics_open_with_the_token() -> None:
    outside: dict[str, Any] = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    assert _metrics("s3cret", headers={"Authorization": "Bearer s3cret"}, **outside)[0] == 200
    assert _metrics("s3cret", headers={"Authorization": "Bearer wrong"}, **outside)[0] == 404
    assert _metrics("", headers={"Authorization": "Bearer "}, **outside)[0] == 404
