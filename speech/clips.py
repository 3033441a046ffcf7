"""Rendered sentences, kept: in memory for this process, on disk for all processes and starts."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from speech.audio import BadAudio, read_wav, wav_bytes, write_whole
from speech.synthesize import STANDARD_PACE, Synthesizer

MEMORY_BYTES = 64 * 1024 * 1024  # 70 minutes of speech: all fixed prompts of a city at several paces
RENDERERS = 2  # at once, in `render_all`: as many as the synthesiser's pool has children
log = logging.getLogger(__name__)
_KEY = re.compile(r"[0-9a-f]{40}")
# A full stop after these, after one letter, or within a number does not end a sentence.
_SHORT = {"jl", "jln", "gg", "no", "nmr", "kel", "kec", "dr", "drs", "ir", "hj", "h", "st", "tgl", "dll", "dsb", "yth"}
_END = re.compile(r"[.!?…]+[\"')\]]*(?=\s|$)")


@dataclass(frozen=True)
class Clip:
    """A rendered text. `key` is its name on disk and in URLs; `pcm` is 16-bit mono at 8 kHz."""

    key: str
    text: str
    pcm: bytes
    pace: int


class ClipStore:
    """Clips by their content. Used by many threads; a broken or missing file is rendered again, never an error.

    Args:
        folder: where the sound is kept, a WAV file and a JSON file with its text each.
        synthesizer: renders what is not there; its name is part of every key.
        memory_bytes: how much sound is held in memory; what was not used longest goes first.
    """

    def __init__(self, folder: Path, synthesizer: Synthesizer, memory_bytes: int = MEMORY_BYTES) -> None:
        self._folder = folder
        self._synthesizer = synthesizer
        self._most = memory_bytes
        self._held: OrderedDict[str, Clip] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def key(self, text: str, pace: int = STANDARD_PACE) -> str:
        """Forty hexadecimal digits of voice, pace and text."""
        content = json.dumps([self._synthesizer.name, pace, text])
        return hashlib.sha256(content.encode()).hexdigest()[:40]

    def clip(self, text: str, pace: int = STANDARD_PACE, keep: bool = True) -> Clip:
        """The sound of `text`. With `keep` false nothing of it is written or found on disk: for personal texts.

        Raises:
            SynthesisFailed: it is not there, and cannot be rendered.
        """
        key = self.key(text, pace)
        clip = self._recall(key) or (self._read(key) if keep else None)
        if clip is None:
            clip = Clip(key, text, self._synthesizer.render(text, pace), pace)
            if keep:
                self._write(clip)
        if keep:
            self._remember(clip)
        return clip

    def has(self, text: str, pace: int = STANDARD_PACE) -> bool:
        """Whether `clip` would answer without rendering."""
        key = self.key(text, pace)
        return self._recall(key) is not None or self._read(key) is not None

    def render_all(self, items: Iterable[tuple[str, int]], progress: Callable[[int, int], None] | None = None) -> None:
        """Render what is missing of these (text, pace), two at once. `progress` hears (done, of all) after each.

        Raises:
            SynthesisFailed: for the first that cannot be rendered; what was done stays.
        """
        wanted = list(dict.fromkeys(items))
        with ThreadPoolExecutor(RENDERERS) as threads:
            jobs = [threads.submit(self.clip, text, pace) for text, pace in wanted]
            try:
                for done, job in enumerate(as_completed(jobs), start=1):
                    job.result()
                    if progress:
                        progress(done, len(jobs))
            except BaseException:
                threads.shutdown(wait=False, cancel_futures=True)
                raise

    def by_key(self, key: str) -> Clip | None:
        """A clip that this or another process rendered, or None; anything but a key is None, too."""
        if not _KEY.fullmatch(key):
            return None
        return self._recall(key) or self._read(key)

    def wav(self, key: str) -> bytes | None:
        """The clip as a WAV file (16-bit mono at 8 kHz), or None."""
        clip = self.by_key(key)
        return wav_bytes(clip.pcm) if clip else None

    def _recall(self, key: str) -> Clip | None:
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def _remember(self, clip: Clip) -> None:
        with self._lock:
            if clip.key not in self._held:
                self._held[clip.key] = clip
                self._bytes += len(clip.pcm)
            while self._bytes > self._most and len(self._held) > 1:
                _, oldest = self._held.popitem(last=False)
                self._bytes -= len(oldest.pcm)

    def _path(self, key: str, suffix: str) -> Path:
        return self._folder / key[:2] / f"{key}{suffix}"

    def _read(self, key: str) -> Clip | None:
        """From disk; None when a file is missing or not whole, or does not belong to its key."""
        try:
            about = json.loads(self._path(key, ".json").read_text(encoding="utf-8"))
            text, pace, length = str(about["text"]), int(about["pace"]), int(about["bytes"])
            pcm = read_wav(self._path(key, ".wav")) if length else b""
        except (OSError, ValueError, KeyError, TypeError, BadAudio):
            return None
        whole = len(pcm) == length and hashlib.sha256(pcm).hexdigest() == about.get("sha256")
        return Clip(key, text, pcm, pace) if whole else None

    def _write(self, clip: Clip) -> None:
        """Sound first: whoever finds the JSON file finds the sound. A full disk costs the keeping, not the call."""
        about = {
            "text": clip.text,
            "pace": clip.pace,
            "voice": self._synthesizer.name,
            "bytes": len(clip.pcm),
            "sha256": hashlib.sha256(clip.pcm).hexdigest(),
        }
        try:
            write_whole(self._path(clip.key, ".wav"), wav_bytes(clip.pcm))
            write_whole(self._path(clip.key, ".json"), json.dumps(about, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            log.warning("a clip could not be kept: %s", error.strerror)


def sentences(text: str) -> list[str]:
    """The sentences of a prompt, so that the first plays while the next is rendered.

    Full stops of abbreviations ("Jl. Merdeka"), initials and numbers ("10.000") do not split.
    """
    found: list[str] = []
    begin = 0
    for end in _END.finditer(text):
        before = text[begin : end.start()].split()
        if end[0] == "." and text[end.end() :].strip() and _abbreviated(before):
            continue
        found.append(text[begin : end.end()].strip())
        begin = end.end()
    found.append(text[begin:].strip())
    return [sentence for sentence in found if sentence]


def _abbreviated(before: list[str]) -> bool:
    """Whether the last word is one that takes a full stop; "P P" of "Satpol P P" are spelled letters, no initial."""
    *earlier, word = before or [""]
    word = word.lower().lstrip("(\"'")
    initial = len(word) == 1 and word.isalpha() and not (earlier and len(earlier[-1]) == 1)
    return word in _SHORT or initial
