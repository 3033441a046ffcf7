"""script/call as a person starts it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from settings import ROOT
from speech.audio import duration_ms, read_wav
from tests.ivr.channels.served import ACCOUNT, TOKEN, Served


def call(folder: Path, url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it from another folder, as anybody may."""
    own = {"VAR_DIR": str(folder / "var"), "PUBLIC_URL": url, "TWILIO_AUTH_TOKEN": TOKEN, "TWILIO_ACCOUNT_SID": ACCOUNT}
    command = [str(ROOT / "script" / "call"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **own}, cwd=folder, timeout=60, check=False
    )


def test_both_sides_are_printed_and_what_was_heard_is_written(served: Served, tmp_path: Path) -> None:
    done = call(tmp_path, served.url, "--keys", "1", "--limit", "6", "--out", "heard.wav")
    assert done.returncode == 0, done.stderr
    head, *lines = [line for line in done.stdout.splitlines() if line]
    assert served.url in head and lines[0].split() == ["Sistem", "Warga"]
    assert "(welcome)" in lines[2] and lines[2].strip().startswith("0:0")
    assert "(menutup telepon)" in done.stdout
    assert 4000 < duration_ms(read_wav(tmp_path / "heard.wav")) < 8000


def test_a_line_that_does_not_run_is_one_sentence(tmp_path: Path) -> None:
    done = call(tmp_path, "http://127.0.0.1:9")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "Cannot call. nothing answers at http://127.0.0.1:9; start the line with script/run\n"


def test_a_wrong_token_is_told_apart_from_a_line_that_does_not_run(served: Served, tmp_path: Path) -> None:
    done = call(tmp_path, served.url.replace("127.0.0.1", "localhost"))
    assert done.returncode == 2 and "refuses the signature" in done.stderr


@pytest.mark.parametrize("wrong", [["--keys", "12a"], ["--wav", "nowhere.wav"], ["--status", "abc"], ["--pace", "x"]])
def test_wrong_arguments_are_refused_before_anything_is_dialled(tmp_path: Path, wrong: list[str]) -> None:
    done = call(tmp_path, "http://127.0.0.1:9", *wrong)
    assert done.returncode == 2 and wrong[0] in done.stderr
