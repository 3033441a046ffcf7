"""Indonesian spelling to sounds: our own rules, with every reading that a caller may use.

Spelling tells nearly all. What it hides is which *e* is meant (`e` of *meja*, `@` of *emas*), whether two
vowels are said as one, where a glottal stop parts them, and whether an *h* is heard at all. What is known of a
word's root (`speech.morphology`) settles most of that; for other words `speech.taling` guesses.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from string import ascii_lowercase

from num2words import num2words

from speech import taling
from speech.morphology import divide

_VOCABULARY = Path(__file__).parent / "vocabulary"
_PHONES = "a i u e @ o ay aw oy ey b c d f g h j k l m n p r s t w y z kh ng ny sy"
PHONES = tuple(_PHONES.split())
_LETTERS = "a be ce de e ef ge ha i je ka el em en o pe ki er es te u fe we eks ye zet"
LETTERS = dict(zip(ascii_lowercase, _LETTERS.split(), strict=True))  # the name of each, in phones
MOST_READINGS = 4  # of one word; more would make neighbours sound alike
DEAREST = 4  # readings that need more doubt than this are left out


def _lines(name: str) -> list[str]:
    lines = (_VOCABULARY / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


# What the rules cannot know: loans, everyday shortenings, words of which people use several forms.
SAID = {
    word.strip(): readings.strip() for word, _, readings in (line.partition("=") for line in _lines("exceptions.txt"))
}
SPELLED_OUT = frozenset(word for line in _lines("abbreviations.txt") for word in line.split())

GLOTTAL = "k"  # the model's sound for the stop between vowels, as for the end of "tidak"

Reading = tuple[str, ...]
_Choice = list[tuple[int, list[str]]]  # ways to say one piece of a word, each with its doubt, 0 the likeliest

_V = "[aiueoéèëê]"
# How the letters of a marked word are said: the first pattern that fits at a place decides. Ways are parted by "|",
# likeliest first; each costs a doubt more than the one before it, or what stands before it as a number.
_TABLE: tuple[tuple[str, str], ...] = (
    # Boundaries: a glottal stop after di-, ke-, se-, and between two of the same vowel
    (rf"(?:(?<=^di)|(?<=^[ks][eê])|(?<=\+di)|(?<=\+[ks][eê]))\+(?={_V})", "k|"),
    (r"(?<=(?P<v>[aiueo]))\+(?=(?P=v))", "k|"),
    (r"\+", ""),
    # Two vowels: one sound at the end of a root ("pakai", "pulau"), two inside ("lain", "laut")
    (r"(?<!^)ai(?=\+|$)", "ay|2 a i"),
    (r"(?<!^)au(?=\+|$)", "aw|2 a u"),
    (r"oi(?=\+|$)", "oy|o i"),
    (r"[eéèë]i(?=\+|$)", "ey|e i"),
    (r"(?<!^)ai", "a i|2 ay"),
    (r"(?<!^)au", "a u|2 aw"),
    (rf"(?<!^)ay(?!\+?{_V})", "ay"),
    (rf"(?<!^)aw(?!\+?{_V})", "aw"),
    (rf"(?<!^)oy(?!\+?{_V})", "oy"),
    (rf"[eéèëê]y(?!\+?{_V})", "ey"),
    ("aa", "a k a|a"),
    ("ii", "i k i|i"),
    ("(?<=k)oo", "o k o|u"),
    ("oo|o[eèë](?!f)", "u"),
    ("[éè][eéèë]", "e"),
    ("(?<=.)i[eéèë](?=[fkq]?$)", "i|i e"),  # names: "Habibie", "Arief"
    (r"[eèë]u(?=(?:ng|r|n|k|h|p|d|s|t|l|m)(?!m?$))(?!r[aio]|m$)", "@|e u"),  # Sundanese: "Cileungsi"
    # Consonants
    (r"n(?=\+?[cj])", "ny|n"),  # the n leans on what follows: "kencang"
    ("n(?=k(?!h))", "ng"),
    (r"ch(?=[^aiueoéèëêy]|$|[aou])", "kh|c|k"),
    ("ch", "c|kh"),
    ("ck", "k"),
    ("c(?=[ktsmn]|$)|(?<![a-zéèëê])c(?=[lr])", "k|c"),
    ("sy|(?<![a-zéèëê])sj", "sy"),
    ("(?<![a-zéèëê])ps", "s|p s"),
    ("sh", "sy|s"),
    *((letters, letters) for letters in ("ng", "ny", "kh")),
    *(("ph", "f"), ("dh", "d"), ("th", "t"), ("bh", "b"), ("gh", "g"), ("dj", "j"), ("tj", "c")),
    *(("q", "k"), ("v", "f"), ("x", "k s"), ("é", "e|2 @"), ("e", "@|2 e"), ("ê", "@"), ("è", "e|@"), ("ë", "@|e")),
    (f"y(?!{_V})", "i"),
    # An h is often lost between two different vowels ("tahu", "lihat") and at the end of a word ("sudah")
    (rf"(?<=(?P<v>[aiueoéè]))h(?!(?P=v))(?={_V})", "h|"),
    (r"(?<=\w\w[aiueoéèëê])h$", "h|"),
)


def _ways(text: str) -> _Choice:
    ways = []
    for number, way in enumerate(text.split("|")):
        cost, *phones = way.split() if way[:1].isdigit() else (str(number), *way.split())
        ways.append((int(cost), list(phones)))
    return ways


# One pattern of all of them; the group that matched tells which. A group "v" holds the vowel that must (not) repeat.
_RULE = re.compile(
    "|".join(
        f"(?P<rule{n}>{pattern.replace('(?P<v>', f'(?P<v{n}>').replace('(?P=v)', f'(?P=v{n})')})"
        for n, (pattern, _) in enumerate(_TABLE)
    )
)
_WAYS = {f"rule{n}": _ways(ways) for n, (_, ways) in enumerate(_TABLE)}


def words_of(text: str) -> list[str]:
    """The words of a text as a recogniser writes them: lower case, a-z only, numbers as words.

    Accents go, hyphens and apostrophes part or vanish: "Jum'at ke-2" is `jumat ke dua`.
    """
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    plain = re.sub(r"\d+", lambda n: f" {_number(n[0])} ", plain)
    return re.findall("[a-z]+", re.sub(r"['`]", "", plain))


def _number(digits: str) -> str:
    """A short number as a word, a long or zero-led one digit by digit, as both are said."""
    if len(digits) > 4 or (digits[0] == "0" and len(digits) > 1):
        return " ".join(str(num2words(int(d), lang="id")) for d in digits)
    return str(num2words(int(digits), lang="id"))


def pronunciations(word: str, limit: int = MOST_READINGS) -> list[Reading]:
    """Every way to read one word, likeliest first, at most `limit`; each a tuple of `PHONES`.

    A word without sounds (no letter a-z) has none.
    """
    return list(_pronunciations("".join(words_of(word)), limit))


@cache
def _pronunciations(word: str, limit: int) -> tuple[Reading, ...]:
    if word in SAID:
        return tuple(tuple(reading.split()) for reading in SAID[word].split(" / "))[:limit]
    if not re.search("[aiueoy]", word):
        return _spelled_out(word)[:limit]
    read = _rank(_choices(divide(word) or taling.mark(word)), limit)
    if word not in SPELLED_OUT:
        return tuple(read)
    return tuple(dict.fromkeys([*_spelled_out(word), *(read if re.search("[aiueo]", word) else ())]))[:limit]


def pronunciations_as_marked(spelling: str, limit: int = MOST_READINGS) -> list[Reading]:
    """Ways to read one word whose e's are told apart, as dictionaries do: é (or è) of "meja", ê of "emas".

    A spelling without such marks is read as any word is.
    """
    composed = unicodedata.normalize("NFC", spelling.lower())
    letters = "".join(sign for sign in composed if sign in f"{ascii_lowercase}éèê")
    if not re.search("[éèê]", letters):
        return pronunciations(letters, limit)
    return _rank(_choices(letters), limit)


def _spelled_out(word: str) -> tuple[Reading, ...]:
    """Letter by letter. Where the vowels of two names meet, most people part them: "DPR" is `d e p e k e r`."""
    if not word:
        return ()
    names = [LETTERS[letter] for letter in word]
    parted = names[0] + "".join(
        GLOTTAL + name if before[-1] in "aiueo" and name[0] in "aiueo" else name for before, name in pairwise(names)
    )
    return tuple(dict.fromkeys([tuple(parted), tuple("".join(names))]))


def _rank(choices: list[_Choice], limit: int) -> list[Reading]:
    """The likeliest combinations of the choices. Only the doubtful pieces multiply, and few of these."""
    doubtful = 0
    for n, choice in enumerate(choices):
        doubtful += len(choice) > 1
        if doubtful > 6:
            choices[n] = choice[:1]
    ranked: dict[Reading, int] = {}
    for combination in product(*choices):
        doubt = sum(cost for cost, _ in combination)
        phones = _merge([phone for _, piece in combination for phone in piece])
        ranked[phones] = min(doubt, ranked.get(phones, doubt))
    best = sorted(ranked, key=lambda phones: ranked[phones])
    return [phones for phones in best if ranked[phones] <= DEAREST][:limit]


def _merge(phones: list[str]) -> Reading:
    """Double consonants are said once."""
    return tuple(p for p, before in zip(phones, [None, *phones], strict=False) if p != before or p in "aiueo")


def _choices(marked: str) -> list[_Choice]:
    """The pieces of a marked word ("mêng+ambil"), each with the ways to say it."""
    choices, at = [], 0
    while at < len(marked):
        found = _RULE.match(marked, at)
        choices.append(_WAYS[str(found.lastgroup)] if found else [(0, [marked[at]])])
        at = found.end() if found else at + 1
    return choices
