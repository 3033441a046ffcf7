"""What a route takes and gives, written beside it: the OpenAPI document is made of this."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Described:
    """One operation.

    Attributes:
        answer: what comes back with status 200; `many`: a list of them.
        query, form: what is asked with; None: nothing.
        keyed: an API key is needed.
        errors: statuses with which it may refuse.
    """

    summary: str
    answer: type[BaseModel]
    many: bool = True
    query: type[BaseModel] | None = None
    form: type[BaseModel] | None = None
    keyed: bool = False
    errors: tuple[int, ...] = (400, 404, 429)


def described(what: Described) -> Callable[[View], View]:
    """Mark a view function. Nothing else of it changes."""

    def mark(view: View) -> View:
        view.__described__ = what  # type: ignore[attr-defined]
        return view

    return mark


def description_of(view: Callable[..., Any]) -> Described | None:
    """What a view was marked with, through all decorators that keep `__wrapped__` or its attributes."""
    found = getattr(view, "__described__", None)
    return found if isinstance(found, Described) else None
