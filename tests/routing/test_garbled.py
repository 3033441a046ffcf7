"""Garbled names to measure with: always the same, never the name itself where something is to be wrong."""

from __future__ import annotations

import random

import pytest

from routing.city import City
from routing.garbled import WAYS


@pytest.mark.parametrize("way", WAYS)
def test_every_name_can_be_garbled_in_every_way(city: City, way: str) -> None:
    for area in city.kelurahan:
        name = area.name.lower()
        garbled = WAYS[way](name, random.Random(area.code))
        assert garbled == WAYS[way](name, random.Random(area.code))
        if way in ("a letter lost", "letters swapped", "a word split", "a sound alike"):
            assert garbled != name
    assert WAYS["as it is"]("cikokol", random.Random(1)) == "cikokol"


def test_two_sounds_may_undo_each_other_but_seldom(city: City) -> None:
    same = [a for a in city.kelurahan if WAYS["two sounds alike"](a.name.lower(), random.Random(1)) == a.name.lower()]
    assert len(same) <= 5
