"""What must be there before the first call: tables, the city's data, a login, the city's words, the spoken prompts.

Every step looks first whether anything changed, so that all of them together cost a second start little.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from admin.access import create_first_account
from models.db import connect
from models.migrations import upgrade
from models.store.words import WordStore
from routing.city import City, store_city
from settings import ROOT, Settings

SLOW_S = 0.5  # what took longer is worth a line of its own, with its time


@dataclass(frozen=True)
class Step:
    """One preparation. `act` does it, unless it is done, and gives a word about the outcome or ''."""

    title: str
    act: Callable[[], str]


def steps(settings: Settings, city: City, progress: Progress) -> list[Step]:
    """All preparations, in their order.

    Raises (when a step runs):
        GraphError: the city's words could not be made into a graph.
        SynthesisFailed: a prompt could not be spoken.
    """
    engine = connect(settings.database)
    always = [
        Step("database", lambda: _migrate(engine)),
        Step("data of the city", lambda: _store_city(engine, city)),
        Step("first account", lambda: _account(engine, settings)),
    ]
    if _speech_is_ready(settings, engine):
        return always
    return [
        *always,
        Step("words of the city for the recogniser", lambda: _graph(settings, engine, city)),
        Step("spoken prompts", lambda: _prompts(settings, city, progress)),
        Step("mark that speech is ready", lambda: _remember(settings, engine)),
    ]


def _migrate(engine: Engine) -> str:
    upgrade(engine)
    return ""


def _store_city(engine: Engine, city: City) -> str:
    store_city(engine, city)
    return ""


def _account(engine: Engine, settings: Settings) -> str:
    written = create_first_account(engine, settings.var_dir)
    return f"written to {written}" if written else ""


def _graph(settings: Settings, engine: Engine, city: City) -> str:
    import app  # here, because loading all parts costs a second start more than a second

    vocabulary = app.load_vocabulary(settings, engine, city)
    if vocabulary:
        vocabulary.build()
    return ""


def _prompts(settings: Settings, city: City, progress: Progress) -> str:
    import app

    voice = app.load_voice(settings)
    wanted = list(app.prompt_texts(city, app.load_prompts(city)))
    missing = [item for item in wanted if not voice.has(*item)]
    voice.render_all(missing, lambda done, of: progress.count("spoken prompts", done, of))
    return f"{len(missing)} sentences rendered" if missing else ""


def _mark(settings: Settings) -> Path:
    return settings.var_dir / "speech" / "ready.txt"


def _remember(settings: Settings, engine: Engine) -> str:
    _mark(settings).write_text(_fingerprint(settings, engine))
    return ""


def _speech_is_ready(settings: Settings, engine: Engine) -> bool:
    model = settings.vosk_model_dir or settings.var_dir / "speech" / "model"
    mark = _mark(settings)
    return model.is_dir() and mark.is_file() and mark.read_text() == _fingerprint(settings, engine)


def _fingerprint(settings: Settings, engine: Engine) -> str:
    """Hash of all that decides what the recogniser knows and what the prompts sound like.

    A clip that somebody deletes is not missed here: it is rendered when it is first spoken.
    """
    folders = (ROOT / "speech", ROOT / "ivr", ROOT / "routing", settings.city_dir)
    sources = (path for folder in folders for path in folder.rglob("*") if path.suffix not in (".pyc", ".mdl"))
    digest = hashlib.sha256(f"{settings.city_dir} {settings.vosk_model_dir}".encode())
    for path in sorted([ROOT / "app.py", ROOT / "requirements.txt", *(p for p in sources if p.is_file())]):
        digest.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    for program in (shutil.which("espeak-ng"), settings.model_dir / "am" / "final.mdl"):
        about = Path(program).stat() if program and Path(program).exists() else None
        digest.update(f"{program} {about and (about.st_size, about.st_mtime_ns)}\n".encode())
    words = WordStore(engine)
    for word in words.present() if words.ready() else ():
        digest.update(f"{word.key} {word.kind} {word.said}\n".encode())
    return digest.hexdigest()


class Progress:
    """One line a step, on a terminal with a bar while it runs; steps that had nothing to do stay silent."""

    def __init__(self, terminal: bool | None = None) -> None:
        self._terminal = sys.stdout.isatty() if terminal is None else terminal

    def run(self, steps: list[Step]) -> None:
        for number, step in enumerate(steps, start=1):
            self._show(f"[{number}/{len(steps)}] {step.title} ...")
            began = time.monotonic()
            outcome = step.act()
            took = time.monotonic() - began
            self._show("")
            if outcome or took > SLOW_S:
                print(f"  [{number}/{len(steps)}] {step.title}: {outcome or 'ready'} ({took:.1f} s)", flush=True)

    def count(self, title: str, done: int, of: int) -> None:
        """Show how far the running step is."""
        filled = 24 * done // max(of, 1)
        self._show(f"{title} [{'#' * filled}{'.' * (24 - filled)}] {done}/{of}")

    def _show(self, text: str) -> None:
        if self._terminal:
            print(f"\r\x1b[2K{f'  {text}' if text else ''}", end="", flush=True)
