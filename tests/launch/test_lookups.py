"""Whether other services answer is told for each, with what to do."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from launch.lookups import lookups_commands
from routing.city import City, load_city
from routing.lookups.ask import LookUps
from tests.conftest import ROOT


@pytest.fixture
def contoh() -> City:
    return load_city(ROOT / "cities" / "contoh")


def test_each_service_is_told(city: City, contoh: City) -> None:
    told = CliRunner().invoke(lookups_commands(LookUps(city.lookups, lambda name: "x"), city), ["check"])
    assert told.exit_code == 0 and told.output.count("tidak ditawarkan, ditandai contoh") == 3
    asking = LookUps(contoh.lookups, lambda name: "x")
    told = CliRunner().invoke(lookups_commands(asking, contoh), ["check"])
    assert told.exit_code == 2 and "layanan-pajak: tidak terjangkau" in told.output
    closed = LookUps(contoh.lookups, lambda name: "")
    told = CliRunner().invoke(lookups_commands(closed, contoh), ["check"])
    assert told.exit_code == 0 and "rahasia belum ada: PAJAK_TOKEN" in told.output
    none = replace(contoh, lookups={})
    assert "tidak punya lookups.yaml" in CliRunner().invoke(lookups_commands(closed, none), ["check"]).output
