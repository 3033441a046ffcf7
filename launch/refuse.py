"""A command that cannot be done says why in a line, and ends with 2."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

import click

from routing.evaluate import UnreadableReports
from routing.sentences import CannotTrain

REFUSED = 2

T = TypeVar("T")


def or_refuse(ask: Callable[[], T]) -> T:
    """What `ask` gives, or the end when it says that a file cannot be used."""
    try:
        return ask()
    except (CannotTrain, UnreadableReports) as error:
        refuse(str(error))


def refuse(message: str) -> NoReturn:
    """End with the message on stderr."""
    click.echo(message, err=True)
    raise SystemExit(REFUSED)
