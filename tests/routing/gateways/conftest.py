"""Two cities' lines: ours, and the agency's own system, which is the interface of another one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine

from models.crypto import Vault
from models.store.api_keys import ApiKeyStore
from models.store.cases import CaseStore
from routing.city import City
from routing.gateways.http import Http
from routing.gateways.open311 import Open311, Server
from routing.open311 import keys
from tests.routing.gateways.systems import Receiver, Remote, receiver, serve
from tests.routing.open311.conftest import copied, empty_store, make_app, sqlite
from tests.routing.ways.provider import MailServer, mail_server

__all__ = ["empty_store", "sqlite"]


@dataclass
class Agency:
    """The other system: its store, its key for us, how to put it out of order."""

    cases: CaseStore
    key: str
    remote: Remote

    def gateway(self, form: str = "xml", key: str = "") -> Open311:
        return Open311(Http(private=True), Server(self.remote.url, key or self.key, "", form))


@pytest.fixture
def agency(empty_store: Path, city: City, vault: Vault, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    engine: Engine = copied(empty_store, tmp_path_factory.mktemp("agency"))
    key = keys.make(ApiKeyStore(engine), "kota", ("report",), frozenset())
    with serve(make_app(engine, city, vault)) as remote:
        yield Agency(CaseStore(engine), key, remote)
    engine.dispose()


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with receiver() as known:
        yield known


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server
