"""How well our rules of pronunciation agree with the open lexicons of Indonesian.

    python -m speech.training.lexicons FOLDER

The lexicons are for measuring only: none of them is in the project, and no entry of theirs may be copied into it.
FOLDER is searched for the files named in `SOURCES`; their phones become ours (`speech.pronounce.PHONES`).
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path

from speech.pronounce import PHONES, Reading, pronunciations, words_of

Lexicon = dict[str, set[Reading]]
REPORT = Path("var/training/lexicons")
_IPA = {
    **{"ə": "@", "ɡ": "g", "ŋ": "ng", "ɲ": "ny", "x": "kh", "ʔ": "k", "j": "y", "v": "f"},
    **{"tʃ": "c", "dʒ": "j", "ʃ": "sy", "t͡ɕ": "c", "d͡ʑ": "j", "ɕ": "sy"},
}
_INDSP = {"E2": "@"}
_TWO_VOWELS = {"ay": ("a", "i"), "aw": ("a", "u"), "oy": ("o", "i"), "ey": ("e", "i")}


@dataclass(frozen=True)
class Source:
    """A lexicon: how its file is called, how its lines part, and what its phones do not tell apart."""

    name: str
    file: str
    licence: str
    phones: Mapping[str, str]
    narrow: bool  # whether it tells "ay" from "a i", and writes the n of "kencang" as it is said


SOURCES = (
    Source("INDspeech news_tts", "word_phoneme.lex", "CC BY-NC-SA 4.0", _INDSP, narrow=True),
    Source("bookbot g2p_id", "lexicon_id.tsv", "Apache-2.0", _IPA, narrow=False),
    Source("MFA indonesian_cv", "indonesian_cv.dict", "CC-0", _IPA, narrow=False),  # writes every e as @
)


@dataclass
class Agreement:
    """Of `words` words, how many have a reading of ours that is one of the lexicon's."""

    words: int = 0
    first: int = 0
    any: int = 0
    first_one_e: int = 0  # if the two e's were one
    any_one_e: int = 0
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))  # kind of fault -> words


def read(path: Path, source: Source, known: Callable[[str], bool] = lambda word: True) -> Lexicon:
    """The lexicon in our phones. Words of several parts, of letters other than a-z or with foreign phones are left out.

    Raises:
        OSError, UnicodeDecodeError: if the file cannot be read.
    """
    lexicon: Lexicon = defaultdict(set)
    for line in path.read_text(encoding="utf-8").splitlines():
        written, _, sounds = line.strip().partition("\t")
        word = written.strip(".,?!:;\"'").lower()
        phones = tuple(source.phones.get(p, p.lower() if p.isascii() else p) for p in sounds.split() if p != "-")
        if word.isascii() and word.isalpha() and known(word) and phones and set(phones) <= set(PHONES):
            lexicon[word].add(phones)
    return dict(lexicon)


def agreement(lexicon: Lexicon, *, narrow: bool) -> Agreement:
    """Compare our readings with a lexicon's. A phone said twice counts once on both sides."""
    result = Agreement()
    for word, theirs in sorted(lexicon.items()):
        ours = [_plain(reading, narrow=narrow) for reading in pronunciations(word)]
        right = {_plain(reading, narrow=narrow) for reading in theirs}
        if not ours:
            continue
        result.words += 1
        result.first += ours[0] in right
        result.any += not right.isdisjoint(ours)
        one_e = {_one_e(reading) for reading in right}
        result.first_one_e += _one_e(ours[0]) in one_e
        result.any_one_e += any(_one_e(reading) in one_e for reading in ours)
        if ours[0] not in right:
            nearest = max(right, key=lambda reading: SequenceMatcher(None, ours[0], reading).ratio())
            found = "" if right.isdisjoint(ours) else "  (known)"
            result.wrong[fault(ours[0], nearest)].append(
                f"{word}: {' '.join(ours[0])}, theirs {' '.join(nearest)}{found}"
            )
    return result


