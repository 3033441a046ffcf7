"""Keys of other systems: how they are made, what they may do, and how one that is shown is looked up.

A key is shown once, when it is made; the store holds its hash. What has no scope for something may not do it.
"""

from __future__ import annotations

import hashlib
import re
import secrets

from models.api_keys import ApiKey
from models.store.api_keys import ApiKeyStore

REPORT = "report"  # open cases
UPDATE = "update"  # add to the cases that this key itself has opened
ANSWER = "answer:"  # and an agency's code: act for this agency on its cases
PREFIX = "sw_"  # so that a key is known for one wherever it turns up
KEY = re.compile(r"sw_[A-Za-z0-9_\-]{43}")
BYTES = 32  # 256 random bits: nothing that is guessed, so one round of SHA-256 is enough


class BadScope(Exception):
    """No such scope; the message says which there are."""


def make(store: ApiKeyStore, name: str, scopes: tuple[str, ...], agencies: frozenset[str]) -> str:
    """A new key, which nobody can show again.

    Raises:
        BadScope: when a scope is unknown, names no agency of the city, or when there is none.
    """
    for scope in scopes:
        if scope not in (REPORT, UPDATE) and scope.removeprefix(ANSWER) not in agencies:
            raise BadScope(f"{scope!r} is no scope: there are {REPORT}, {UPDATE}, and {ANSWER}AGENCY")
    if not scopes:
        raise BadScope("a key without any scope may do nothing: give --scope")
    key = PREFIX + secrets.token_urlsafe(BYTES)
    store.add(name, hashed(key), tuple(dict.fromkeys(scopes)))
    return key


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def shown(store: ApiKeyStore, key: str) -> ApiKey | None:
    """Whose key this is; None for anything else."""
    return store.find(hashed(key)) if KEY.fullmatch(key) else None


def may(key: ApiKey, scope: str) -> bool:
    return scope in key.scopes


def answers_for(key: ApiKey) -> frozenset[str]:
    """Codes of the agencies for which this key may act."""
    return frozenset(str(scope).removeprefix(ANSWER) for scope in key.scopes if str(scope).startswith(ANSWER))
