"""What an utterance asks of the line, by the functions that every step uses: to measure them by. Pure."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ivr import understand
from ivr.intents import CERTAIN, guess

COMMANDS = ("repeat", "back", "cancel", "help", "operator", "slower", "faster", "wait")
WISHES = {"report": "report", "status": "status", "information": "info", "operator": "operator"}
INTENTS = (*COMMANDS, "yes", "no", "report", "status", "info", "digits")
COLUMNS = ("text", "intent", "value")
# What may be said around a number when nothing but the number is told.
_OF_A_NUMBER = frozenset(["nomor", "nomer", "nomornya", "laporan", "aduan", "tiket", "saya", "itu", "ini"])


class BadCommands(Exception):
    """A file of commands cannot be read; says what to mend."""


@dataclass(frozen=True)
class Request:
    """One of `INTENTS` (empty: not understood), and the number that was said, as digits."""

    intent: str
    value: str = ""


@dataclass(frozen=True)
class Command:
    """A sentence and what it asks for."""

    text: str
    wanted: Request


def request(text: str, digits: Callable[[str], str]) -> Request:
    """What is asked for. `digits`: words -> the digits that they name.

    Lists come first; the trained model speaks where they say nothing, or where it is as good as certain.
    """
    listed = _listed(text, digits)
    if listed.value or listed.intent == "digits":
        return listed
    guessed = guess(text)
    if guessed.intent and (guessed.score >= CERTAIN or not listed.intent):
        return Request(guessed.intent, digits(text) if guessed.intent == "status" else "")
    return listed


def _listed(text: str, digits: Callable[[str], str]) -> Request:
    number, wish = digits(text), understand.wish(text)
    command = understand.means(text, *COMMANDS)
    if command and wish != "status":
        return Request(command)
    answer = understand.means(text, "yes", "no")
    if answer and not wish:
        return Request(answer)
    if number and _only_a_number(text, digits):
        return Request("digits", number)
    intent = WISHES.get(wish or "", "")
    if number and intent in ("", "report"):
        intent = "status"
    return Request(intent, number if intent == "status" else "")


def _only_a_number(text: str, digits: Callable[[str], str]) -> bool:
    words = [word for word in understand.tidy(text).split() if word not in _OF_A_NUMBER]
    return all(word.isdigit() or digits(word) or word in understand.NUMBER_WORDS for word in words)


def read_commands(path: Path) -> list[Command]:
    """A table with the columns text, intent and value.

    Raises:
        BadCommands: naming the file, the line and what to mend.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadCommands(f"{path}: cannot be read ({error})") from error
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise BadCommands(f"{path}: needs the columns {', '.join(COLUMNS)}, and a line below them")
    for number, row in enumerate(rows, 2):
        if row["intent"] not in INTENTS:
            raise BadCommands(f"{path}, line {number}: intent {row['intent']!r} is none of {', '.join(INTENTS)}")
    return [Command(row["text"], Request(row["intent"], row["value"] or "")) for row in rows]


def share_right(found: Iterable[tuple[Command, Request]]) -> float:
    """Share of the commands of which both intent and value are right, 0..1; 0 for none."""
    right = [command.wanted == got for command, got in found]
    return sum(right) / len(right) if right else 0.0
