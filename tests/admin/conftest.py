"""A console over a real SQLite file, and browsers of different people."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from models.crypto import Vault
from models.db import connect
from models.recordings import Recordings
from routing.city import City
from tests.admin.consoles import ADMINISTRATOR, console_app, console_engine, log_in


@pytest.fixture(scope="session")
def console_file(tmp_path_factory: pytest.TempPathFactory, city: City) -> Path:
    """A database with the city and two accounts, to be copied: argon2 is slow on purpose."""
    folder = tmp_path_factory.mktemp("console")
    console_engine(folder, city).dispose()
    return folder / "console.db"


@pytest.fixture
def engine(tmp_path: Path, console_file: Path) -> Engine:
    return connect(f"sqlite:///{shutil.copy(console_file, tmp_path)}")


@pytest.fixture
def recordings(tmp_path: Path, vault: Vault) -> Recordings:
    return Recordings(tmp_path / "recordings", vault)


@pytest.fixture
def app(engine: Engine, vault: Vault, recordings: Recordings, city: City) -> Flask:
    return console_app(engine, vault, recordings, city)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    """A browser that nobody has logged in with."""
    return app.test_client()


@pytest.fixture
def operator(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert log_in(client) == 302
    return client


@pytest.fixture
def desk(engine: Engine, vault: Vault, recordings: Recordings, city: City, tmp_path: Path) -> FlaskClient:
    """An operator's browser, at a console that can speak."""
    client = console_app(engine, vault, recordings, city, clips=tmp_path / "clips").test_client()
    assert log_in(client) == 302
    return client


@pytest.fixture
def administrator(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, ADMINISTRATOR) == 302
    return client
