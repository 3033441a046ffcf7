"""Which *e* is meant in a word whose root nobody told us: names, loans, words of a city.

An e is taling (é, "meja") or pepet (ê, "emas"). The rules are ours; `python -m speech.training.lexicons` tells how
often they agree with the open lexicons. They never are sure of a root's e: è (taling likelier), ë (pepet likelier).
"""

from __future__ import annotations

import re

_V = "[aiueo]"
_PREFIXES = re.compile(
    "(?:(?:di|ke|se)?(?:memper|diper|keber|keter|meny|meng|mem(?=[aiueobpfv])|men(?=[aiueocdjzst])|me(?=[lmnrwy])"
    "|ber|ter|per|peny|peng|pem(?=[aiueobpfv])|pen(?=[aiueocdjzst]))|ke|se)"
    f"(?=[^aiueo]*{_V}[^aiueo]*{_V})"  # what is left has two syllables at least
)
_SUFFIXES = re.compile("(?:(?:kan|an|i)?nya|kan|an|lah|kah)$")
_ROOT = re.compile("[^aiueo]*[aiueo][^aiueo]*[aiueo]")

# Sounds and endings that Indonesian has only in loans; there an e is taling more often than not.
_LOAN = re.compile(
    "[fvxqz]|^[bdgkpt]r|^[bgkpfs]l|^s[kpqt]|^s[mnw]|^ps|[aiueo](?:ks|kt|pt|gn|gm|dr|tr|gr)|e[aiou]|io|iu"
    "|(?:[aei]nsi|[st]asi|[aiu]si|isme?|ist|itas|ti[fk]|si[fk]|[iaou]ka?l|logi|grafi|metri|[tds]or|ra[lt]|[iu]m|gen|nomi|krasi"
    "|[rnl]ik|[rnl]ika|[dt]ur|ment?|us)$"
)
_OPEN_PEPET = re.compile("(?:sm|[oiu]d|as|od|ud|us|it|ut|yp|ip|lt|rs|ny|um|am|on|al|iv|ol|in|is|id|iz|ist|ekst|im)e$")
_NATIVE_START = re.compile("e(?:m[bp]|m[aiu]|n[tcj]|ng|nam|ny|rat|ram|rang|lang|las|lus|jek|jan)")


def mark(word: str) -> str:
    """A word with é, è, ë or ê for each e, and "+" where its affixes seem to end.

    >>> mark("mengekspor")
    'mêng+èkspor'
    """
    prefix = _PREFIXES.match(word)
    begun = prefix[0] if prefix else ""
    rest = word[len(begun) :]
    suffix = _SUFFIXES.search(rest)
    ended = suffix[0] if suffix and _ROOT.match(rest[: suffix.start()]) else ""
    root = rest[: len(rest) - len(ended)]
    # A nasal prefix has swallowed the first sound of most roots ("meny-ebut" is of "sebut"): that e is not initial.
    whole = "t" + root if begun.endswith(("m", "n", "ng", "ny")) and root[0] == "e" else root
    marks = [_which(whole, at) if letter == "e" else letter for at, letter in enumerate(whole)]
    marked = "".join(marks[len(whole) - len(root) :])
    ended = re.sub("^(kan|an|i)(?=nya)", r"\1+", ended)
    return "+".join(part for part in (begun.replace("e", "ê"), marked, ended) if part)


def _which(root: str, at: int) -> str:
    """The mark of the e at this place of a root."""
    before, rest = root[:at], root[at + 1 :]
    vowels = len(re.findall(_V, root))
    if not rest:
        return "ë" if vowels > 1 and _OPEN_PEPET.search(root) else "è"
    if rest[0] in "aiuo" or before[-1:] in tuple("aiuo") or vowels == 1:
        return "è"
    if not re.search(_V, rest):
        return _closed(root, rest, vowels)
    if not before:
        return "ë" if _NATIVE_START.match(root) else "è"
    if re.match("ra(?:si|tif|tor|l|n|tur)", rest) and re.search(_V, before):
        return "ë"  # "operasi", "jenderal"
    if vowels == 2 and re.match("[^aiueo]+[eo]", rest):
        return "è"  # e and o like their own kind beside them: "besok", "lereng"
    return "è" if _LOAN.search(root) and (vowels > 2 or re.search("[fvxqz]|^..?r?[bdgkpt][rl]", root)) else "ë"


def _closed(root: str, rest: str, vowels: int) -> str:
    """In the last syllable, before consonants."""
    if rest == "r":
        taling = re.search("(?:[eé][^aiueo]+|i|ul|il|on|[ei]t)er$", root)
        return "è" if taling and not re.search("[^l]iter$", root) else "ë"
    if rest in ("m", "p") or root.endswith(("bel", "kel")):
        return "ë"
    return "è"
