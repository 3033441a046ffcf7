"""Building the model directory, and building it only when something changed."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from speech.graph.hmm import Hmm
from speech.graph.lexicon import Entry, LexiconFst
from speech.graph.ngram import KneserNey
from speech.graph.openfst import GraphError, OpenFst
from speech.graph.seal import write_seal
from speech.graph.text import CORPUS, VOCABULARY, base_words, training_sentences, vocabulary_of
from speech.pronounce import MOST_READINGS, PHONES, Reading, pronunciations
from speech.recognize import UNKNOWN

# Cost of every phone of [unk], in nats. Measured on the development speakers over a simulated line (script/accuracy
# --split dev): at 1.5, 2 and 3 the dialogue's word error was 8.4, 2.9 and 3.3 %, and of words that the grammar does
# not hold 0.0, 1.7 and 12.1 % were accepted (58 single words).
UNKNOWN_PHONE_COST = 2.0
RARER_COST = 1.0  # of each further reading of a word, in nats: decides between words that share a reading
# Of every word of free speech, in nats. On the development speakers 0 and 2 give word errors of 29.8 and 28.5 % (news)
# and of 9.5 and 8.8 % (reports).
WORD_COST = 2.0
VERSION_FILE = "version.txt"
_VERSION_DIGITS = 12  # hexadecimal, of the hash in the directory's name
_MODEL_FILES = ("am/final.mdl", "am/phones.txt", "conf/mfcc.conf", "conf/model.conf")
_MAY_BE_THERE = ("conf/confidence.json",)
_SHARE_ENDINGS = ("fstcompile hcl.txt", "fstconnect", "fstencode --encode_labels - codes > encoded.fst")
_SORT = (
    "fstdeterminize encoded.fst",
    "fstminimize",
    "fstencode --decode - codes",
    "fstarcsort --sort_type=olabel > hcl.fst",
)
_LOOK_AHEAD = "fstconvert --fst_type=olabel_lookahead --save_relabel_opairs=relabel hcl.fst HCLr.fst"
_GRAMMAR = ("fstcompile g.txt", "fstarcsort --sort_type=ilabel", "fstconvert --fst_type=const > Gr.fst")
Readings = Mapping[str, Sequence[Reading]]  # a word's own ways to be said, likeliest first


@dataclass(frozen=True)
class GraphReport:
    """What was built. `unreadable` are words without any sound that the model has; they were left out."""

    path: Path
    words: int
    readings: int
    sentences: int
    unreadable: tuple[str, ...]
    seconds: float


def build_graph(
    model_dir: Path, out: Path, words: Iterable[str], sentences: Iterable[str], fst_plugins: Path | None = None,
    readings: Readings | None = None,
) -> GraphReport:  # fmt: skip
    """Write a complete Vosk model directory.

    Args:
        model_dir: acoustic model, with `am/` and `conf/`.
        out: the new directory; must not exist or be empty.
        words: words and phrases of a city, such as names of streets and categories.
        sentences: further sentences of a city; may hold the slots {tempat}, {angka}, {jumlah}.
        fst_plugins: folder of OpenFst's plug-ins; found by itself where Debian's packages are installed.
        readings: how words are said that their spelling does not tell; the usual readings count as rarer ones.

    Raises:
        GraphError: if the model is incomplete or OpenFst is missing; says what to do.
    """
    began = time.monotonic()
    _check_model(model_dir)
    openfst = OpenFst(fst_plugins)
    text = training_sentences(words, sentences)
    vocabulary = vocabulary_of(base_words(), text)
    phones = (model_dir / "am" / "phones.txt").read_text().split()
    said = {word: _readings(word, readings or {}) for word in vocabulary}
    entries = [(word, reading, RARER_COST * n) for word in vocabulary for n, reading in enumerate(said[word])]
    known = {word for word, _, _ in entries}
    text = [[word for word in sentence if word in known] for sentence in text]
    out.mkdir(parents=True, exist_ok=True)
    for part in ("am", "conf"):
        shutil.copytree(model_dir / part, out / part)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        _write_graph(Path(scratch), out / "graph", openfst, Hmm(phones), entries, text)
    write_seal(out)
    unreadable = tuple(word for word in vocabulary if word not in known)
    return GraphReport(out, len(known), len(entries), len(text), unreadable, time.monotonic() - began)


def _readings(word: str, own: Readings) -> list[Reading]:
    return list(dict.fromkeys([*own.get(word, ()), *pronunciations(word)]))[:MOST_READINGS]


def _check_model(model_dir: Path) -> None:
    for name in _MODEL_FILES:
        if not (model_dir / name).is_file():
            raise GraphError(f"{model_dir / name}: missing; restore the acoustic model from the repository")
    phones = (model_dir / "am" / "phones.txt").read_text().split()
    if not set(PHONES) <= set(phones):
        lacking = " ".join(sorted(set(PHONES) - set(phones)))
        raise GraphError(f"{model_dir / 'am/phones.txt'}: lacks the phones {lacking}, which speech/pronounce.py uses")


def _write_graph(
    scratch: Path, graph: Path, openfst: OpenFst, hmm: Hmm,
    entries: Sequence[Entry], text: Sequence[Sequence[str]],
) -> None:  # fmt: skip
    (graph / "phones").mkdir(parents=True)
    words = [*dict.fromkeys(word for word, _, _ in entries), UNKNOWN]
    word_ids = {word: n for n, word in enumerate(words, start=1)}
    LexiconFst(hmm, entries, word_ids, UNKNOWN_PHONE_COST).fst.write(scratch / "hcl.txt")
    openfst.run(*_SHARE_ENDINGS, folder=scratch)
    openfst.run(*_SORT, folder=scratch)
    openfst.run(_LOOK_AHEAD, folder=scratch)
    # Look-ahead numbers the words anew; Vosk's run-time grammars need words.txt and Gr.fst in the new numbers.
    pairs = (line.split() for line in (scratch / "relabel").read_text().splitlines())
    relabel = {int(old): int(new) for old, new in pairs}
    word_ids = {word: relabel[n] for word, n in word_ids.items()}
    # Free speech does without [unk]: it swallowed whole clauses whose words it knew. Without it the word errors of
    # development speakers fell from 37.2 to 28.5 % (news) and from 13.2 to 8.2 % (reports); grammars bring their own.
    model = KneserNey(text, [word for word in words if word != UNKNOWN])
    model.fst(word_ids, WORD_COST).write(scratch / "g.txt")
    openfst.run(*_GRAMMAR, folder=scratch)
    for name in ("HCLr.fst", "Gr.fst"):
        shutil.move(scratch / name, graph / name)
    table = "".join(f"{word} {n}\n" for word, n in sorted(word_ids.items(), key=lambda item: item[1]))
    (graph / "words.txt").write_text("<eps> 0\n" + table, encoding="utf-8")
    # There is nothing to disambiguate, but Vosk wants the file: one id past the last is harmless.
    (graph / "disambig_tid.int").write_text(f"{hmm.last_transition + 1}\n")
    (graph / "phones" / "word_boundary.int").write_text(hmm.word_boundaries())


def ensure_model(model_dir: Path, out: Path, words: Iterable[str], sentences: Iterable[str]) -> Path:
    """The model directory for these words: built if anything that it is made of changed, else as it is.

    `out` becomes a link to it. Safe to call from several processes at once.

    Returns:
        The directory itself, not the link: its content never changes.

    Raises:
        GraphError: if it cannot be built; what was there before stays in place.
    """
    with alone(out):
        target = build_version(model_dir, out, words, sentences)
        put_in_service(out, target)
    return target


def build_version(
    model_dir: Path, out: Path, words: Iterable[str], sentences: Iterable[str], readings: Readings | None = None
) -> Path:
    """A directory beside `out` for these words; built unless it is there. To be called while `alone(out)`.

    Raises:
        GraphError, OSError: if it cannot be built; nothing of it is left.
    """
    words, sentences = sorted(set(words)), sorted(set(sentences))
    _check_model(model_dir)
    target = out.parent / f"{out.name}-{_fingerprint(model_dir, words, sentences, readings or {})}"
    out.parent.mkdir(parents=True, exist_ok=True)
    if not (target / VERSION_FILE).is_file():
        _build_aside(model_dir, target, words, sentences, readings or {})
    return target


def put_in_service(out: Path, target: Path) -> None:
    """Make `out` a link to `target`, exchanged in one step. To be called while `alone(out)`.

    The directory before it is kept, so a process that is just loading it is not disturbed; older ones go.

    Raises:
        GraphError, OSError: if the link cannot be made; it is as it was.
    """
    before = out.resolve() if out.is_symlink() else None
    if before == target.resolve():
        return
    _point(out, target)
    for old in out.parent.glob(f"{out.name}-{'[0-9a-f]' * _VERSION_DIGITS}"):
        if old.resolve() not in (target.resolve(), before):
            shutil.rmtree(old, ignore_errors=True)


def known_words(model: Path) -> frozenset[str]:
    """All words of a built model; none when there is no such model."""
    try:
        rows = (model / "graph" / "words.txt").read_text(encoding="utf-8").splitlines()
    except OSError:
        return frozenset()
    return frozenset(row.split()[0] for row in rows if row) - {"<eps>", UNKNOWN}


def _build_aside(
    model_dir: Path, target: Path, words: Sequence[str], sentences: Sequence[str], readings: Readings
) -> None:
    for left_by_a_crash in target.parent.glob(f".building-{target.name}-*"):
        shutil.rmtree(left_by_a_crash, ignore_errors=True)
    building = Path(tempfile.mkdtemp(prefix=f".building-{target.name}-", dir=target.parent))
    try:
        build_graph(model_dir, building, words, sentences, readings=readings)
        (building / VERSION_FILE).write_text(target.name.rsplit("-", 1)[1] + "\n")
        building.chmod(0o755)
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _point(link: Path, target: Path) -> None:
    if link.is_dir() and not link.is_symlink():
        raise GraphError(f"{link}: is a directory of somebody else's; move it away, a link is to stand there")
    fresh = link.with_name(f".{link.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target.name)
    fresh.replace(link)


def _fingerprint(model_dir: Path, words: Sequence[str], sentences: Sequence[str], readings: Readings) -> str:
    """Hash of all that decides the content: model, vocabulary, the city's words, and this code."""
    code = Path(__file__).resolve().parent
    said = (code.parent / f"{name}.py" for name in ("pronounce", "morphology", "taling"))
    sources = [*code.glob("*.py"), *said, *VOCABULARY.glob("*.txt"), *CORPUS.glob("*.csv")]
    digest = hashlib.sha256()
    of_model = [path for name in (*_MODEL_FILES, *_MAY_BE_THERE) if (path := model_dir / name).is_file()]
    for path in [*of_model, *sorted(sources)]:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.name} {content}\n".encode())
    own = (f"{word} {way}" for word in sorted(readings) for way in readings[word])
    digest.update("\n".join(["words", *words, "sentences", *sentences, "readings", *own]).encode())
    return digest.hexdigest()[:_VERSION_DIGITS]


@contextmanager
def alone(out: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """One process (or thread) at a time; the lock goes with whoever holds it. `waiting` is called if it is held."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with (out.parent / f".{out.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
