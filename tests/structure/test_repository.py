"""What must hold for every file, so that nobody has to remember it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.services.line import ROOT

TRACKED = subprocess.run(["git", "ls-files", "-s", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
FILES = {row.split("\t", 1)[1]: row[:6] for row in TRACKED.split("\0") if row}  # name -> mode
SOURCES = [name for name in FILES if name.endswith(".py") and (ROOT / name).is_file()]
PIN = re.compile(r"^[A-Za-z0-9._\-\[\]]+==[0-9][\w.]*(; python_version [^#]+)?\s+#\s\S.*$")
SECRETS = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a Twilio account": re.compile(r"\bAC(?!0{32})(?!(?P<c>[0-9a-f])(?P=c){31})[0-9a-f]{32}\b"),
    "a Fernet key": re.compile(r"(?<![\w\-])[\w\-]{43}=(?![\w=])"),
}


def test_packages_import_only_what_they_may() -> None:
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SOURCES)
def test_files_are_short_enough_to_be_read_in_one_go(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) < 400


@pytest.mark.parametrize("name", sorted(n for n in FILES if n.startswith("script/") or n == ".ci/run"))
def test_verbs_can_be_executed(name: str) -> None:
    assert FILES[name] == "100755"
    assert (ROOT / name).read_text().startswith("#!/usr/bin/env ")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_package_is_pinned_and_says_why_it_is_there(name: str) -> None:
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith(("#", "-r "))]
    assert lines
    assert [line for line in lines if not PIN.match(line)] == []


def test_no_secret_is_tracked() -> None:
    assert [name for name in FILES if name.startswith("var/") or name.endswith((".env", "first-login.txt"))] == []
    found = []
    for name in FILES:
        if not (ROOT / name).is_file() or name.endswith((".mdl", ".png", ".wav")):
            continue
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {what}" for what, pattern in SECRETS.items() if pattern.search(text)]
    assert found == []


def test_no_test_is_switched_off() -> None:
    off = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)\b|unittest\.mock|\bmonkeypatch\.setattr\b")
    tests = [name for name in SOURCES if name.startswith("tests/") and not name.startswith("tests/structure/")]
    assert [name for name in tests if off.search((ROOT / name).read_text(encoding="utf-8"))] == []
