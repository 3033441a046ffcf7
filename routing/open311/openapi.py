"""The OpenAPI document, made of the routes: what they were described with, and the classes that check them."""

from __future__ import annotations

import re
from typing import Any

from apispec import APISpec
from flask import Flask, current_app
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from routing.open311.described import Described, description_of
from routing.open311.shapes import Problem

VERSION = "2.0"  # of the interface: GeoReport v2
_REFERENCE = "#/components/schemas/{model}"
_CONVERTER = re.compile(r"<(?:any\(([^)]*)\):)?(?:\w+:)?(\w+)>")
_ERRORS = {
    400: "Something in the request is wrong",
    403: "The key is missing, revoked, or may not do this",
    404: "There is no such thing",
    413: "Too large",
    429: "Too many requests",
}


def document(base_url: str, city_name: str, app: Flask | None = None) -> dict[str, Any]:
    """OpenAPI 3.1 of all routes of the application that were described."""
    app = app or current_app
    found = [
        (rule, what)
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, sorted(rule.methods or ())))
        if (what := description_of(app.view_functions[rule.endpoint]))
    ]
    spec = APISpec(
        title=f"Suara Warga {city_name}",
        version=VERSION,
        openapi_version="3.1.0",
        info={"description": "Open311 GeoReport v2 with the updates extension."},
        servers=[{"url": base_url}],
    )
    spec.components.security_scheme("api_key", {"type": "apiKey", "in": "header", "name": "X-Api-Key"})
    answers = {what.answer for _, what in found} | {Problem}
    _, schemas = models_json_schema(
        [(model, "serialization") for model in sorted(answers, key=lambda model: model.__name__)],
        ref_template=_REFERENCE,
    )
    for name, schema in schemas["$defs"].items():
        spec.components.schema(name, schema)
    for rule, what in found:
        spec.path(_path(rule), operations={_method(rule): _operation(rule, what)})
    return spec.to_dict()


def _path(rule: Rule) -> str:
    return _CONVERTER.sub(lambda part: f"{{{part[2]}}}", rule.rule)


def _method(rule: Rule) -> str:
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"})).lower()


def _operation(rule: Rule, what: Described) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": rule.endpoint.replace(".", "_"),
        "summary": what.summary,
        "parameters": [*_in_path(rule), *(_in_query(what.query) if what.query else ())],
        "responses": {"200": _response(rule, _one_or_many(what), "Done")}
        | {str(code): _response(rule, _many(Problem), _ERRORS[code]) for code in what.errors},
    }
    if what.form:
        operation["requestBody"] = _body(what.form)
    if what.keyed:
        operation["security"] = [{"api_key": []}]
    return operation


def _in_path(rule: Rule) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"} | ({"enum": [one.strip() for one in choices.split(",")]} if choices else {}),
        }
        for choices, name in _CONVERTER.findall(rule.rule)
    ]


def _in_query(model: type[BaseModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema(mode="validation")
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "description": field.get("description", ""),
            # a list is sent as one text, comma between: its default, none, is no text
            "schema": {k: v for k, v in field.items() if k not in ("title", "description") and v != []},
        }
        for name, field in schema["properties"].items()
    ]


def _body(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(mode="validation")
    kinds = ("application/x-www-form-urlencoded", "multipart/form-data")
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}


def _response(rule: Rule, schema: dict[str, Any], told: str) -> dict[str, Any]:
    kinds = ["application/json", "text/xml"] if "form" in rule.arguments else ["application/json"]
    return {"description": told, "content": {kind: {"schema": schema} for kind in kinds}}


def _one_or_many(what: Described) -> dict[str, Any]:
    return _many(what.answer) if what.many else _one(what.answer)


def _one(model: type[BaseModel]) -> dict[str, Any]:
    return {"$ref": _REFERENCE.format(model=model.__name__)}


def _many(model: type[BaseModel]) -> dict[str, Any]:
    return {"type": "array", "items": _one(model)}
