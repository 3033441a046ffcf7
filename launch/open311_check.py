"""`script/open311-check`: a running Open311 server against published JSON schemas, and its XML against its JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
from defusedxml.ElementTree import fromstring
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

WAIT_S = 20
KINDS = {"json": "application/json", "xml": "text/xml"}


def main(arguments: list[str]) -> int:
    """0 when all holds, 1 when something does not: each difference is a line."""
    parser = argparse.ArgumentParser(prog="script/open311-check", description=__doc__)
    parser.add_argument("schemas", type=Path, help="the folder schema/georeport-v2")
    parser.add_argument("url", help="of the server, without a slash at its end")
    told = parser.parse_args(arguments)
    found, count = [], 0
    for what, schema in _documents(told.url):
        count += 1
        found += [f"{what}: {fault}" for fault in _faults(told.schemas, told.url, what, schema)]
    print("\n".join(found) or f"{count} documents hold, in JSON and in XML.")
    return 1 if found else 0


def _documents(url: str) -> Iterator[tuple[str, str]]:
    yield "services", "services.json"
    for service in _get(url, "services", "json").json():
        yield f"services/{service['service_code']}", "service-definition.json"
    yield "requests", "requests.json"
    for case in _get(url, "requests", "json").json()[:20]:
        yield f"requests/{case['service_request_id']}", "requests.json"


def _get(url: str, what: str, form: str) -> requests.Response:
    return requests.get(f"{url}/{what}.{form}", timeout=WAIT_S)


def _faults(schemas: Path, url: str, what: str, schema: str) -> Iterator[str]:
    as_json, as_xml = _get(url, what, "json"), _get(url, what, "xml")
    for form, answer in (("json", as_json), ("xml", as_xml)):
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code != 200 or not kind.startswith(KINDS[form]) or "charset=utf-8" not in kind:
            yield f"{form}: status {answer.status_code}, {kind}"
            return
    for error in _validator(schemas, schema).iter_errors(as_json.json()):
        yield f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
    if _flat(as_json.json()) != _flat_xml(fromstring(as_xml.content)):
        yield "XML and JSON do not say the same"


def _validator(folder: Path, name: str) -> Draft4Validator:
    read = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    known = [(other, Resource.from_contents(content, DRAFT4)) for other, content in read.items()]
    return Draft4Validator(read[name], registry=Registry().with_resources(known), format_checker=FormatChecker())


def _flat(content: Any) -> list[str]:
    """All texts in their order, as XML writes them."""
    if isinstance(content, dict):
        return [text for value in content.values() for text in _flat(value)]
    if isinstance(content, list):
        return [text for value in content for text in _flat(value)]
    if content in (None, ""):
        return []
    return [str(content).lower() if isinstance(content, bool) else " ".join(str(content).split())]


def _flat_xml(element: Any) -> list[str]:
    if len(element):
        return [text for child in element for text in _flat_xml(child)]
    return [" ".join(element.text.split())] if element.text and element.text.strip() else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
