"""The interface on its own: a Flask application with nothing else in it, and the city that ships."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from models.cases import Case
from models.crypto import Vault
from models.db import connect
from models.store.api_keys import ApiKeyStore
from models.store.cases import CaseStore
from models.store.public import PublicStore
from models.tables import Base
from routing.city import City, store_city
from routing.open311 import keys
from routing.open311.server import Parts, open311_blueprint
from routing.places import PlaceFinder
from routing.queues import Queues

BASE = "https://line.example"
REPORT = {
    "service_code": "pju",
    "address_string": "Jalan Imam Bonjol 5, Kelurahan Karawaci",
    "description": "Lampu jalan mati sejak kemarin",
}


@dataclass
class Interface:
    """The running interface, a key for everything that a citizens' application does, and the store behind."""

    app: Flask
    client: Any  # Flask's test client, whose answers' json is whatever it is
    cases: CaseStore
    keys: ApiKeyStore
    city: City
    key: str

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/open311/v2/{path}", query_string=query)

    def post(self, path: str, key: str | None = None, headers: Any = None, **form: Any) -> Any:
        shown = {"api_key": self.key if key is None else key}
        return self.client.post(f"/open311/v2/{path}", data=shown | form, headers=headers)

    def report(self, **more: Any) -> str:
        """A new case; its ticket."""
        answer = self.post("requests.json", **(REPORT | more))
        assert answer.status_code == 200, answer.text
        return str(answer.json[0]["service_request_id"])

    def case(self, ticket: str) -> Case:
        case = self.cases.by_ticket(ticket)
        assert case is not None
        return case

    def make_key(self, *scopes: str) -> str:
        return keys.make(self.keys, "kunci", scopes, frozenset(self.city.agencies))


def make_app(
    engine: Engine, city: City, vault: Vault, base_url: str = BASE, places: PlaceFinder | None = None
) -> Flask:
    app = Flask("open311", static_folder=None)
    limiter = Limiter(get_remote_address, app=app, storage_uri="memory://", headers_enabled=True)
    parts = Parts(
        city=city,
        places=places or PlaceFinder(city),
        cases=CaseStore(engine),
        public=PublicStore(engine),
        keys=ApiKeyStore(engine),
        enqueue=Queues("redis://127.0.0.1:1/0").enqueue_case,  # away: a case is taken in all the same
        seal=vault.seal_text,
        lookup=vault.lookup,
        base_url=base_url,
    )
    app.register_blueprint(open311_blueprint(parts, limiter))
    return app


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory, city: City) -> Path:
    """A SQLite file with the city's data: made once, copied for each test."""
    path = tmp_path_factory.mktemp("open311") / "empty.db"
    engine = connect(f"sqlite:///{path}")
    Base.metadata.create_all(engine)
    store_city(engine, city)
    engine.dispose()  # the last connection writes its log into the file
    return path


@pytest.fixture
def sqlite(empty_store: Path, tmp_path: Path) -> Iterator[Engine]:
    engine = copied(empty_store, tmp_path)
    yield engine
    engine.dispose()


def copied(store: Path, folder: Path) -> Engine:
    return connect(f"sqlite:///{shutil.copy(store, folder)}")


@pytest.fixture
def interface(sqlite: Engine, city: City, vault: Vault) -> Interface:
    app = make_app(sqlite, city, vault)
    store = ApiKeyStore(sqlite)
    key = keys.make(store, "aplikasi warga", ("report", "update"), frozenset(city.agencies))
    return Interface(app, app.test_client(), CaseStore(sqlite), store, city, key)


def xml(answer: TestResponse) -> ET.Element:
    assert answer.content_type == "text/xml; charset=utf-8"
    return ET.fromstring(answer.data)
