"""The processes of one machine and the supervisord that keeps them alive.

Every process is started through `setpriv --pdeathsig`: when its parent dies, even by kill -9, it is told
to stop. So nothing is left behind, whichever of them is killed.
"""

from __future__ import annotations

import contextlib
import os
import shlex
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from settings import ROOT, Settings

DIES_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM", "--")
STOP_S = 20  # a job or a turn of a call is finished first; whoever is slower is killed


@dataclass(frozen=True)
class Process:
    """One supervised process.

    Attributes:
        order: lower starts earlier and stops later.
        stop_s: seconds it has to stop by itself.
    """

    name: str
    command: tuple[str, ...]
    order: int
    stop_s: int = STOP_S


def processes(settings: Settings) -> list[Process]:
    """What runs on this machine; Redis only where no other is configured."""
    python = sys.executable
    redis = [] if settings.redis_url else [Process("redis", redis_command(settings), 10)]
    return [
        *redis,
        Process("intake", (python, str(ROOT / "worker.py"), "--intake"), 20),
        Process("worker", (python, str(ROOT / "worker.py")), 20),
        Process("clock", (python, str(ROOT / "worker.py"), "--clock"), 30, stop_s=5),
        Process("web", web_command(settings), 40, stop_s=STOP_S + 5),
    ]


def redis_command(settings: Settings) -> tuple[str, ...]:
    """A Redis of our own: no TCP, every write in an append-only file, jobs are never evicted."""
    run = settings.var_dir / "run"
    return (
        *("redis-server", "--port", "0", "--unixsocket", str(run / "redis.sock"), "--unixsocketperm", "700"),
        *("--dir", str(settings.var_dir / "redis"), "--appendonly", "yes", "--appendfsync", "everysec"),
        *("--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no"),
    )


def web_command(settings: Settings) -> tuple[str, ...]:
    """gunicorn with one process, so that one recogniser model is in memory and calls are counted in one place.

    A live call holds one thread for its socket and may need another for its webhook, a widget one; 16 are left for
    the console and the health page (measured in flask-sock under gthread: fewer, and a full line hangs them).
    """
    threads = 2 * settings.max_calls + settings.max_widgets + 16
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return (
        *(sys.executable, "-m", "gunicorn", "app:wsgi()", "--chdir", str(ROOT), "--bind", f"{host}:{settings.port}"),
        *("--worker-class", "gthread", "--workers", "1", "--threads", str(threads), "--timeout", "60"),
        *("--graceful-timeout", str(STOP_S), "--worker-tmp-dir", "/dev/shm", "--no-control-socket"),  # noqa: S108
        *("--log-level", "warning"),
    )


def write_configuration(settings: Settings) -> Path:
    """Write supervisord's configuration; returns its path."""
    run, log = settings.var_dir / "run", settings.var_dir / "log"
    head = f"""\
; Written at every start by supervise.py: changes are lost.
[supervisord]
nodaemon = true
silent = true
pidfile = {run / "supervisor.pid"}
logfile = {log / "supervisor.log"}
logfile_maxbytes = 1MB
logfile_backups = 3
directory = {ROOT}
childlogdir = {log}
umask = 077
{"user = root" if os.getuid() == 0 else ""}

[unix_http_server]
file = {run / "supervisor.sock"}
chmod = 0600

[supervisorctl]
serverurl = unix://{run / "supervisor.sock"}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""
    path = run / "supervisor.conf"
    sections = [_section(process, log) for process in processes(settings)]
    path.write_text("\n".join([head, *sections]).replace("%", "%%"))
    return path


def _section(process: Process, log: Path) -> str:
    # startretries: a process that fails at once is tried again after 1 s, 2 s, 3 s ... for an hour or so.
    return f"""\
[program:{process.name}]
command = {shlex.join((*DIES_WITH_PARENT, *process.command))}
priority = {process.order}
autorestart = true
startsecs = 1
startretries = 80
stopsignal = TERM
stopwaitsecs = {process.stop_s}
stopasgroup = false
killasgroup = true
redirect_stderr = true
stdout_logfile = {log / process.name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 5
"""


def start_supervisor(configuration: Path, lock: IO[str], log: Path) -> subprocess.Popen[bytes]:
    """Start supervisord in a session of its own, so that Ctrl-C reaches us alone and we stop it in order.

    It inherits the lock: while it or any instance of it lives, no other can start on the same folder.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            [*DIES_WITH_PARENT, sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            pass_fds=[lock.fileno()],
            cwd=ROOT,
        )


def wake(settings: Settings) -> None:
    """Knock at supervisord's socket: it sleeps for a second before it starts anything, unless somebody comes."""
    with socket.socket(socket.AF_UNIX) as knock, contextlib.suppress(OSError):
        knock.connect(str(settings.var_dir / "run" / "supervisor.sock"))
