"""Indonesian words made of a root and affixes: which words there are, and how a word comes apart.

`vocabulary/roots.txt` holds the roots, each with the affixes that it really takes, and spelled as dictionaries
spell them: é is the e of *meja*, a bare e that of *emas*; è and ë are said both ways, è mostly as é. From that
come the words of the vocabulary (`derived_words`) and, for a word that is met, its parts (`divide`): what spelling
hides, which e is meant and where two vowels part, is known as soon as the root is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_VOCABULARY = Path(__file__).parent / "vocabulary"
ROOTS_FILE = _VOCABULARY / "roots.txt"
_LISTS = ("base.txt", "names.txt")  # a word with a mark there is marked throughout
BOUNDARY = "+"
_MARKED = re.compile("[éèëê]")

# What each letter of roots.txt stands for: prefix, suffix. "N" is the nasal that melts into the root (me-, pe-);
# "n" the one of Jakarta's colloquial ("nyari", "ngambil").
AFFIXES: dict[str, tuple[tuple[str, str], ...]] = {
    "n": (("", "nya"),),
    "v": (("meN", ""), ("meN", "nya")),
    "d": (("di", ""), ("di", "nya")),
    "t": (("meN", ""), ("di", ""), ("meN", "nya"), ("di", "nya")),
    "k": (("meN", "kan"), ("di", "kan"), ("", "kan"), ("meN", "kannya"), ("di", "kannya")),
    "i": (("meN", "i"), ("di", "i"), ("", "i"), ("meN", "inya"), ("di", "inya")),
    "m": (("memper", ""), ("diper", ""), ("memper", "nya")),
    "M": (("memper", "kan"), ("diper", "kan"), ("memper", "kannya")),
    "I": (("memper", "i"), ("diper", "i")),
    "b": (("ber", ""),),
    "B": (("ber", "an"),),
    "K": (("ber", "kan"),),
    "r": (("ter", ""),),
    "R": (("ter", "kan"),),
    "j": (("ter", "i"),),
    "e": (("ke", "an"), ("ke", "annya")),
    "p": (("peN", "an"), ("peN", "annya")),
    "u": (("per", "an"), ("per", "annya")),
    "g": (("peN", ""), ("peN", "nya")),
    "w": (("pe", ""), ("pe", "nya")),
    "a": (("", "an"), ("", "annya")),
    "s": (("se", ""),),
    "S": (("se", "nya"),),
    "c": (("", "in"), ("di", "in"), ("n", "in")),
    "C": (("n", ""),),
    "l": (("", "lah"), ("", "kah")),
    "o": (("", "ku"), ("", "mu")),
    "y": (("ke", ""),),
}
BOUND = "*"  # the root alone is no word
KEEPS = "z"  # a loan whose first letter may also stay: "mengkonsumsi" beside "mengonsumsi"

_VOWEL = re.compile("[aiueoéèëê]")
_ONE_SYLLABLE = re.compile("[^aiueoéèëê]*[aiueoéèëê][^aiueoéèëê]*")
_MELTED = (("ng", "k"), ("m", "p"), ("ny", "s"), ("n", "t"))
_SUFFIXES = ("kannya", "annya", "inya", "nya", "kan", "an", "i", "lah", "kah", "pun", "ku", "mu", "in", "anku", "anmu")
# What a prefix looks like, the letter of the root that it has swallowed, and how the rest must go on
_PREFIXES = tuple(
    (prefix, melted, re.compile(rest))
    for prefix, melted, rest in (
        *((prefix, "", ".") for prefix in ("di", "ke", "se", "ber", "ter", "per")),
        *((prefix, "", "r|l|[^aiueo]er[^aiueo]") for prefix in ("be", "te", "pe")),
        *((f"{me}ng", "", "[aiueoghk]") for me in ("me", "pe", "")),
        *((f"{me}m", "", "[bfvp]") for me in ("me", "pe")),
        *((f"{me}n", "", "[cdjzst]") for me in ("me", "pe")),
        *((me, "", "[lmnrwy]") for me in ("me", "pe")),
        *((f"{me}nge", "", "[^aiueo]+[aiueo][^aiueo]*$") for me in ("me", "pe")),
        *((f"{me}{nasal}", melted, "[aiueo]") for me in ("me", "pe", "") for nasal, melted in _MELTED),
        *(("ny", "c", "[aiueo]"), ("nge", "", "[^aiueo]"), ("pe", "", "[bdjgkt]")),
    )
)
_COLLOQUIAL = ("ng", "m", "ny", "n", "nge")  # these stand alone before a root
_DEEPEST = 3  # prefixes before a root, as in "ke-ber-lanjut-an", "di-per-tanggung-jawab-kan"


def plain(marked: str) -> str:
    """The word as it is written: without marks and boundaries."""
    return unicodedata.normalize("NFKD", marked.replace(BOUNDARY, "")).encode("ascii", "ignore").decode()


@cache
def _entries() -> tuple[tuple[str, str], ...]:
    """(marked root, letters of AFFIXES) for every root of the file, in its order."""
    found = []
    for number, line in enumerate(ROOTS_FILE.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            root, _, letters = line.strip().partition("/")
            if unknown := set(letters) - {*AFFIXES, BOUND, KEEPS}:
                raise ValueError(f"{ROOTS_FILE.name}, line {number}: no affixes are called {''.join(sorted(unknown))}")
            found.append((root, letters))
    return tuple(found)


@cache
def roots() -> dict[str, str]:
    """Every root as it is written -> as it is marked. Unmarked, its e's are all those of *emas*."""
    return {plain(root): root for root, _ in _entries()}


