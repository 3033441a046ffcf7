"""INDspeech (TELKOM RisTI, ATR, NAIST; Sakti et al. 2004, 2008; CC BY-NC-SA 4.0): digits, dialogue, news."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from speech.training.corpora.recording import Recording, Skipped
from speech.training.corpora.source import Source, sources_named

DIGIT_WORDS = dict(
    zip(
        "0K123456789",
        ["nol", "kosong", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"],
        strict=True,
    )
)
NEWS_SPEAKER = "SPK00"

Reader = Callable[[Source], Iterator[Recording | Skipped]]


def read_indspeech(folder: Path) -> Iterator[Recording | Skipped]:
    for name, reader in (
        ("data_indsp_digit_cdsr", _digits),
        ("data_indsp_teldialog_svcsr", _dialogue),
        ("data_indsp_news_tts", _news),
    ):
        for source in sources_named(folder, name):
            yield from reader(source)


def _group(speaker: str) -> str:
    return {"F": "woman", "M": "man"}.get(speaker[:1], "")


def _zipped(
    source: Source, corpus: str, read: Callable[[str, str, bytes], Recording | Skipped]
) -> Iterator[Recording | Skipped]:
    """What `read` makes of the published set, the name and the content of every WAV in the zips under speech/."""
    for path in source.find(r"^speech/.*\.zip$"):
        try:
            with zipfile.ZipFile(io.BytesIO(source.read(path))) as archive:
                for name in archive.namelist():
                    if name.lower().endswith(".wav"):
                        yield read(PurePosixPath(path).parts[1], PurePosixPath(name).stem, archive.read(name))
        except (zipfile.BadZipFile, OSError):
            yield Skipped(corpus, "broken zip")


def _digits(source: Source) -> Iterator[Recording | Skipped]:
    """Names are SPEAKER_3K5A: digits (K is kosong), then which take it is."""

    def read(published: str, name: str, content: bytes) -> Recording | Skipped:
        speaker, _, code = name.partition("_")
        if not code[:-1] or set(code[:-1]) - set(DIGIT_WORDS):
            return Skipped("digits", "name without digits")
        text = " ".join(DIGIT_WORDS[digit] for digit in code[:-1])
        return Recording(f"digits/{published}_{name}", "digits", speaker, _group(speaker), text, content)

    yield from _zipped(source, "digits", read)


def _dialogue(source: Source) -> Iterator[Recording | Skipped]:
    """Names are SPEAKER_SENTENCE; the sentences stand in text/text.zip, a word a line, times between bars."""
    texts: dict[str, str] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(source.read("text/text.zip"))) as archive:
            for name in archive.namelist():
                if name.endswith(".ANS"):
                    words = archive.read(name).decode("utf-8", "replace").split()
                    texts[PurePosixPath(name).stem] = " ".join(word for word in words if "|" not in word)
    except (zipfile.BadZipFile, OSError):
        yield Skipped("dialogue", "transcripts missing")

    def read(_: str, name: str, content: bytes) -> Recording | Skipped:
        speaker, _, sentence = name.partition("_")
        if sentence not in texts:
            return Skipped("dialogue", "no transcript")
        return Recording(f"dialogue/{name}", "dialogue", speaker, _group(speaker), texts[sentence], content)

    yield from _zipped(source, "dialogue", read)


def _news(source: Source) -> Iterator[Recording | Skipped]:
    """One woman reads news; text/norm_transcript has a line each: name, TAB, sentence."""
    try:
        lines = source.read("text/norm_transcript").decode("utf-8", "replace").replace("\r", "").splitlines()
    except OSError:
        yield Skipped("news", "transcripts missing")
        return
    texts = {name: text for name, _, text in (line.partition("\t") for line in lines)}
    for path in source.find(r"\.wav$"):
        name = PurePosixPath(path).stem
        if name not in texts:
            yield Skipped("news", "no transcript")
            continue
        try:
            yield Recording(f"news/{name}", "news", NEWS_SPEAKER, "woman", texts[name], source.read(path))
        except OSError:
            yield Skipped("news", "unreadable file")


def news_lexicon(folder: Path) -> dict[str, list[str]]:
    """The lexicon that comes with the news: phones of ours by word; words with other phones are left out."""
    lexicon: dict[str, list[str]] = {}
    for source in sources_named(folder, "data_indsp_news_tts"):
        for path in source.find(r"word_phoneme\.lex$"):
            for line in source.read(path).decode("utf-8", "replace").replace("\r", "").splitlines():
                word, _, phones = line.partition("\t")
                read = ["@" if phone == "E2" else phone.lower() for phone in phones.split()]
                lexicon.setdefault(word.lower(), read)
    return lexicon
