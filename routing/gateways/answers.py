"""What another Open311 server answers, in JSON or XML, as plain lists of texts. Pure.

Servers differ: lists stand bare or under a name, numbers come as numbers, empty fields as null or as empty elements.
"""

from __future__ import annotations

import json
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

ITEMS = ("request", "request_update", "service", "error")
LONGEST = 4000  # letters of one field


class Unreadable(Exception):
    """Neither JSON nor XML, or not a list of things."""


def items(body: bytes) -> list[dict[str, str]]:
    """Each thing of the list, its filled fields only.

    Raises:
        Unreadable: when there is no list in it.
    """
    text = body.lstrip(b"\xef\xbb\xbf \r\n\t")
    return _from_xml(text) if text.startswith(b"<") else _from_json(text)


def _from_json(text: bytes) -> list[dict[str, str]]:
    try:
        found: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise Unreadable("not JSON") from None
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, list)), [found])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable("no list of things")
    return [{name: _text(value) for name, value in one.items() if _text(value)} for one in found]


def _from_xml(text: bytes) -> list[dict[str, str]]:
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise Unreadable("not XML") from None
    return [
        {field.tag: field.text.strip()[:LONGEST] for field in one if field.text and field.text.strip()}
        for one in root
        if one.tag in ITEMS
    ]


def _text(value: Any) -> str:
    """Of a text or a number; anything else is no field of ours."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()[:LONGEST]
