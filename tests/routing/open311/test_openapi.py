"""The OpenAPI document is one, and tells of every route; every route asks for a key or is public by name."""

from __future__ import annotations

import json

import pytest
from openapi_spec_validator import validate

from launch.keys import keys_commands
from routing.open311.described import description_of
from tests.routing.open311.conftest import Interface

PUBLIC = {
    *("open311.discovery", "open311.service_list", "open311.service_definition", "open311.request_list"),
    *("open311.one_request", "open311.token_of", "open311.update_list", "open311.document"),
    "open311.nothing_here",  # answers 404 to everything
}
UNDESCRIBED = {"open311.document", "open311.nothing_here"}


def test_the_document_is_openapi_and_tells_of_every_route(interface: Interface) -> None:
    document = interface.get("openapi.json").json
    validate(document)
    told = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    ours = {rule.endpoint for rule in interface.app.url_map.iter_rules()} - UNDESCRIBED
    assert told == {endpoint.replace(".", "_") for endpoint in ours}
    schema = document["paths"]["/open311/v2/requests.{form}"]
    assert set(schema) == {"get", "post"}
    assert "4000" in json.dumps(schema["post"]["requestBody"])


def test_every_route_is_public_by_name_or_asks_for_a_key(interface: Interface) -> None:
    for rule in interface.app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        assert rule.methods == {"POST", "OPTIONS"}, rule.endpoint
        address = rule.rule.replace("<any(json, xml):form>", "json")
        assert interface.client.post(address).status_code == 403, rule.endpoint
        what = description_of(interface.app.view_functions[rule.endpoint])
        assert what is not None
        assert what.keyed


def test_keys_are_made_listed_and_taken_back_by_command(interface: Interface) -> None:
    runner = interface.app.test_cli_runner()
    command = keys_commands(interface.keys, interface.city)
    made = runner.invoke(command, ["add", "Dinas Perhubungan", "--scope", "answer:dishub", "--scope", "report"])
    key = made.stdout.strip().splitlines()[-1]
    assert interface.post("requests.json", key, service_code="pju", address_string="x").status_code == 200
    listed = runner.invoke(command, ["list"]).stdout
    assert "Dinas Perhubungan  answer:dishub report" in listed
    assert key not in listed
    assert runner.invoke(command, ["revoke", "Dinas Perhubungan"]).exit_code == 0
    assert interface.post("requests.json", key, service_code="pju", address_string="x").status_code == 403
    assert "dicabut" in runner.invoke(command, ["list"]).stdout


@pytest.mark.parametrize("arguments", [["add", "X"], ["add", "X", "--scope", "semua"], ["revoke", "X"]])
def test_a_wrong_command_ends_with_2(interface: Interface, arguments: list[str]) -> None:
    assert (
        interface.app.test_cli_runner().invoke(keys_commands(interface.keys, interface.city), arguments).exit_code == 2
    )
