"""The sentences of the line: read once, checked, filled with what a call knows."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from ivr.effects import Say
from ivr.steps.base import WORDINGS
from speech import spoken

KEY_NAMES = ("satu", "dua", "tiga", "empat")
TICKET_GROUPS = (3, 3, 2)
FORMS = ("digits", "date", "number", "options", "text")  # what a slot may be filled as


class BadPrompts(Exception):
    """The prompt file lacks something; lists every mistake."""


class Prompts:
    """All prompts in all wordings.

    Args:
        files: the product's file first, then a city's overrides; missing overrides are skipped.

    Raises:
        BadPrompts: when a wording is unknown, empty, or a question lacks one.
    """

    def __init__(self, *files: Path) -> None:
        self._texts: dict[str, dict[str, str]] = {}
        for file in files:
            if file.is_file():
                data = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
                for name, wordings in data.items():
                    self._texts.setdefault(name, {}).update(wordings)
        problems = list(self._problems())
        if problems:
            raise BadPrompts("\n".join(problems))

    def _problems(self) -> Iterator[str]:
        for name, wordings in self._texts.items():
            unknown = set(wordings) - set(WORDINGS)
            if unknown:
                yield f"{name}: unknown wording {', '.join(sorted(unknown))}; there are {', '.join(WORDINGS)}"
            if "first" not in wordings or not all(str(text).strip() for text in wordings.values()):
                yield f"{name}: needs a wording 'first', and none may be empty"
            if len(wordings) > 1 and len(wordings) < len(WORDINGS):
                yield f"{name}: a question needs all of {', '.join(WORDINGS)}"

    def names(self) -> tuple[str, ...]:
        return tuple(self._texts)

    def wordings(self, name: str) -> dict[str, str]:
        return dict(self._texts[name])

    def text(self, say: Say, today: dt.date) -> str:
        """The sentence(s) that are spoken.

        Raises:
            KeyError: for a prompt or slot that does not exist (tests hold that none is used).
        """
        wordings = self._texts[say.prompt]
        template = wordings.get(say.wording) or wordings["first"]
        text = _Filler(self, today).vformat(template, (), say.slots)
        return " ".join(text.split())

    def fixed(self) -> Iterator[str]:
        """Every text that has no slot: rendered before the first call."""
        for wordings in self._texts.values():
            yield from (" ".join(text.split()) for text in wordings.values() if not _slots(text))


def _slots(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


class _Filler(string.Formatter):
    """Fills slots with words: {ticket:digits}, {due:date}, {count:number}, {options:options}, {said:text}."""

    def __init__(self, prompts: Prompts, today: dt.date) -> None:
        self._prompts = prompts
        self._today = today

    def format_field(self, value: Any, spec: str) -> str:
        if isinstance(value, Say):
            return self._prompts.text(value, self._today)
        match spec:
            case "digits":
                groups = TICKET_GROUPS if len(value) == sum(TICKET_GROUPS) else ()
                # Each group is a sentence of its own: a clear pause, and 1,100 clips serve every ticket.
                return (spoken.say_digits(value, groups) if groups else spoken.say_digits(value)).replace(", ", ". ")
            case "date":
                return spoken.say_date(dt.date.fromisoformat(value), self._today)
            case "number":
                return spoken.say_number(value)
            case "text":
                return spoken.say_text(value)
            case "options":
                return options(value)
            case _:
                return str(value)


def options(names: Sequence[str]) -> str:
    """ "Untuk lampu jalan, tekan satu. Untuk sampah, tekan dua." The option comes before its key."""
    return " ".join(f"Untuk {name}, tekan {key}." for name, key in zip(names, KEY_NAMES, strict=False))
