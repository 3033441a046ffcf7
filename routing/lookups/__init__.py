"""How something stands in another service (a tax bill, a permit, a proposal): asked of its owner, said in a sentence.

`cities/NAME/lookups.yaml` describes each service; nothing else has to be written to connect one:

    pbb:
      title: pajak bumi dan bangunan          # as it is offered
      number: nomor objek pajak               # what the caller is asked for
      digits: [18]                            # how many digits it may have
      questions: ["berapa pajak bumi dan bangunan saya"]
      url: "https://pajak.example/api/pbb/{number}"
      headers: {Authorization: PBB_TOKEN}     # name of the variable that holds the value, never the value
      fields:                                 # slots of the sentence: where in the JSON, and what it is
        amount: {path: data.total, kind: rupiah}
        due: {path: data.due, kind: date}
        state: {path: data.state, words: {L: lunas, B: belum dibayar}}
      says: "Pajaknya {amount}, jatuh tempo {due}, {state}."
      status: contoh                          # not offered until this line is gone

Nothing that is not understood is ever spoken: an answer without one of the fields, or with a word that is not in the
table, is "unreadable". A 404 is "missing"; whatever else goes wrong, or takes too long, is "away".
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date

from routing.city_files import CityDataError, yaml_of
from routing.reach import VARIABLE

KINDS = ("text", "number", "rupiah", "date")
NEEDED = ("title", "number", "digits", "url", "fields", "says")
KNOWN = frozenset({*NEEDED, "questions", "headers", "private", "timeout_s", "cache_s", "test_number", "status"})
MOST_DIGITS = 20
LONGEST_TEXT = 80  # letters of one field; more is no name of a state
LONGEST_WAIT_S = 8.0  # a caller waits in silence
PLAIN = re.compile(r"[^\w .,'/-]")  # what the voice cannot say, or would say as something else
SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Slot:
    """One thing that the owner tells. `words`: its values as they are spoken; empty: spoken as it is, by `kind`."""

    path: tuple[str, ...]
    kind: str = "text"
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class LookUp:
    """One service. `headers`: header -> name of the variable that holds its value."""

    code: str
    title: str
    number: str
    digits: tuple[int, ...]
    url: str
    slots: Mapping[str, Slot]
    says: str
    questions: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    private: bool = False
    timeout_s: float = 4.0
    cache_s: int = 600
    test_number: str = ""
    status: str = ""


# -- the city's data


def read_lookups(path: Path) -> dict[str, LookUp]:
    """The city's services by code, those marked "contoh" among them.

    Raises:
        CityDataError: naming the file, the service and what to mend.
    """
    found = {}
    for code, told in yaml_of(path, required=False).items():
        where = f"{path}: {code}"
        if not isinstance(told, dict) or set(told) - KNOWN or not all(told.get(name) for name in NEEDED):
            raise CityDataError(f"{where} needs {', '.join(NEEDED)}, and knows besides {', '.join(sorted(KNOWN))}")
        own = f"layanan-{code}"  # the conversation offers it beside categories and answers, which have codes, too
        found[own] = _read(own, told, where)
    return found


def _read(code: str, told: dict[str, Any], where: str) -> LookUp:
    digits = told["digits"] if isinstance(told["digits"], list) else [told["digits"]]
    if not all(type(count) is int and 0 < count <= MOST_DIGITS for count in digits):
        raise CityDataError(f"{where}: digits is how many a number has, 1 to {MOST_DIGITS}, such as [18]")
    private, parts = bool(told.get("private")), urlsplit(str(told["url"]))
    if not parts.hostname or parts.scheme not in (("https", "http") if private else ("https",)):
        raise CityDataError(f"{where}: url must begin with https:// (http:// only with private: true)")
    if "{number}" not in parts.path + "?" + parts.query or "{" in parts.netloc:
        raise CityDataError(f"{where}: url holds {{number}} behind the host's name")
    headers = {str(name): str(variable) for name, variable in (told.get("headers") or {}).items()}
    for variable in headers.values():
        if not VARIABLE.fullmatch(variable):
            raise CityDataError(f"{where}: headers name variables such as PBB_TOKEN, they do not hold the value itself")
    slots = {str(name): _slot(name, one, where) for name, one in told["fields"].items()}
    unknown = set(SLOT.findall(str(told["says"]))) - set(slots)
    if unknown:
        raise CityDataError(f"{where}: says uses {', '.join(sorted(unknown))}, which is not among fields")
    timeout = told.get("timeout_s", LookUp.timeout_s)
    if not isinstance(timeout, int | float) or not 0 < timeout <= LONGEST_WAIT_S:
        raise CityDataError(f"{where}: timeout_s is more than 0 and at most {LONGEST_WAIT_S:.0f}: a caller waits")
    if told.get("status", "") not in ("", "contoh"):
        raise CityDataError(f"{where}: status is contoh, or is not there")
    return LookUp(
        code=code,
        title=str(told["title"]),
        number=str(told["number"]),
        digits=tuple(sorted(digits)),
        url=str(told["url"]),
        slots=slots,
        says=str(told["says"]),
        questions=tuple(str(question) for question in told.get("questions") or ()),
        headers=headers,
        private=private,
        timeout_s=float(timeout),
        cache_s=int(told.get("cache_s", LookUp.cache_s)),
        test_number=str(told.get("test_number") or ""),
        status=str(told.get("status") or ""),
    )


def _slot(name: object, told: Any, where: str) -> Slot:
    kind = told.get("kind", "text") if isinstance(told, dict) else ""
    if kind not in KINDS or not told.get("path"):
        raise CityDataError(f"{where}: field {name} needs a path, and a kind of {', '.join(KINDS)}")
    words = {str(key): str(word) for key, word in (told.get("words") or {}).items()}
    return Slot(tuple(str(told["path"]).split(".")), kind, words)


# -- pure: an answer as a sentence


def sentence(service: LookUp, body: bytes) -> str | None:
    """What the owner's JSON says; None when any of it is not understood."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    said = {name: _said(slot, _at(told, slot.path)) for name, slot in service.slots.items()}
    if any(said[name] is None for name in SLOT.findall(service.says)):
        return None
    return " ".join(SLOT.sub(lambda slot: str(said[slot.group(1)]), service.says).split())


def _at(told: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        if isinstance(told, list) and name.isdigit() and int(name) < len(told):
            told = told[int(name)]
        elif isinstance(told, dict):
            told = told.get(name)
        else:
            return None
    return told


def _said(slot: Slot, value: Any) -> str | None:
    if isinstance(value, bool):
        value = "true" if value else "false"
    if not isinstance(value, str | int | float) or value == "":
        return None
    if slot.words:
        return slot.words.get(str(value))
    try:
        match slot.kind:
            case "date":
                return format_date(dt.date.fromisoformat(str(value)[:10]), "d MMMM y", locale="id")
            case "number":
                return f"{int(value)}"
            case "rupiah":
                return f"{int(float(value))} rupiah"
    except (ValueError, OverflowError):
        return None
    text = " ".join(PLAIN.sub(" ", str(value)).split())
    return text if 0 < len(text) <= LONGEST_TEXT else None
