"""A Vosk model with the shipped city's names, built once for the tests that ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.city import City
from speech.graph import build_graph

MODEL = Path(__file__).resolve().parents[2] / "speech" / "model"


@pytest.fixture(scope="session")
def vosk_model(city: City, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory that Vosk loads; not to be changed by a test."""
    names = [area.name for area in (*city.kelurahan, *city.kecamatan)]
    return build_graph(MODEL, tmp_path_factory.mktemp("vosk") / "model", [*names, *city.words], []).path
