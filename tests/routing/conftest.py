"""A store of each kind with the city's tables in it, and an empty Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import Engine

from models.db import connect
from models.migrations import upgrade
from models.store.cases import CaseStore
from routing import jobs
from routing.city import City, load_city, store_city
from routing.queues import Queues
from tests.conftest import ROOT


@pytest.fixture
def engine(database_url: str, city: City) -> Iterator[Engine]:
    engine = connect(database_url)
    upgrade(engine)
    store_city(engine, city)
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine) -> CaseStore:
    return CaseStore(engine)


@pytest.fixture
def redis(redis_url: str) -> Redis:
    connection = Redis.from_url(redis_url)
    connection.flushall()
    return connection


@pytest.fixture
def parts(engine: Engine, city: City, redis: Redis, redis_url: str) -> jobs.Parts:
    """Parts for jobs that run in this process; a call counts as lost as soon as it is looked at."""
    parts = jobs.Parts(engine, city, Queues(redis_url), quiet_s=0.0, settle_s=0.0)
    jobs.use(parts)
    return parts


@pytest.fixture(scope="session")
def contoh() -> City:
    return load_city(ROOT / "cities" / "contoh")
