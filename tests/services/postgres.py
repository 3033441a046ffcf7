"""A private PostgreSQL cluster, made from the machine's binaries and thrown away."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

START_S = 60


class Postgres:
    """A running cluster that gives out fresh, empty databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count(1)

    @contextmanager
    def database(self) -> Iterator[str]:
        """A new, empty database; gives its SQLAlchemy URL, and drops it afterwards, whoever is still in it."""
        name = f"test_{next(self._numbers)}"
        self._run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield f"postgresql+psycopg://postgres@/{name}?host={self._folder}"
        finally:
            self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(host=str(self._folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def private_postgres() -> Iterator[Postgres]:
    """Run a cluster in a folder of its own, reachable by unix socket only. Dies with its parent."""
    folder = Path(tempfile.mkdtemp(prefix="sw-pg-"))
    binaries = _binaries()
    try:
        as_user = _as_owner(folder)
        data = folder / "data"
        _initialise([*as_user, str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"])
        options = {"listen_addresses": "", "unix_socket_directories": str(folder), "fsync": "off"}
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        setpriv = as_user or ["setpriv"]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [*setpriv, "--pdeathsig", "INT", str(binaries / "postgres"), "-D", str(data), *flags],
                stdout=log,
                stderr=log,
                cwd="/",
            )
        try:
            _wait(folder)
            yield Postgres(folder)
        finally:
            server.send_signal(signal.SIGINT)  # fast shutdown, whoever is connected
            server.wait(START_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    if not elsewhere:
        raise RuntimeError("PostgreSQL is not installed; run: apt-get install -y postgresql")
    return Path(elsewhere).parent


def _as_owner(folder: Path) -> list[str]:
    """PostgreSQL refuses root: then the folder and the servers are the user postgres's."""
    if os.getuid() != 0:
        return []
    user = pwd.getpwnam("postgres")
    os.chown(folder, user.pw_uid, user.pw_gid)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


def _initialise(command: list[str]) -> None:
    options = ["--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, cwd="/", check=False)
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr[-2000:]}")


def _wait(folder: Path) -> None:
    deadline = time.monotonic() + START_S
    while True:
        try:
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}") from error
            time.sleep(0.05)
