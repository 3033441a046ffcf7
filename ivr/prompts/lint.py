"""Is a prompt fit to be heard once, by telephone, by somebody old? Every rule with what to do about it. Pure.

The rules follow W3C's note on cognitive accessibility of voice systems and 36 CFR 1194.23: the option before its key,
four options at most, 0 for a person alone, one question at a time, short sentences, plain words.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from ivr.prompts import FORMS, Prompts
from speech.clips import sentences
from speech.spoken import spell_abbreviations

LONGEST_SENTENCE = 16  # words; what is heard once must be remembered
MOST_OPTIONS = 4
KEYS = "satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|nol|pagar|bintang"
_JARGON = "input error submit valid validasi verifikasi registrasi respon eskalasi sesi timeout operator"
JARGON = frozenset(_JARGON.split())
SPELT = frozenset({"KTP"})  # said letter by letter, and everybody knows it so
_OPTION = re.compile(rf"(?:Untuk|untuk|Kalau)[^.]*?tekan ({KEYS})")
_KEY = re.compile(r"\btekan (?!tombol)")
_DIGIT = re.compile(r"tekan (satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|nol)")


def faults(prompts: Prompts) -> Iterator[str]:
    """What is wrong with these prompts: "menu, first: ..." each."""
    for name in prompts.names():
        wordings = prompts.wordings(name)
        for kind, text in wordings.items():
            yield from (f"{name}, {kind}: {fault}" for fault in _faults(kind, text))
        if len(wordings) > 1:
            yield from (f"{name}: {fault}" for fault in _question_faults(wordings))


def _faults(kind: str, text: str) -> Iterator[str]:
    for sentence in sentences(text):
        if (count := len(sentence.split())) > LONGEST_SENTENCE:
            yield f"{count} words in one sentence, {LONGEST_SENTENCE} at most: {sentence}"
    if (count := len(_DIGIT.findall(text))) > MOST_OPTIONS:
        yield f"{count} options, {MOST_OPTIONS} at most"
    if len(_OPTION.findall(text)) != len(_KEY.findall(text)):
        yield 'a key without its option before it: "Untuk melapor, tekan satu."'
    if any("petugas" not in option for option in re.findall(r"([^.]*)tekan nol", text)):
        yield "0 is for a person only"
    if kind != "slow" and text.count("?") > 1:
        yield "more than one question"
    for word in re.findall(r"\b[A-Z]{2,}\b", spell_abbreviations(text)):
        if word not in SPELT:
            yield f"{word} is read wrongly: write it as it is said"
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in JARGON:
            yield f"{word} is jargon"
    for _, slot, form, _ in string.Formatter().parse(text):
        if form not in (None, "", *FORMS):
            yield f"{{{slot}:{form}}} is none of {', '.join(FORMS)}"


def _question_faults(wordings: dict[str, str]) -> Iterator[str]:
    """A question can be answered by keys and by words alike."""
    everything = " ".join(wordings.values()).lower()
    if not any(word in wordings["keys"].lower() for word in ("tekan", "ketik")):
        yield "its keys are not told in the wording for keys"
    if "tekan" in everything and not any(word in everything for word in ("katakan", "sebutkan", "ceritakan", "bicara")):
        yield "every key needs a word: say what can be said"
