"""Starts the whole line on this machine and keeps it running: `script/run` ends here.

Looks for what would go wrong, prepares what is missing, starts Redis, worker, clock and web server under
one supervisord, waits until the line is healthy, says where it is, and stops all of it on Ctrl-C or SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, NoReturn

from sqlalchemy.exc import SQLAlchemyError

from launch import checks, family, processes
from launch.prepare import Progress, steps
from routing.city_files import CityDataError
from settings import BadSettings, Settings, load_settings, local_url
from speech.graph import GraphError

HEALTHY_WITHIN_S = 60.0
POLL_S = 0.1
SPAWNING_S = 2.0  # supervisord needs about 1 s to start all; a signal that meets one between fork and exec is lost
TAIL_LINES = 20
CANNOT_START, NEVER_HEALTHY, STOPPED = 2, 1, 0


class NeverHealthy(Exception):
    """The processes run or have ended, but the line does not answer."""


def main(arguments: list[str]) -> int:
    """Run until told to stop.

    Returns:
        0 after Ctrl-C or SIGTERM, 1 when the line never got healthy, 2 when it could not be started.
    """
    parser = argparse.ArgumentParser(prog="script/run", description="Start the whole line on this machine.")
    parser.add_argument("--prepare", action="store_true", help="prepare everything, start nothing")
    only_prepare = parser.parse_args(arguments).prepare
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    family.adopt_orphans()
    try:
        return _run(only_prepare)
    except (BadSettings, CityDataError, GraphError, checks.CannotStart) as error:
        print(f"Cannot start.\n{error}", file=sys.stderr)
        return CANNOT_START
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).splitlines()[0]
        print(f"Cannot start.\nThe database cannot be used: {cause}", file=sys.stderr)
        return CANNOT_START
    except NeverHealthy as error:
        print(error, file=sys.stderr)
        return NEVER_HEALTHY
    except KeyboardInterrupt:
        return STOPPED
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it behind
        family.end_all()


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _run(only_prepare: bool) -> int:
    began = time.monotonic()
    try:
        settings = load_settings()
    except OSError as error:
        raise checks.CannotStart(f"VAR_DIR cannot be used: {error.strerror}: {error.filename}") from error
    checks.check_folder(settings)
    with checks.take_lock(settings) as lock:
        checks.check_packages(settings)
        if not only_prepare:
            checks.check_port(settings)
        city = checks.check_city(settings)
        checks.check_database(settings)
        checks.check_redis(settings)
        checks.clear_leftovers(settings)
        progress = Progress()
        progress.run(steps(settings, city, progress))
        if not only_prepare:
            _serve(settings, lock, began)
    return STOPPED


def _serve(settings: Settings, lock: IO[str], began: float) -> None:
    """Start all processes, say where the line is, and watch until told to stop."""
    configuration = processes.write_configuration(settings)
    log = settings.var_dir / "log" / "supervisor.log"
    started = time.monotonic()
    supervisor = processes.start_supervisor(configuration, lock, log)
    try:
        health = _wait_until_healthy(settings, supervisor)
        print(_welcome(settings, health, time.monotonic() - began), flush=True)
        while True:
            while not family.reap(supervisor.pid):
                time.sleep(POLL_S)
            # Killed by somebody: its children die with it, and a new one starts them all again.
            print("The supervisor was killed; starting again.", file=sys.stderr, flush=True)
            family.end_all()
            checks.clear_leftovers(settings)
            started = time.monotonic()
            supervisor = processes.start_supervisor(configuration, lock, log)
    except KeyboardInterrupt:
        print("\nStopping ...", flush=True)
        raise
    finally:
        _stop(supervisor, started)


def _stop(supervisor: subprocess.Popen[bytes], started: float) -> None:
    """Ask supervisord to stop everything in order, and wait until it has."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    time.sleep(max(0.0, started + SPAWNING_S - time.monotonic()))
    try:
        os.kill(supervisor.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    deadline = time.monotonic() + 3 * processes.STOP_S
    while not family.reap(supervisor.pid) and time.monotonic() < deadline:
        time.sleep(POLL_S)


def _wait_until_healthy(settings: Settings, supervisor: subprocess.Popen[bytes]) -> dict[str, object]:
    """Raises:
    NeverHealthy: with the end of the log that tells why.
    """
    deadline = time.monotonic() + HEALTHY_WITHIN_S
    health: dict[str, object] = {}
    while time.monotonic() < deadline:
        if family.reap(supervisor.pid):
            raise NeverHealthy(_explain("The supervisor ended.", settings.var_dir / "log" / "supervisor.log"))
        processes.wake(settings)
        health = _ask_health(settings)
        if _healthy(health):
            return health
        time.sleep(POLL_S)
    raise NeverHealthy(
        _explain(
            f"The line is not healthy after {HEALTHY_WITHIN_S:.0f} s.", settings.var_dir / "log" / "web.log", health
        )
    )


def _healthy(health: dict[str, object]) -> bool:
    """Calls are taken and kept, and jobs are carried. Without a recogniser the line still answers, with keys."""
    parts = health.get("parts")
    return isinstance(parts, dict) and all(up for name, up in parts.items() if name != "recogniser")


def _ask_health(settings: Settings) -> dict[str, object]:
    """What /health says; empty while nobody answers."""
    try:
        with urllib.request.urlopen(f"{local_url(settings)}/health", timeout=5) as answer:  # noqa: S310 (our own)
            content = answer.read()
    except urllib.error.HTTPError as error:
        content = error.read()
    except OSError:
        return {}
    try:
        health = json.loads(content)
    except ValueError:
        return {}
    return health if isinstance(health, dict) else {}


def _explain(what: str, log: Path, health: dict[str, object] | None = None) -> str:
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:] if log.is_file() else ["(no log)"]
    said = f" /health says: {json.dumps(health)}." if health else ""
    return "\n".join([f"{what}{said} The end of {log}:", *(f"    {line}" for line in lines)])


def _welcome(settings: Settings, health: dict[str, object], took: float) -> str:
    parts = health.get("parts")
    broken = [name for name, up in parts.items() if not up] if isinstance(parts, dict) else []
    return "\n".join(
        [
            f"Suara Warga is ready ({took:.1f} s).",
            *(f"  ! {name}: not available, see {settings.var_dir / 'log' / 'web.log'}" for name in broken),
            f"  Widget     {local_url(settings)}/  (the same conversation in a browser)",
            f"  Console    {local_url(settings)}/masuk  (login and password: {settings.var_dir / 'first-login.txt'})",
            f"  Health     {local_url(settings)}/health",
            f"  Twilio     {settings.base_url}/twilio/voice",
            f"  Logs       {settings.var_dir / 'log'}",
            "  Call it    script/call        (in another terminal)",
            "Ctrl-C stops everything.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
