"""Spelling for the voice: words that espeak-ng's Indonesian rules read wrongly, with their e's told apart.

Written Indonesian does not show which e is a schwa, and espeak-ng guesses ("tekan" as "tékan"). The table
`speech/respell.yaml` gives such words as dictionaries do: ê is the schwa of "kêlurahan", é the e of "Ciamis tempé".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

TABLE = Path(__file__).with_name("respell.yaml")

# Indonesian letters as espeak-ng's phonemes of the voice `id`; two-letter sounds first.
_SOUNDS = {
    "ng": "N", "ny": "n^", "sy": "S", "kh": "x", "ai": "aI", "au": "aU", "oi": "OI",
    "a": "a", "i": "i", "u": "u", "ê": "@", "é": "E", "o": "o",
    "b": "b", "c": "tS", "d": "d", "f": "f", "g": "g", "h": "h", "j": "dZ", "k": "k", "l": "l", "m": "m",
    "n": "n", "p": "p", "q": "k", "r": "R", "s": "s", "t": "t", "v": "f", "w": "w", "x": "ks", "y": "j", "z": "z",
    "'": "_|",
}  # fmt: skip
_VOWELS = {"a", "i", "u", "@", "E", "o", "aI", "aU", "OI"}
_SPLIT = re.compile("ng|ny|sy|kh|(?:ai|au|oi)$|.")
_WORD = re.compile(r"[^\W\d_]+")


class BadSpelling(Exception):
    """An entry of a respelling table cannot be spoken; the message names the word and what to write."""


def load_spellings(path: Path = TABLE) -> dict[str, str]:
    """The table: word (lower case) to what espeak-ng is given for it.

    Raises:
        BadSpelling: naming file, word and mistake.
    """
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, yaml.YAMLError) as error:
        raise BadSpelling(f"{path}: cannot be read as YAML; write lines such as 'tekan: têkan' ({error})") from error
    if not isinstance(table, dict):
        raise BadSpelling(f"{path}: write lines such as 'tekan: têkan'")
    return {str(word).lower(): spelling(str(word), str(value)) for word, value in table.items()}


def spelling(word: str, value: str) -> str:
    """What espeak-ng is given: phonemes for a value with ê or é, else the value itself (words or [[phonemes]]).

    Raises:
        BadSpelling: an e without a mark beside marked ones, or a letter that Indonesian does not have.
    """
    if not set(value) & {"ê", "é"}:
        return value
    if "e" in value:
        raise BadSpelling(f"{word}: mark every e of {value!r}: ê as in 'kêras', é as in 'béda'")
    return " ".join(f"[[{_phonemes(word, part)}]]" for part in value.lower().split())


def _phonemes(word: str, value: str) -> str:
    """Phonemes of one marked word. Stress is on the last vowel but one, or on the last where that is a schwa."""
    letters = _SPLIT.findall(value)
    unknown = [letter for letter in letters if letter not in _SOUNDS]
    if unknown:
        raise BadSpelling(f"{word}: {unknown[0]!r} is no sound of Indonesian; write a-z, ê, é and '")
    sounds = [_SOUNDS[letter] for letter in letters]
    vowels = [place for place, sound in enumerate(sounds) if sound in _VOWELS]
    if not vowels:
        raise BadSpelling(f"{word}: {value!r} has no vowel")
    stressed = vowels[-2] if len(vowels) > 1 and sounds[vowels[-2]] != "@" else vowels[-1]
    return "".join(("'" if place == stressed else "") + sound for place, sound in enumerate(sounds))


def fingerprint(spellings: Mapping[str, str]) -> str:
    """Eight hexadecimal digits that change with the table: sound kept from an older table is not used."""
    return hashlib.sha256(repr(sorted(spellings.items())).encode()).hexdigest()[:8]


def respell(text: str, spellings: Mapping[str, str]) -> str:
    """`text` on one line as espeak-ng should get it.

    Square brackets of the text itself go: espeak-ng takes what is in [[ ]] for phonemes.
    """
    plain = " ".join(text.replace("[", " ").replace("]", " ").split())
    return _WORD.sub(lambda match: spellings.get(match[0].lower(), match[0]), plain)
