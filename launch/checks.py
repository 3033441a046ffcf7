"""Looked at before anything starts. Every mistake is one line that says what is wrong and how to mend it."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
from functools import partial
from pathlib import Path
from typing import IO, Any

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from models.db import connect
from routing.city import City, load_city
from routing.gateways.configured import gateways
from routing.ways.mail import MailWay
from settings import Settings, named_secret

# Programs that are started, and the Debian package that each comes from.
PACKAGES = {"espeak-ng": "espeak-ng", "fstcompile": "libfst-tools", "redis-server": "redis-server"}
OLDEST_REDIS = 5  # rq 3.0 needs it
# A unix socket's path holds 107 bytes; supervisord makes its own under a longer name first (".1234567").
LONGEST_SOCKET_PATH = 107 - len(".1234567")


class CannotStart(Exception):
    """The line cannot start; the message is for the person at the terminal."""


def check_folder(settings: Settings) -> None:
    """Make VAR_DIR and what is in it.

    Raises:
        CannotStart: when it cannot be written, or its name is too long for sockets.
    """
    try:
        for folder in ("run", "log", "redis"):
            (settings.var_dir / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise CannotStart(f"VAR_DIR {settings.var_dir} cannot be written: {error.strerror}.") from error
    longest = settings.var_dir / "run" / "supervisor.sock"
    if len(os.fsencode(longest)) > LONGEST_SOCKET_PATH:
        raise CannotStart(
            f"VAR_DIR {settings.var_dir} is too long for unix sockets: "
            "name a shorter one, such as VAR_DIR=/var/lib/suara-warga."
        )


def take_lock(settings: Settings) -> IO[str]:
    """Hold `var/run/lock` for as long as the returned file, or a child that inherited it, stays open.

    Raises:
        CannotStart: when another instance holds it, or its processes are still stopping.
    """
    file = (settings.var_dir / "run" / "lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        owner = file.read().strip() or "unknown"
        file.close()
        raise CannotStart(
            f"The line runs already on {settings.var_dir} (process {owner}). "
            "Stop it with Ctrl-C there, or give this one a VAR_DIR and a PORT of its own."
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def check_packages(settings: Settings) -> None:
    """Raises:
    CannotStart: naming what is to be installed.
    """
    needed = {program: package for program, package in PACKAGES.items() if program != "redis-server"}
    if not settings.redis_url:
        needed["redis-server"] = PACKAGES["redis-server"]
    missing = [package for program, package in needed.items() if not shutil.which(program)]
    if missing:
        raise CannotStart(f"Missing: {', '.join(missing)}. Run: sudo apt-get install -y {' '.join(missing)}")


def check_port(settings: Settings) -> None:
    """Raises:
    CannotStart: when HOST is not ours or PORT is taken.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except PermissionError as error:
            raise CannotStart(f"PORT {settings.port} is reserved for root: choose one above 1023.") from error
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno != 98:
                raise CannotStart(
                    f"HOST {settings.host} is no address of this machine: use 127.0.0.1, or 0.0.0.0 for all."
                ) from error
            raise CannotStart(
                f"Port {settings.port} on {settings.host} is in use by another program. "
                f"Stop it (see: ss -ltnp 'sport = {settings.port}'), or choose another: "
                f"PORT={settings.port + 1} script/run"
            ) from error


def check_city(settings: Settings) -> City:
    """The city's data, read and checked.

    Raises:
        CannotStart: when there is no such city.
        CityDataError: naming file and line, or the secret that an agency's system needs.
    """
    if not settings.city_dir.is_dir():
        known = sorted(path.parent.name for path in settings.cities_dir.glob("*/city.yaml"))
        raise CannotStart(
            f"CITY {settings.city!r} has no folder under {settings.cities_dir}; known: {', '.join(known) or 'none'}."
        )
    city = load_city(settings.city_dir)
    mail = MailWay(settings.smtp_url, settings.mail_from) if settings.smtp_url else None
    gateways(city.gateways, partial(named_secret, settings), mail)  # the worker would fail over a missing secret
    return city


def check_database(settings: Settings) -> None:
    """Raises:
    CannotStart: when DATABASE_URL is no URL, or nobody answers there. Its password is not in the message.
    """
    if not settings.database_url:
        return
    try:
        shown = make_url(settings.database_url).render_as_string(hide_password=True)
    except ArgumentError as error:
        raise CannotStart(
            "DATABASE_URL is no database URL; it looks like postgresql+psycopg://USER:PASSWORD@HOST/NAME."
        ) from error
    try:
        engine = connect(settings.database_url)
        engine.connect().close()
        engine.dispose()
    except (SQLAlchemyError, ModuleNotFoundError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise CannotStart(f"DATABASE_URL {shown} does not answer: {cause}") from error


def check_redis(settings: Settings) -> None:
    """Raises:
    CannotStart: when REDIS_URL does not answer, or the Redis that would be used is too old.
    """
    if settings.redis_url:
        try:
            with Redis.from_url(settings.redis_url, socket_connect_timeout=5) as client:
                answer: Any = client.info("server")
            version = str(answer["redis_version"])
        except (RedisError, ValueError, OSError) as error:
            shown = re.sub(r"//[^@/]*@", "//***@", settings.redis_url)
            raise CannotStart(
                f"REDIS_URL {shown} does not answer: {error}. Start it, or leave REDIS_URL empty for one of our own."
            ) from error
    else:
        shown = "redis-server"
        text = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=False).stdout
        found = re.search(r"v=(\d[\d.]*)", text)
        version = found.group(1) if found else "0"
    if int(version.split(".")[0]) < OLDEST_REDIS:
        raise CannotStart(f"{shown} is version {version}; {OLDEST_REDIS}.0 or newer is needed.")


def clear_leftovers(settings: Settings) -> None:
    """Remove sockets and process numbers that a killed instance left. Call it with the lock held only."""
    for path in _leftovers(settings.var_dir / "run"):
        path.unlink(missing_ok=True)


def _leftovers(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if ".sock" in path.name or path.suffix == ".pid"]
