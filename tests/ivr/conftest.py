from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app import load_knowledge, load_prompts
from ivr.knowledge import Knowledge
from ivr.line import CallGate, Line
from ivr.prompts import Prompts
from ivr.steps import STEPS
from models.crypto import Vault
from models.db import connect
from models.recordings import Recordings
from models.store.announcements import AnnouncementStore
from models.store.callers import CallerStore
from models.store.calls import CallStore
from models.store.cases import CaseStore
from models.store.notices import NoticeStore
from models.store.words import WordStore
from models.tables import Base
from routing.city import City, store_city
from routing.current_places import CurrentPlaces
from routing.life import VERBS
from routing.queues import Queues
from settings import Settings
from speech.clips import ClipStore
from speech.espeak import EspeakSynthesizer
from speech.vosk_recognizer import VoskRecognizer
from tests.ivr.scenarios.reading import Names
from tests.ivr.talk import Talk


@pytest.fixture(scope="session")
def knows(city: City) -> Knowledge:
    """The first city's knowledge, with numbers to hand callers to."""
    settings = Settings(emergency_number="+622155550112", operator_number="+622155550111")
    return load_knowledge(settings, city)


@pytest.fixture(scope="session")
def prompts(city: City) -> Prompts:
    return load_prompts(city)


@pytest.fixture
def talk(knows: Knowledge, prompts: Prompts) -> Talk:
    """A call that has just been greeted; the caller's number is known."""
    return Talk(knows, prompts)


@pytest.fixture
def talk_without_lines(knows: Knowledge, prompts: Prompts) -> Talk:
    """A call on a line that has nobody to hand callers to, from a withheld number."""
    return Talk(dataclasses.replace(knows, lines=frozenset()), prompts, known=False)


@pytest.fixture(scope="session")
def names(city: City, prompts: Prompts) -> Names:
    """What the files of `tests/scenarios` may name."""
    return Names(
        steps=frozenset((*STEPS, "ended")),
        prompts=frozenset((*prompts.names(), "announcement")),
        categories=frozenset(city.categories),
        areas=frozenset(area.name for area in (*city.kelurahan, *city.kecamatan)),
        verbs=frozenset(VERBS),
    )


@pytest.fixture(scope="session")
def recognizer(model_folder: Path) -> VoskRecognizer:
    return VoskRecognizer(model_folder)


@pytest.fixture(scope="session")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClipStore]:
    """The real voice; clips are kept for the run."""
    synthesizer = EspeakSynthesizer()
    yield ClipStore(tmp_path_factory.mktemp("clips"), synthesizer)
    synthesizer.close()


@pytest.fixture(scope="session")
def empty_store(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the tables and the city. Copy it."""
    path = tmp_path_factory.mktemp("store") / "empty.db"
    engine = connect(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    store_city(engine, city)
    engine.dispose()  # the last connection takes all into the one file
    return path


@pytest.fixture
def engine(empty_store: Path, tmp_path: Path) -> Iterator[Engine]:
    """The store of `deaf_line` and `line`."""
    shutil.copy(empty_store, tmp_path / "line.db")
    engine = connect(f"sqlite:///{tmp_path / 'line.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def line(deaf_line: Line, recognizer: VoskRecognizer) -> Line:
    """A whole line on an SQLite store of its own."""
    return dataclasses.replace(deaf_line, hearing=lambda: recognizer)


@pytest.fixture
def deaf_line(
    knows: Knowledge,
    prompts: Prompts,
    voice: ClipStore,
    vault: Vault,
    city: City,
    tmp_path: Path,
    engine: Engine,
    redis_url: str,
) -> Line:
    """A line whose recogniser is away: it takes keys and recordings, and what a test says was heard."""
    return Line(
        knows=knows,
        places=CurrentPlaces(city, WordStore(engine)),
        prompts=prompts,
        voice=voice,
        hearing=lambda: None,
        calls=CallStore(engine),
        cases=CaseStore(engine),
        notices=NoticeStore(engine),
        announcements=AnnouncementStore(engine),
        callers=CallerStore(engine),
        recordings=Recordings(tmp_path / "recordings", vault),
        vault=vault,
        queues=Queues(redis_url),
        gate=CallGate(4),
    )
