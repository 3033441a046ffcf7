"""A Vosk model with the shipped city's names, for the tests that ask."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def vosk_model(model_folder: Path) -> Path:
    """Directory that Vosk loads; not to be changed by a test."""
    return model_folder
