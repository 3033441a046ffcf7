"""How long callers wait: from the end of their speech to the first sound of the answer, with many calls at once.

Starts a line of its own in an empty folder, lets spoken calls in real time go through it side by side,
and prints medians and 95th percentiles. The test telephones run in this process, on the same machine, and
take their share of its cores: the figures are on the safe side.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from ivr.channels.telephone import Telephone
from ivr.channels.telephone_caller import ScriptedCaller
from ivr.channels.telephone_record import CallRecord
from ivr.channels.telephone_voice import Voice
from ivr.turns import END_SILENCE_MS
from launch.call import BESIDES
from routing.city import load_city
from settings import ROOT, Settings, load_settings

READY_WITHIN_S = 180
STAGGER_S = 0.7  # between two calls' beginnings; together they would all be greeted and answer as one
TICKS = os.sysconf("SC_CLK_TCK")

# What is said at each step, and the kind of question that it is (see ivr.turns: the silence that ends an answer).
KINDS = {
    "menu": "menu",
    "report": "message",
    "category-confirm": "yes-no",
    "place": "menu",
    "place-confirm": "yes-no",
    "landmark": "sentence",
    "read-back": "yes-no",
    "after-ticket": "yes-no",
}
STORIES = (
    "lampu jalan mati sudah seminggu",
    "sampah menumpuk tidak diangkut",
    "jalan berlubang besar sekali",
    "got mampet air menggenang",
    "pohon tumbang menutup jalan",
)


@cache
def _places() -> list[str]:
    """Some kelurahan of the city."""
    return [area.name.lower() for area in load_city(Settings().city_dir).kelurahan[::20]]


def caller(number: int) -> ScriptedCaller:
    """A caller who reports something and puts down; voices, problems and places differ."""
    answers = {
        "menu": "lapor",
        "report": STORIES[number % len(STORIES)],
        "category-confirm": "ya",
        "place": _places()[number % len(_places())],
        "place-confirm": "ya",
        "landmark": "dekat masjid",
        "read-back": "ya",
        "after-ticket": "tidak",
    }
    otherwise = {**answers, **BESIDES, "category-choose": "keys:1", "place-choose": "keys:1", "message": "hang-up"}
    return ScriptedCaller(answers, voice=Voice(f"m{number % 4 + 1}"), otherwise=otherwise)


@contextmanager
def own_line() -> Iterator[tuple[str, int]]:
    """A line in an empty folder on a free port; gives its address and the process that leads it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="sw-bench-") as folder:
        os.environ.update(VAR_DIR=folder, PORT=str(port), MAX_CALLS="100", LOG_LEVEL="WARNING")
        with (Path(folder) / "bench.log").open("w") as log:
            line = subprocess.Popen([sys.executable, "supervise.py"], cwd=ROOT, stdout=log, stderr=log)
            try:
                _wait_for(f"http://127.0.0.1:{port}/health", line)
                yield f"http://127.0.0.1:{port}", line.pid
            finally:
                line.send_signal(signal.SIGTERM)
                line.wait(30)


def _wait_for(url: str, line: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < until:
        if line.poll() is not None:
            raise SystemExit("The line did not start; try script/run to see why.")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own loopback address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"The line was not ready within {READY_WITHIN_S} s.")


def cpu_seconds(leader: int) -> float:
    """CPU time so far of a process and all that descend from it."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue  # ended meanwhile
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = sum(map(int, fields[11:15])) / TICKS
    family = {leader}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(used.get(pid, 0.0) for pid in family)


def place_calls(base_url: str, calls: int, rounds: int) -> list[CallRecord]:
    """All calls, `calls` of them side by side, each of them `rounds` times."""
    settings = load_settings()

    def one(number: int) -> list[CallRecord]:
        time.sleep(number * STAGGER_S)
        telephone = Telephone(
            base_url,
            settings.twilio_auth_token,
            settings.twilio_account_sid,
            number=f"+62812000000{number:02d}",
            limit_s=240,
        )
        return [telephone.call(caller(number + turn)) for turn in range(rounds)]

    with ThreadPoolExecutor(calls) as pool:
        return [record for records in pool.map(one, range(calls)) for record in records]


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def table(records: list[CallRecord]) -> str:
    """Waiting beyond the silence that ends an answer, by step, in ms."""
    times = (time_ for record in records for time_ in record.answer_times)
    return waits_table(
        [(t.step, t.ms - END_SILENCE_MS[KINDS[t.step]]) for t in times if t.by == "voice" and t.step in KINDS]
    )


def waits_table(answers: Sequence[tuple[str, float]]) -> str:
    """The same of (step, ms beyond the silence)."""
    waits: dict[str, list[float]] = defaultdict(list)
    for asked, ms in answers:
        waits[asked].append(ms)
    head = (
        f"{'step':18} {'answers':>7} {'end silence':>11} {'median':>7} {'p95':>6} {'most':>6}   (ms beyond the silence)"
    )
    lines = [head, "-" * len(head)]
    for step in KINDS:
        if step in waits:
            lines.append(_row(step, waits[step], str(END_SILENCE_MS[KINDS[step]])))
    everything = [wait for of_step in waits.values() for wait in of_step]
    return "\n".join([*lines, "-" * len(head), _row("all", everything, "")])


def _row(name: str, waits: list[float], silence: str) -> str:
    middle, high = statistics.median(waits), percentile(waits, 0.95)
    return f"{name:18} {len(waits):7} {silence:>11} {middle:7.0f} {high:6.0f} {max(waits):6.0f}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--calls", type=int, default=10, help="calls at once (10)")
    parser.add_argument("--rounds", type=int, default=1, help="calls that each caller places, one after the other (1)")
    wanted = parser.parse_args()
    print(f"Starting a line, then {wanted.calls} calls at once, {wanted.rounds} each; about two minutes a round.")
    with own_line() as (base_url, leader):
        before, began = cpu_seconds(leader), time.monotonic()
        records = place_calls(base_url, wanted.calls, wanted.rounds)
        took, used = time.monotonic() - began, cpu_seconds(leader) - before
    reported = sum("ticket" in {prompt.prompt for prompt in record.prompts} for record in records)
    sound_s = sum(len(record.heard) / 16000 for record in records)
    print(table(records))
    print(
        f"{reported} of {len(records)} calls reached their ticket by voice; {sound_s:.0f} s of calls in {took:.0f} s."
    )
    print(f"CPU of the line: {used:.0f} s, {used / sound_s:.3f} of a core for each live call; {os.cpu_count()} cores.")
    return 0 if reported == len(records) else 1


if __name__ == "__main__":
    sys.exit(main())
