"""`cities/NAME/gateways.yaml`: which agency gets its cases into which system of its own. Optional.

    dishub: {way: open311, url: "https://lapor.dishub.example/open311/v2", key: DISHUB_KEY, jurisdiction: dishub}
    dlh:    {way: webhook, url: "https://dlh.example/laporan", secret: DLH_SECRET}
    pupr:   {way: email, to: laporan@pupr.example}

What is secret does not stand there: `key` and `secret` name variables of the environment that hold it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from routing.city_files import CityDataError, yaml_of

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,60}")
# Fields of each way: those that must be there, then those that may.
FIELDS = {
    "inbox": ((), ()),
    "email": (("to",), ()),
    "webhook": (("url", "secret"), ("private",)),
    "open311": (("url", "key"), ("jurisdiction", "format", "services", "private")),
}


@dataclass(frozen=True)
class Reach:
    """How one agency is reached.

    Attributes:
        secret: name of the variable that holds the key or the secret.
        private: the system stands in a private network or on this machine; then http without TLS is allowed, too.
    """

    way: str
    url: str = ""
    secret: str = ""
    jurisdiction: str = ""
    form: str = "xml"
    services: dict[str, str] = field(default_factory=dict)
    to: str = ""
    private: bool = False


def read_gateways(path: Path, agencies: Collection[str], categories: Collection[str]) -> dict[str, Reach]:
    """Agency codes with how each is reached; those in the inbox of the console are left out.

    Raises:
        CityDataError: naming the file, the agency and what to mend.
    """
    found = {}
    for agency, told in yaml_of(path, required=False).items():
        where = f"{path}: {agency}"
        if agency not in agencies:
            raise CityDataError(f"{where} is not in agencies.csv")
        reach = _reach(where, told, categories)
        if reach.way != "inbox":
            found[str(agency)] = reach
    return found


def _reach(where: str, told: Any, categories: Collection[str]) -> Reach:
    if not isinstance(told, dict) or told.get("way") not in FIELDS:
        raise CityDataError(f"{where} needs a way: one of {', '.join(FIELDS)}")
    needed, allowed = FIELDS[told["way"]]
    for name in needed:
        if not isinstance(told.get(name), str) or not told[name]:
            raise CityDataError(f"{where} needs {name}")
    unknown = set(told) - {"way", *needed, *allowed}
    if unknown:
        raise CityDataError(f"{where} has {', '.join(sorted(map(str, unknown)))}, which {told['way']} does not know")
    reach = Reach(
        way=told["way"],
        url=str(told.get("url", "")).rstrip("/"),
        secret=str(told.get("key") or told.get("secret") or ""),
        jurisdiction=str(told.get("jurisdiction") or ""),
        form=str(told.get("format") or "xml"),
        services={str(ours): str(theirs) for ours, theirs in (told.get("services") or {}).items()},
        to=str(told.get("to") or ""),
        private=told.get("private") is True,
    )
    _check(where, reach, categories)
    return reach


def _check(where: str, reach: Reach, categories: Collection[str]) -> None:
    if reach.secret and not VARIABLE.fullmatch(reach.secret):
        raise CityDataError(f"{where}: key and secret name a variable of the environment, such as DISHUB_KEY")
    parts = urlsplit(reach.url)
    if reach.url and (parts.scheme not in (("https", "http") if reach.private else ("https",)) or not parts.hostname):
        raise CityDataError(f"{where}: url must begin with https:// (http:// only together with private: true)")
    if parts.username or parts.query or parts.fragment:
        raise CityDataError(f"{where}: url must hold no password, and nothing after ? or #")
    if reach.form not in ("xml", "json"):
        raise CityDataError(f"{where}: format must be xml or json")
    if reach.to and not re.fullmatch(r"[^@\s]+@[^@\s]+", reach.to):
        raise CityDataError(f"{where}: to must be an address such as laporan@dinas.example")
    for code in reach.services:
        if code not in categories:
            raise CityDataError(f"{where}: services: {code!r} is not a category of categories.csv")
