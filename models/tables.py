"""Every table module, imported once, so that `Base.metadata` is whole (for migrations and for tests)."""

from __future__ import annotations

from models import accounts, api_keys, callers, calls, cases, city, gateways, notices, words
from models.base import Base

__all__ = ["Base", "accounts", "api_keys", "callers", "calls", "cases", "city", "gateways", "notices", "words"]
