"""Reading everything that a folder holds into the store, and telling what was found."""

from __future__ import annotations

import csv
import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tqdm import tqdm

from speech.pronounce import PHONES, words_of
from speech.recognize import RATE
from speech.training.corpora.indspeech import news_lexicon, read_indspeech
from speech.training.corpora.manifest import MANIFEST_FILE, SOUND_FILE, Manifest, Split, Utterance, write_table
from speech.training.corpora.recording import Recording, Skipped, UnreadableSound, samples_of
from speech.training.corpora.tables import read_calls, read_common_voice, read_fleurs
from speech.training.labels import LEXICON_FILE

RESERVED = Path(__file__).resolve().parents[1] / "reserved.csv"
SOURCES_FILE = "sources.txt"  # what the store was made of
_EXPECTED = """No speech corpus found in {folder}. Any of these may lie there or one folder below:
  data_indsp_digit_cdsr, data_indsp_teldialog_svcsr, data_indsp_news_tts   github.com/s-sakti, CC BY-NC-SA 4.0
  Common Voice: .../id/validated.tsv with clips/                            commonvoice.mozilla.org, CC0
  FLEURS: .../id_id/*.tsv with audio/*.tar.gz                               CC BY 4.0
  calls/transcripts.tsv (file, speaker, text) with WAV files                your own, corrected by operators"""
_DEV_SPEAKERS = 16  # one of so many tunes, and trains nothing
_DEV_NEWS = 50  # one of so many sentences does: it is one voice
_STRANGE = re.compile(r"[^\w\s.,;:!?'\"()/&%$+=@*\u2010-\u2026\u00ad-]")


class CorporaError(Exception):
    """The folder holds nothing to train on."""


class Report:
    """Counts of what was skipped or changed."""

    def __init__(self) -> None:
        self.skipped: Counter[tuple[str, str]] = Counter()
        self.changed: Counter[tuple[str, str]] = Counter()

    def lines(self, utterances: tuple[Utterance, ...]) -> Iterator[str]:
        yield f"{'corpus':14}{'split':7}{'utterances':>11}{'hours':>8}{'speakers':>10}{'women':>7}{'men':>6}"
        for corpus, split in sorted({(u.corpus, u.split) for u in utterances}):
            of = [u for u in utterances if (u.corpus, u.split) == (corpus, split)]
            hours = sum(u.length for u in of) / RATE / 3600
            people = {u.speaker: u.group for u in of}
            groups = Counter(people.values())
            yield (f"{corpus:14}{split:7}{len(of):11}{hours:8.2f}{len(people):10}{groups['woman']:7}{groups['man']:6}")
        for title, counts in (("skipped", self.skipped), ("converted", self.changed)):
            for (corpus, reason), count in sorted(counts.items()):
                yield f"{title}: {count} of {corpus}: {reason}"


def prepare(folder: Path, work: Path, report: Callable[[str], object] = print) -> Manifest:
    """Read all corpora of a folder into `work`; what was prepared before is used as it is.

    Raises:
        CorporaError: if the folder does not exist or holds no corpus; says what may lie there.
        LeakError: if a speaker would be trained and tested on.
    """
    if not folder.is_dir():
        raise CorporaError(f"{folder}: no such folder")
    work.mkdir(parents=True, exist_ok=True)
    found = _fingerprint(folder)
    kept = work / SOURCES_FILE
    told = Report()
    if kept.is_file() and kept.read_text() == found and (work / MANIFEST_FILE).is_file():
        read: Iterable[Utterance] = Manifest.load(work).utterances
    else:
        read = _read_all(folder, work, told)
    speakers, sentences = _reserved()
    utterances = [_split(u, speakers, sentences) for u in read]
    if not utterances:
        raise CorporaError(_EXPECTED.format(folder=folder))
    write_table(work / MANIFEST_FILE, utterances)
    _write_lexicon(folder, work / LEXICON_FILE)
    kept.write_text(found)
    manifest = Manifest.load(work)
    manifest.check_leaks()
    for line in told.lines(manifest.utterances):
        report(line)
    return manifest


def _read_all(folder: Path, work: Path, told: Report) -> Iterator[Utterance]:
    at = 0
    seen: set[str] = set()
    with (work / SOUND_FILE).open("wb") as store:
        for found in tqdm(_recordings(folder), unit=" recordings", mininterval=2, desc="reading"):
            if isinstance(found, Skipped):
                told.skipped[found.corpus, found.reason] += 1
                continue
            problem = _problem(found, seen)
            if problem:
                told.skipped[found.corpus, problem] += 1
                continue
            try:
                samples, changes = samples_of(found.content)
            except UnreadableSound:
                told.skipped[found.corpus, "unreadable sound"] += 1
                continue
            for change in changes:
                told.changed[found.corpus, change] += 1
            seen.add(found.id)
            store.write(samples.tobytes())
            text = " ".join(words_of(found.text))
            yield Utterance(found.id, found.corpus, found.speaker, found.group, text, "train", at, len(samples))
            at += len(samples)


def _recordings(folder: Path) -> Iterator[Recording | Skipped]:
    for reader in (read_indspeech, read_common_voice, read_fleurs, read_calls):
        yield from reader(folder)


def _problem(recording: Recording, seen: set[str]) -> str:
    """Why a recording cannot be used, or ""."""
    if not words_of(recording.text):
        return "empty transcript"
    plain = unicodedata.normalize("NFKD", recording.text)
    if _STRANGE.search("".join(letter for letter in plain if not unicodedata.combining(letter))):
        return "unknown characters"
    if any(letter.isalpha() and letter.lower() not in "abcdefghijklmnopqrstuvwxyz" for letter in plain):
        return "unknown characters"
    return "told twice" if recording.id in seen else ""


def _reserved() -> tuple[frozenset[str], frozenset[str]]:
    """Speakers and utterances (of news) that nothing is trained or tuned on."""
    with RESERVED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    speakers = frozenset(row["id"] for row in rows if row["kind"] == "speaker")
    return speakers, frozenset(f"news/{row['id']}" for row in rows if row["kind"] == "utterance")


def _one_of(parts: int, name: str) -> bool:
    """True for one of so many names, always the same ones."""
    return int(hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(), 16) % parts == 0


def _split(utterance: Utterance, speakers: frozenset[str], utterances: frozenset[str]) -> Utterance:
    split: Split = "train"
    if utterance.corpus == "news":
        if utterance.id in utterances:
            split = "test"
        elif _one_of(_DEV_NEWS, utterance.id):
            split = "dev"
    elif utterance.speaker in speakers:
        split = "test"
    elif _one_of(_DEV_SPEAKERS, f"dev{utterance.speaker or utterance.id}"):
        split = "dev"
    return replace(utterance, split=split)


def _fingerprint(folder: Path) -> str:
    """What lies in the folder: names, sizes and times, two levels deep (corpora are folders of large files)."""
    places = [*folder.iterdir(), *(inner for child in folder.iterdir() if child.is_dir() for inner in child.iterdir())]
    lines = (f"{p.relative_to(folder)} {p.stat().st_size} {int(p.stat().st_mtime)}" for p in sorted(places))
    return hashlib.sha256("\n".join([str(folder.resolve()), *lines]).encode()).hexdigest() + "\n"


def _write_lexicon(folder: Path, path: Path) -> None:
    rows = {word: phones for word, phones in news_lexicon(folder).items() if phones and set(phones) <= set(PHONES)}
    path.write_text("".join(f"{word}\t{' '.join(phones)}\n" for word, phones in sorted(rows.items())), encoding="utf-8")
