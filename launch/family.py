"""The processes below us: reaped when they end, and none left when we go.

Linux only, as the whole product: orphans of our children become ours (child subreaper), so even what a
killed process has left is found and ended.
"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_GRACE_S = 3.0  # between asking and killing what should have ended already
_POLL_S = 0.05


def adopt_orphans() -> None:
    """From now on processes below us whose parent dies become our children."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap(child: int) -> bool:
    """Collect every child that has ended; whether `child` was among them, or is no child of ours any more."""
    gone = False
    while True:
        try:
            ended, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return True
        if ended == 0:
            return gone
        gone = gone or ended == child


def end_all() -> None:
    """End every process below us: first asked, then killed."""
    deadline = time.monotonic() + _GRACE_S
    asked: set[int] = set()
    while children := _children():
        reap(0)
        late = time.monotonic() > deadline
        for child in children:
            if late or child not in asked:
                _send(child, signal.SIGKILL if late else signal.SIGTERM)
                asked.add(child)
        time.sleep(_POLL_S)


def _children() -> list[int]:
    us = os.getpid()
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit() and _parent(path) == us]


def _parent(process: Path) -> int | None:
    try:
        # The name in brackets may hold spaces and brackets; after it come the state and the parent.
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError, ValueError):
        return None


def _send(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return
