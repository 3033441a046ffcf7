"""Building a console for tests, and logging in to it as a browser does."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

import admin
from admin.access import add_account
from app import OfficersVoice
from models.crypto import Vault
from models.db import connect
from models.recordings import Recordings
from models.tables import Base
from routing.city import City, store_city
from speech.clips import ClipStore
from speech.espeak import EspeakSynthesizer

PASSWORD = "rahasia sekali 2025"
OPERATOR, ADMINISTRATOR, OFFICER = "petugas@contoh.id", "admin@contoh.id", "petugas@dishub.contoh.id"


@dataclass(frozen=True)
class ConsoleSettings:
    base_url: str = "http://127.0.0.1"
    redis: str = "memory://"


def console_engine(folder: Path, city: City) -> Engine:
    """A SQLite file with the city's data, an operator and an administrator."""
    engine = connect(f"sqlite:///{folder / 'console.db'}")
    Base.metadata.create_all(engine)
    store_city(engine, city)
    with Session(engine) as session, session.begin():
        add_account(session, OPERATOR, PASSWORD, "operator", "Sari Petugas")
        add_account(session, OFFICER, PASSWORD, "officer", "Budi Perhubungan", "dishub")
        add_account(session, ADMINISTRATOR, PASSWORD, "administrator", "Sari Wulandari")
    return engine


def console_app(
    engine: Engine,
    vault: Vault,
    recordings: Recordings,
    city: City,
    settings: ConsoleSettings | None = None,
    clips: Path | None = None,
) -> Flask:
    """`clips`: where the line's voice keeps its sentences; only tests that listen need it."""
    app = Flask("console", static_folder=None)
    app.config.update(SECRET_KEY="a secret of the tests")
    parts = {"engine": engine, "vault": vault, "recordings": recordings, "city": city}
    parts["voice"] = OfficersVoice(ClipStore(clips or Path("/nowhere"), EspeakSynthesizer()))
    admin.init_app(app, settings=settings or ConsoleSettings(), **parts)  # type: ignore[arg-type]
    return app


def token(page: str) -> str:
    """The CSRF token of a page's first form."""
    return page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]


def log_in(client: FlaskClient, email: str = OPERATOR, password: str = PASSWORD, **more: Any) -> int:
    """Log in as a browser does; the status of the answer (302: in)."""
    page = client.get("/masuk", **more).text
    form = {"email": email, "password": password, "csrf_token": token(page)}
    return client.post("/masuk", data=form, **more).status_code
