"""A console over a real SQLite file, with an operator and an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import admin
from admin.access import add_account
from models.crypto import Vault
from models.db import connect
from models.recordings import Recordings
from models.tables import Base
from routing.city import City, store_city

PASSWORD = "rahasia sekali 2025"
OPERATOR, ADMINISTRATOR = "petugas@contoh.id", "admin@contoh.id"


@dataclass(frozen=True)
class ConsoleSettings:
    base_url: str = "http://127.0.0.1"
    redis: str = "memory://"


@pytest.fixture
def engine(tmp_path: Path, city: City) -> Engine:
    engine = connect(f"sqlite:///{tmp_path / 'console.db'}")
    Base.metadata.create_all(engine)
    store_city(engine, city)
    with Session(engine) as session, session.begin():
        add_account(session, OPERATOR, PASSWORD, "operator", "Sari Petugas")
        add_account(session, ADMINISTRATOR, PASSWORD, "administrator", "Admin")
    return engine


@pytest.fixture
def recordings(tmp_path: Path, vault: Vault) -> Recordings:
    return Recordings(tmp_path / "recordings", vault)


def console_app(
    engine: Engine, vault: Vault, recordings: Recordings, city: City, settings: ConsoleSettings | None = None
) -> Flask:
    app = Flask("console", static_folder=None)
    app.config.update(SECRET_KEY="a secret of the tests")
    admin.init_app(
        app, engine=engine, vault=vault, recordings=recordings, settings=settings or ConsoleSettings(), city=city
    )
    return app


@pytest.fixture
def app(engine: Engine, vault: Vault, recordings: Recordings, city: City) -> Flask:
    return console_app(engine, vault, recordings, city)


def token(page: str) -> str:
    """The CSRF token of a page's form."""
    return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def log_in(client: FlaskClient, email: str = OPERATOR, password: str = PASSWORD, **more: object) -> int:
    """Log in as a browser does; the status of the answer (302: in)."""
    page = client.get("/masuk").text
    form = {"email": email, "password": password, "csrf_token": token(page)}
    return client.post("/masuk", data=form, **more).status_code


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
def administrator(app: Flask) -> FlaskClient:
    client = app.test_client()
    assert log_in(client, ADMINISTRATOR) == 302
    return client
