"""Answers as JSON and as XML, from one and the same plain data. Pure.

By the Spark convention that Open311 follows: JSON is the list itself; XML names the list and each of its items.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET  # writes only; what comes from others is read by defusedxml

TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
# A list's name, and that of each of its items. Clients look for these very names.
ITEMS = {
    "services": "service",
    "attributes": "attribute",
    "values": "value",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
# What XML 1.0 cannot hold, even escaped; NUL is refused by PostgreSQL as well.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def written(root: str, content: Any, form: str) -> bytes:
    """`content` (dicts, lists, texts, numbers, truth, None) as bytes in `form`: json or xml."""
    if form == "json":
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    element = ET.Element(root)
    _fill(element, content)
    body: str = ET.tostring(element, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}'.encode()


def _fill(element: ET.Element, content: Any) -> None:
    if isinstance(content, Mapping):
        for name, value in content.items():
            _fill(ET.SubElement(element, name), value)
    elif isinstance(content, Sequence) and not isinstance(content, str):
        for item in content:
            _fill(ET.SubElement(element, ITEMS[element.tag]), item)
    elif isinstance(content, bool):
        element.text = "true" if content else "false"
    elif content is not None:
        element.text = UNPRINTABLE.sub("", str(content))
