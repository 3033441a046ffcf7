"""What every test may ask for: real stores, the real city, a vault. Nothing here fakes a part of ours."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from playwright.sync_api import Playwright, sync_playwright

from ivr.vocabulary import city_sentences, city_words
from models.crypto import Vault
from routing.city import City, load_city
from speech.graph import ensure_model
from tests.services.line import environment, free_port, supervise
from tests.services.postgres import Postgres, private_postgres
from tests.services.redis import private_redis

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """URL of a real, private redis-server; shared by all tests of the run, so use queue names or flush."""
    with tempfile.TemporaryDirectory(prefix="sw-redis-") as folder, private_redis(Path(folder)) as url:
        yield url


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private PostgreSQL cluster, started by the first test that asks."""
    with private_postgres() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """SQLAlchemy URL of an empty database of this test's own, once on each kind of database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    cluster: Postgres = request.getfixturevalue("postgres")
    with cluster.database() as url:
        yield url


@pytest.fixture(scope="session")
def city() -> City:
    """The city that ships with the project."""
    return load_city(ROOT / "cities" / "tangerang")


@pytest.fixture(scope="session")
def vault() -> Vault:
    """Encryption with a key of this run."""
    return Vault([Fernet.generate_key().decode()], "the look-up key of the tests")


# Files that take minutes, the slowest first: a process that is given one last keeps the whole run waiting.
SLOW = (
    "tests/test_whole_line.py",
    "tests/speech/test_graph.py",
    "tests/launch/test_words.py",
    "tests/test_supervise.py",
    "tests/ivr/test_vocabulary.py",
    "tests/ivr/channels/test_twilio_media.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {str(ROOT / name): number for number, name in enumerate(SLOW)}
    items.sort(key=lambda item: order.get(str(item.path), len(SLOW)))


def pytest_configure(config: pytest.Config) -> None:
    """All processes of one test run share a name, and by it what is dear to make."""
    os.environ.setdefault("TEST_RUN", uuid.uuid4().hex[:8])


def pytest_sessionfinish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):  # the process that all others work for ends last
        shutil.rmtree(_shared(), ignore_errors=True)


def _shared() -> Path:
    return Path(tempfile.gettempdir()) / f"sw-{os.environ['TEST_RUN']}"


@contextlib.contextmanager
def _alone(name: str) -> Iterator[Path]:
    """A folder that all processes of the run share, held by one at a time."""
    folder = _shared() / name
    folder.mkdir(parents=True, exist_ok=True)
    with (_shared() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@pytest.fixture(scope="session")
def prepared() -> Path:
    """A VAR_DIR that `script/run --prepare` has filled: tables, city, account, graph, all prompts. Copy it.

    Made once a run, by the process that needs it first; its name is short, for unix sockets lie in copies of it.
    """
    with _alone("var") as folder:
        made = _shared() / "made"
        if not made.exists():
            done = supervise(environment(folder, free_port()), "--prepare")
            assert done.returncode == 0, done.stderr
            made.touch()
    return folder


@pytest.fixture(scope="session")
def model_folder(city: City) -> Path:
    """The real model with the real city's words, built once a run. Not to be changed by a test."""
    with _alone("model") as folder:
        return ensure_model(ROOT / "speech" / "model", folder / "model", city_words(city), city_sentences(city))


@pytest.fixture
def var_dir() -> Iterator[Path]:
    """An empty folder with a short name, for a line of this test's own."""
    with tempfile.TemporaryDirectory(prefix="sw-var-") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers: there can be only one in a process."""
    with sync_playwright() as started:
        yield started
