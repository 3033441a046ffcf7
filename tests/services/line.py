"""The whole line as `script/run` starts it, in a folder and on a port of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xmlrpc.client import ServerProxy

from supervisor.xmlrpc import SupervisorTransport

ROOT = Path(__file__).resolve().parents[2]
WAIT_S = 120.0  # longest wait for something that must happen; a busy machine is slow, not wrong


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def eventually(happened: Callable[[], bool], what: str) -> None:
    """Wait until `happened`.

    Raises:
        AssertionError: naming `what` did not happen in time.
    """
    deadline = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.1)


def environment(var_dir: Path, port: int, **more: str) -> dict[str, str]:
    """This process's environment without settings that the machine may have, and with these."""
    ours = ("DATABASE_URL", "REDIS_URL", "CITY", "CITIES_DIR", "HOST", "PUBLIC_URL", "MAX_CALLS", "VOSK_MODEL_DIR")
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return {**kept, "VAR_DIR": str(var_dir), "PORT": str(port), **more}


def supervise(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run supervise.py until it ends by itself."""
    command = [sys.executable, str(ROOT / "supervise.py"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=3 * WAIT_S)


class RunningLine:
    """A started line.

    Attributes:
        url: its web server, without a slash at the end.
        output: file with what it printed.
    """

    def __init__(self, var_dir: Path, **more: str) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.env = environment(var_dir, self.port, **more)
        self.output = var_dir / "output.txt"
        with self.output.open("wb") as output:
            command = [sys.executable, str(ROOT / "supervise.py")]
            self.process = subprocess.Popen(command, env=self.env, stdout=output, stderr=output)

    def wait_until_ready(self) -> None:
        eventually(lambda: self.ended() or "is ready" in self.output.read_text(), "the line is ready")
        assert not self.ended(), self.output.read_text()

    def ended(self) -> bool:
        return self.process.poll() is not None

    def health(self) -> dict[str, Any]:
        """What /health says; empty while nobody answers."""
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return dict(json.load(answer))
        except (urllib.error.URLError, OSError):
            return {}

    def programs(self) -> dict[str, int]:
        """Process numbers of what supervisord runs, by name; empty while supervisord is away."""
        transport = SupervisorTransport(None, None, f"unix://{self.var_dir / 'run' / 'supervisor.sock'}")
        try:
            with ServerProxy("http://127.0.0.1", transport=transport) as proxy:
                programs: Any = proxy.supervisor.getAllProcessInfo()
        except OSError:
            return {}
        return {program["name"]: program["pid"] for program in programs if program["statename"] == "RUNNING"}

    def supervisord(self) -> int:
        return int((self.var_dir / "run" / "supervisor.pid").read_text())

    def processes(self) -> list[int]:
        """All living processes that were started with this line's VAR_DIR, whoever their parent is."""
        mark = f"VAR_DIR={self.var_dir}\0".encode()
        return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and mark in _environ(path)]

    def stop(self) -> int:
        """Ask it to stop, as Ctrl-C does; gives its exit status."""
        if not self.ended():
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(WAIT_S)


def _environ(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes() + b"\0"
    except OSError:  # ended meanwhile
        return b""


@contextmanager
def running_line(prepared: Path, var_dir: Path, **more: str) -> Iterator[RunningLine]:
    """A line that is ready, on `var_dir`, which becomes a copy of the prepared folder unless it was one before.

    Stopped at the end, whatever happened.
    """
    if not (var_dir / "secrets.env").exists():
        shutil.copytree(prepared, var_dir, symlinks=True, dirs_exist_ok=True)
    line = RunningLine(var_dir, **more)
    try:
        line.wait_until_ready()
        yield line
    finally:
        try:
            line.stop()
        finally:
            for process in line.processes():
                os.kill(process, signal.SIGKILL)