@cache
def _marked_words() -> dict[str, str]:
    """Marked words of the lists, which take no part in others."""
    text = "".join((_VOCABULARY / name).read_text(encoding="utf-8") for name in _LISTS)
    words = (word for line in text.splitlines() if not line.startswith("#") for word in line.split())
    return {plain(word): word for word in words if _MARKED.search(word) and word.isalpha()}


@cache
def derived_words() -> tuple[str, ...]:
    """Every word that the roots make, each once."""
    words: dict[str, None] = {}
    for root, letters in _entries():
        for word in derive(plain(root), letters):
            words[word] = None
    return tuple(words)


def derive(root: str, letters: str) -> Iterator[str]:
    """The words that a root makes with the affixes of these letters ("rumah", "na": rumah, rumahnya, rumahan)."""
    if BOUND not in letters:
        yield root
    for letter in letters:
        for prefix, suffix in AFFIXES.get(letter, ()):
            yield from (begun + suffix for begun in _begin(prefix, root, keeps=KEEPS in letters))


def _begin(prefix: str, root: str, *, keeps: bool) -> Iterator[str]:
    """A root with a prefix before it, in every form in use."""
    if prefix in ("ber", "ter"):
        short = root.startswith("r") or (prefix == "ber" and re.match("[^aiueo]+er[^aiueo]", root))
        yield (prefix[:-1] if short else prefix) + root
    elif prefix == "n":
        yield colloquial(root)
    elif prefix.endswith("N"):
        yield nasal(prefix[:-1], root)
        if keeps:
            yield nasal(prefix[:-1], root, keeps=True)
    else:
        yield prefix + root


def nasal(prefix: str, root: str, *, keeps: bool = False) -> str:
    """*me* or *pe* before a root: the nasal fits the root's first sound, and takes the place of k, p, s and t."""
    if _ONE_SYLLABLE.fullmatch(root):
        return f"{prefix}nge{root}"
    first, cluster = root[0], not _VOWEL.match(root[1])
    if first in "aiueogh" or (first == "k" and (cluster or keeps)):
        return f"{prefix}ng{root}"
    if first in "bfv" or (first == "p" and (cluster or keeps)):
        return f"{prefix}m{root}"
    if first in "cdjz" or (first in "st" and (cluster or keeps)):
        return f"{prefix}n{root}"
    melted = {"k": "ng", "p": "m", "s": "ny", "t": "n"}
    return prefix + melted[first] + root[1:] if first in melted else prefix + root


def colloquial(root: str) -> str:
    """Jakarta's active form: *nyari*, *nulis*, *ngambil*, *ngebuang*."""
    melted = {"k": "ng", "p": "m", "s": "ny", "c": "ny", "t": "n"}
    if root[0] in "aiueo":
        return f"ng{root}"
    if root[0] in melted and _VOWEL.match(root[1]) and not _ONE_SYLLABLE.fullmatch(root):
        return melted[root[0]] + root[1:]
    return f"nge{root}"


@cache
def divide(word: str) -> str | None:
    """A word with its marks and the boundaries of its parts, "mêm+béda+kan"; None if no root is found in it.

    Of several ways the one with the fewest affixes is taken, and then the longest root.
    """
    if known := roots().get(word) or _marked_words().get(word):
        return known
    ways = [
        (affixes + bool(suffix), -len(root), marked + (BOUNDARY + suffix if suffix else ""))
        for stem, suffix in _without_suffix(word)
        for affixes, root, marked in _without_prefixes(stem, _DEEPEST)
        if not (suffix.startswith("an") and marked.startswith(("mê", "di+")))  # "mem-beda-kan", not "mem-bedak-an"
    ]
    return min(ways)[2] if ways else None


def _without_suffix(word: str) -> Iterator[tuple[str, str]]:
    yield word, ""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) > len(suffix) + 1:
            yield word[: -len(suffix)], re.sub("^(k?an|i)(?=nya|ku|mu)", rf"\1{BOUNDARY}", suffix)


def _without_prefixes(stem: str, deepest: int) -> Iterator[tuple[int, str, str]]:
    """(number of prefixes, root, marked) for every way to find a root at the end of a stem."""
    if stem in roots():
        yield 0, stem, roots()[stem]
    if not deepest:
        return
    for prefix, melted, rest in _PREFIXES:
        if stem.startswith(prefix) and len(stem) > len(prefix) + 1 and rest.match(stem, len(prefix)):
            more = 0 if prefix in _COLLOQUIAL else deepest - 1
            if prefix in _COLLOQUIAL and deepest < _DEEPEST:
                continue
            for affixes, root, marked in _without_prefixes(melted + stem[len(prefix) :], more):
                if not melted or marked[1:2] != BOUNDARY:
                    yield affixes + 1, root, f"{prefix.replace('e', 'ê')}{BOUNDARY}{marked[len(melted) :]}"
