"""Indonesian spelling to sounds: our own rules, with every reading that a caller may use.

Spelling tells nearly all. What it hides is which *e* is meant (`e` of *meja*, `@` of *emas*), whether two
vowels are said as one, and whether an *h* is heard at all. So a word gets several readings, likeliest first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from string import ascii_lowercase

from num2words import num2words

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

_DIGRAPHS = {
    **{"ng": ["ng"], "ny": ["ny"], "sy": ["sy"], "sh": ["sy"], "kh": ["kh"], "ph": ["f"], "dh": ["d"], "th": ["t"]},
    **{"bh": ["b"], "gh": ["g"], "ck": ["k"], "dj": ["j"], "tj": ["c"], "oe": ["u"], "ee": ["e"], "oo": ["u"]},
    **{"x": ["k", "s"], "q": ["k"], "v": ["f"]},
}
_GLIDES = {"ai": "ay", "au": "aw", "oi": "oy", "ei": "ey"}
_PREFIX = re.compile(r"(?:(?:di)?(?:meny|meng|mem|men|me|ber|be|ter|te|peny|peng|pem|pen|per|pe|ke|se)+)(?=.{4})")
_SUFFIX = r"(?:nya|lah|kah|ku|mu|i)?$"

Reading = tuple[str, ...]
_Choice = list[tuple[int, list[str]]]  # ways to say one piece of a word, each with its doubt, 0 the likeliest


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
    word = "".join(words_of(word))
    if word in SAID:
        return [tuple(reading.split()) for reading in SAID[word].split(" / ")][:limit]
    if not word:
        return []
    read = _rank(list(_choices(word)), limit)
    if word not in SPELLED_OUT and re.search("[aiueoy]", word):
        return read
    spelled = tuple("".join(LETTERS[letter] for letter in word))
    return [spelled, *read][:limit] if re.search("[aiueo]", word) else [spelled]


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


def _choices(word: str) -> Iterator[_Choice]:
    prefix = _PREFIX.match(word)
    end_of_prefix = prefix.end() if prefix else 0
    at = 0
    while at < len(word):
        piece, choice = _piece(word, at, at < end_of_prefix)
        yield choice
        at += len(piece)


def _piece(word: str, at: int, in_prefix: bool) -> tuple[str, _Choice]:
    """The next letters that belong together, and the ways to say them."""
    letter, two, rest = word[at], word[at : at + 2], word[at + 1 :]
    if two in _GLIDES and at:
        return two, _glide(word, at)
    if two == "aa":
        return two, [(0, ["a", "k", "a"]), (1, ["a"])]
    if two in ("nc", "nj"):  # the n leans on what follows: "kencang", "panjang"
        return "n", [(0, ["ny"]), (1, ["n"])]
    if two in _DIGRAPHS:
        return two, [(0, _DIGRAPHS[two])]
    if letter in _DIGRAPHS:
        return letter, [(0, _DIGRAPHS[letter])]
    if letter == "y" and not re.match("[aiueo]", rest):
        return letter, [(0, ["i"])]
    if letter == "e":
        return letter, _e(word, at, in_prefix)
    if letter == "h":
        return letter, _h(word, at)
    return letter, [(0, [letter])]


def _glide(word: str, at: int) -> _Choice:
    """*ai* and *au*: one sound at the end of a root ("pakai", "pulau"), two inside ("lain", "laut")."""
    two = word[at : at + 2]
    if two in ("oi", "ei") and at + 2 < len(word):
        return [(0, list(two))]
    if word[at + 2 :] == "kan":  # "abai-kan" or "baik-an"
        return [(0, list(two)), (1, [_GLIDES[two]])]
    if re.match(_SUFFIX, word[at + 2 :]):
        return [(0, [_GLIDES[two]]), (2, list(two))]
    return [(0, list(two)), (2, [_GLIDES[two]])]


def _e(word: str, at: int, in_prefix: bool) -> _Choice:
    """Taling where a word ends, beside a vowel, or in a last closed syllable; else pepet; the other one in doubt."""
    before, rest = word[:at], word[at + 1 :]
    if in_prefix:
        return [(0, ["@"])]
    if not rest:
        return [(0, ["e"]), (3, ["@"])]
    beside_vowel = rest[0] in "aiuo" or before[-1:] in tuple("aiuo")
    last_closed = bool(re.search("[aiueo]", before)) and not re.search("[aiueo]", rest)
    return [(0, ["e"]), (1, ["@"])] if beside_vowel or last_closed else [(0, ["@"]), (1, ["e"])]


def _h(word: str, at: int) -> _Choice:
    """An *h* is often lost between two different vowels ("tahu", "lihat") and at the end of a word ("sudah")."""
    before, after = word[at - 1 : at] if at else "", word[at + 1 : at + 2]
    between = before in tuple("aiueo") and after in tuple("aiueo") and before != after
    last = not after and before in tuple("aiueo") and len(word) > 3
    return [(0, ["h"]), (1, [])] if between or last else [(0, ["h"])]
