"""`script/open311-check` on a served interface: it agrees with a schema that holds, and says where another does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import Engine

from launch.open311_check import main
from models.crypto import Vault
from routing.city import City
from tests.routing.conftest import contoh
from tests.routing.gateways.systems import serve
from tests.routing.open311.conftest import empty_store, make_app, sqlite

__all__ = ["contoh", "empty_store", "sqlite"]


@pytest.mark.parametrize(("needed", "status"), [("service_code", 0), ("entah", 1)])
def test_a_schema_that_does_not_hold_is_noticed(
    sqlite: Engine,
    contoh: City,
    vault: Vault,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    needed: str,
    status: int,
) -> None:
    item = {"required": [needed], "properties": {"service_code": {"type": "string"}}}
    for name, schema in {
        "service.json": item,
        "services.json": {"type": "array", "items": {"$ref": "service.json"}},
        "service-definition.json": {"required": ["service_code", "attributes"]},
        "requests.json": {"type": "array"},
    }.items():
        (tmp_path / name).write_text(json.dumps(schema))
    with serve(make_app(sqlite, contoh, vault)) as remote:
        assert main([str(tmp_path), remote.url]) == status
    assert ("hold" if status == 0 else "services: 0: 'entah' is a required property") in capsys.readouterr().out
