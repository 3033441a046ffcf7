"""What an utterance means, from `words.yaml`: pure look-ups, no recogniser."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

DIGIT_WORDS = ("nol", "kosong", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
NUMBER_WORDS = (*DIGIT_WORDS, "sepuluh", "sebelas", "belas", "puluh", "ratus", "seratus")
LONGEST_COMMAND = 4  # words; in a longer utterance a command word is part of a story ("lampunya mati, tolong ...")


@cache
def _words() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text(encoding="utf-8"))
    return data


def tidy(text: str) -> str:
    """Lower case, letters and digits only, without what the recogniser marks as unknown."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower().replace("[unk]", " ")))


def without_fillers(text: str) -> str:
    """`text` without words that carry no wish; the text itself when nothing else was said."""
    kept = " ".join(w for w in tidy(text).split() if w not in _words()["fillers"])
    return kept or tidy(text)


def phrases(*intents: str) -> tuple[str, ...]:
    """All wordings of these intents: the grammar of a question."""
    return tuple(dict.fromkeys(p for intent in intents for p in _words()["intents"][intent]))


def means(text: str, *intents: str, whole: bool = False) -> str | None:
    """The first of `intents` that the utterance is, as a whole or (unless `whole`) as a short utterance's only wish."""
    said, bare = tidy(text), without_fillers(text)
    if not said:
        return None
    for intent in intents:
        wordings = _words()["intents"][intent]
        if said in wordings or bare in wordings:
            return intent
    if whole or len(bare.split()) > LONGEST_COMMAND:
        return None
    found = [
        (len(wording), -place, intent)
        for place, intent in enumerate(intents)
        for wording in _words()["intents"][intent]
        if f" {wording} " in f" {bare} "
    ]
    return max(found)[2] if found else None


def mentions(text: str, *intents: str) -> tuple[str, ...]:
    """Which of these intents a story holds, in wordings of two words and more: one word alone may be a thing's name."""
    said = f" {tidy(text)} "
    wordings = _words()["intents"]
    return tuple(i for i in intents if any(" " in w and f" {w} " in said for w in wordings[i]))


def wish(text: str) -> str | None:
    """What a caller wants at the main menu: report, status, information, operator."""
    said = f" {tidy(text)} "
    return next((w for w, wordings in _words()["wishes"].items() if any(f" {p} " in said for p in wordings)), None)


def wish_phrases() -> tuple[str, ...]:
    return tuple(dict.fromkeys(p for wordings in _words()["wishes"].values() for p in wordings))


@lru_cache(maxsize=512)
def certain(grammar: tuple[str, ...]) -> tuple[str, ...]:
    """Phrases of a grammar that are an answer as soon as they are heard.

    Nothing longer in the grammar begins so and means something else ("tidak" may become "tidak tahu"); and a "no" is
    never one, for what is right instead often follows it.
    """
    meanings = _meanings()
    ordered, sure = sorted(set(grammar)), []
    for place, phrase in enumerate(ordered):
        longer = takewhile(lambda other, start=phrase + " ": other.startswith(start), ordered[place + 1 :])  # type: ignore[misc]
        meant = meanings.get(phrase, phrase)
        if meant != "no" and all(meanings.get(other, other) == meant for other in longer):
            sure.append(phrase)
    return tuple(sure)


@cache
def _meanings() -> dict[str, str]:
    """The intent of each wording; the first one of those that share it."""
    return {p: intent for intent, wordings in reversed(_words()["intents"].items()) for p in wordings}


def correction(text: str) -> str | None:
    """What a caller wants to change of a report: category, place, report (all of it)."""
    said = f" {tidy(text)} "
    return next((c for c, wordings in _words()["corrections"].items() if any(f" {p} " in said for p in wordings)), None)


def correction_phrases() -> tuple[str, ...]:
    return tuple(p for wordings in _words()["corrections"].values() for p in wordings)


def letters_to_keys(name: str) -> str:
    """A name as typed on a telephone keypad: "Cipondoh" -> "24766364"."""
    groups = ("abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz")
    keys = {letter: digit for digit, letters in zip("23456789", groups, strict=True) for letter in letters}
    return "".join(keys[c] for c in re.sub(r"[^a-z]", "", name.lower()))


def all_phrases() -> tuple[str, ...]:
    """Every wording of every intent."""
    return phrases(*_words()["intents"])