def fault(ours: Reading, theirs: Reading) -> str:
    """The kind of a difference: "@ for e" where we say @ and the lexicon e."""
    changes = SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes()
    kinds = {
        f"{' '.join(ours[a:b]) or 'nothing'} for {' '.join(theirs[c:d]) or 'nothing'}"
        for change, a, b, c, d in changes
        if change != "equal"
    }
    return ", ".join(sorted(kinds))


def _plain(reading: Reading, *, narrow: bool) -> Reading:
    phones = reading
    if not narrow:
        phones = tuple(p for phone in reading for p in _TWO_VOWELS.get(phone, (phone,)))
        phones = tuple("n" if p == "ny" and after in ("c", "j") else p for p, after in zip_longest(phones, phones[1:]))
    return tuple(p for p, before in zip(phones, (None, *phones), strict=False) if p != before or p in "aiueo")


def _one_e(reading: Reading) -> Reading:
    return tuple("e" if phone == "@" else phone for phone in reading)


def unreserved_words(transcript: Path, reserved: Path) -> Callable[[str], bool]:
    """Tells whether a word may be looked at: those that only reserved sentences hold stay unseen.

    Args:
        transcript: INDspeech's `norm_transcript`: an utterance, TAB, its words.
        reserved: table of corpus, kind, id.
    """
    rows = (line.split(",") for line in reserved.read_text(encoding="utf-8").splitlines())
    kept_apart = {row[2] for row in rows if row[1] == "utterance"}
    seen: dict[bool, set[str]] = {True: set(), False: set()}
    for line in transcript.read_text(encoding="utf-8").splitlines():
        utterance, _, text = line.partition("\t")
        seen[utterance in kept_apart].update(words_of(text))
    only_reserved = seen[True] - seen[False]
    return lambda word: word not in only_reserved


def measure(folder: Path, report: Path = REPORT) -> Iterator[str]:
    """A line of figures for every lexicon found in the folder; the words that we say otherwise go to `report`."""
    report.mkdir(parents=True, exist_ok=True)
    reserved = Path(__file__).with_name("reserved.csv")
    yield f"{'lexicon':20} {'words':>6} {'first':>7} {'any':>7} {'first, one e':>13} {'any, one e':>11}"
    for source in SOURCES:
        path = next(iter(sorted(folder.rglob(source.file))), None)
        if path is None:
            yield f"{source.name:20} not found: put {source.file} ({source.licence}) into {folder}"
            continue
        transcript = path.parent.parent / "text" / "norm_transcript"
        may_see = transcript.is_file() and reserved.is_file()
        lexicon = read(path, source, unreserved_words(transcript, reserved) if may_see else lambda word: True)
        result = agreement(lexicon, narrow=source.narrow)
        _write_wrong(report / f"{path.stem}.txt", result.wrong)
        shares = (result.first, result.any, result.first_one_e, result.any_one_e)
        first, anyone, first_e, any_e = (f"{100 * n / max(result.words, 1):.1f} %" for n in shares)
        yield f"{source.name:20} {result.words:6} {first:>7} {anyone:>7} {first_e:>13} {any_e:>11}"


def _write_wrong(path: Path, wrong: Mapping[str, Iterable[str]]) -> None:
    kinds = sorted(((kind, list(words)) for kind, words in wrong.items()), key=lambda item: -len(item[1]))
    text = "".join(f"{len(words)} x {kind}\n" + "".join(f"    {word}\n" for word in words) for kind, words in kinds)
    path.write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m speech.training.lexicons", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="folder that holds the open lexicons")
    try:
        for line in measure(parser.parse_args().folder):
            print(line)
    except (OSError, UnicodeDecodeError) as error:
        print(f"speech.training.lexicons: {error}", file=sys.stderr)
        return 1
    print(f"Words that we say otherwise: {REPORT}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
