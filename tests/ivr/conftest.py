from __future__ import annotations

import dataclasses

import pytest

from app import load_knowledge, load_prompts
from ivr.knowledge import Knowledge
from ivr.prompts import Prompts
from routing.city import City
from settings import Settings
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
