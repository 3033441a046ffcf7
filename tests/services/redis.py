"""A private redis-server on a unix socket."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

START_S = 20


@contextmanager
def private_redis(folder: Path) -> Iterator[str]:
    """Run a redis-server whose socket and files are in `folder`; gives its URL. Dies with its parent.

    `folder` must be short: a unix socket's path holds 107 bytes at most.
    """
    socket = folder / "redis.sock"
    command = [
        *("setpriv", "--pdeathsig", "KILL", "redis-server", "--port", "0", "--unixsocket", str(socket)),
        *("--unixsocketperm", "700", "--dir", str(folder), "--save", "", "--appendonly", "no"),
        *("--logfile", str(folder / "redis.log")),
    ]
    server = subprocess.Popen(command)
    url = f"unix://{socket}"
    try:
        _wait(url, folder / "redis.log")
        yield url
    finally:
        server.terminate()
        server.wait(START_S)


def _wait(url: str, log: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            with redis.Redis.from_url(url) as client:
                client.ping()
            return
        except redis.ConnectionError as error:
            if time.monotonic() > deadline:
                text = log.read_text() if log.is_file() else "no log"
                raise RuntimeError(f"redis-server did not start: {text[-2000:]}") from error
            time.sleep(0.02)
