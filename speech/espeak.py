"""Speaking through espeak-ng's Indonesian voice: pyttsx3 in a small pool of spawned children, else the command line.

pyttsx3's `save_to_file` races, hangs in threads and dies after fork; so each engine lives in a process of its
own (`speech.espeak_child`), gets one sentence at a time under a time limit, and is killed and replaced when it
does not answer. Whatever goes wrong there, the sentence is rendered by the program `espeak-ng` at once.
"""

from __future__ import annotations

import json
import logging
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from functools import cached_property
from importlib.metadata import version
from multiprocessing import Pipe
from pathlib import Path

from speech.audio import BadAudio, duration_ms, normalise, read_wav, trim
from speech.respell import fingerprint, load_spellings, respell
from speech.synthesize import STANDARD_PACE, SynthesisFailed

CHILD = Path(__file__).with_name("espeak_child.py")
PACES = (80, 450)  # what espeak-ng can do, words a minute
WAIT_S = 0.5  # for a free engine; one that works is free after 20 ms, so more waiting means that they hang
EDGE_MS = 30  # silence left at both ends
log = logging.getLogger(__name__)


class EspeakSynthesizer:
    """`speech.synthesize.Synthesizer` on espeak-ng. Used by many threads; children start with the first sentence.

    A process that was forked from one that used it gets children of its own.

    Args:
        children: engines, hence sentences at once; more wait up to 0.5 s, then use the command line. With 0
            everything goes through the command line.
        limit_s: for one sentence in one engine, waiting and start included. Measured for 13 words on two cores,
            levelled and trimmed: warm engine 20 ms (p95 24), started anew 80 ms, command line 15 ms (p95 20).
        spellings: words of the city's own, as `speech.respell.load_spellings` gives them; they outrank the table.
        program: the espeak-ng command line.
    """

    def __init__(
        self,
        children: int = 2,
        limit_s: float = 5.0,
        spellings: Mapping[str, str] | None = None,
        program: str = "espeak-ng",
    ) -> None:
        self._limit_s = limit_s
        self._spellings = {**load_spellings(), **(spellings or {})}
        self._program = program
        self._children = children
        self._lock = threading.Lock()
        self._pool = _Pool(children)
        self._told: set[str] = set()

    @cached_property
    def name(self) -> str:
        """Engine, voice, versions and spelling table: part of every cache key."""
        path = shutil.which(self._program)
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10).stdout if path else ""
        number = next((word for word in said.split() if word[0].isdigit()), "unknown")
        return f"espeak-ng {number} id, pyttsx3 {version('pyttsx3')}, spelling {fingerprint(self._spellings)}"

    def render(self, text: str, pace: int) -> bytes:
        """pcm of `text`, at the usual level, edges trimmed to 30 ms; nothing for a text without letters or digits.

        `pace` is espeak-ng's words a minute, held within 80 and 450; at 140 Indonesian comes out at about
        4.4 syllables a second.

        Raises:
            SynthesisFailed: when neither pyttsx3 nor the command line gives plausible sound in time.
        """
        spoken = respell(text, self._spellings)
        if not any(letter.isalnum() for letter in spoken):
            return b""
        pace = min(max(pace, PACES[0]), PACES[1])
        for engine, render in (("pyttsx3", self._by_child), ("espeak-ng command line", self._by_program)):
            pcm = _usable(render(spoken, pace), text, pace)
            if pcm:
                self._tell(engine)
                return pcm
        raise SynthesisFailed("neither pyttsx3 nor the espeak-ng program gave sound; check: apt-get install espeak-ng")

    def close(self) -> None:
        """End the children. The next sentence starts new ones."""
        self._own_pool().close()

    def _own_pool(self) -> _Pool:
        if self._pool.owner != os.getpid():  # we are a fork: the children are our parent's
            with self._lock:
                if self._pool.owner != os.getpid():
                    self._pool = _Pool(self._children)
        return self._pool

    def _by_child(self, spoken: str, pace: int) -> bytes:
        return self._own_pool().render(spoken, pace, self._limit_s)

    def _by_program(self, spoken: str, pace: int) -> bytes:
        """The text goes through stdin: a command's arguments are open to every user of the machine."""
        command = [self._program, "-v", "id", "-s", str(pace), "--stdin", "--stdout"]
        try:
            ended = subprocess.run(command, input=spoken.encode(), capture_output=True, timeout=self._limit_s)
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("the espeak-ng program failed: %s", type(error).__name__)
            return b""
        return ended.stdout if ended.returncode == 0 else b""

    def _tell(self, engine: str) -> None:
        if engine not in self._told:
            self._told.add(engine)
            log.info("speaking through %s", engine)


class _Pool:
    """Places for children; a place is held by one thread at a time, and is empty until it is needed."""

    def __init__(self, size: int) -> None:
        self.owner = os.getpid()
        self._size = size
        self._places: queue.LifoQueue[_Child | None] = queue.LifoQueue()  # last in, first out: the warm one again
        for _ in range(size):
            self._places.put(None)

    def render(self, spoken: str, pace: int, limit_s: float) -> bytes:
        """A WAV file, or nothing: no place in time, or the child failed (and is gone)."""
        if not self._size:
            return b""
        ends_at = time.monotonic() + limit_s
        try:
            child = self._places.get(timeout=min(WAIT_S, limit_s))
        except queue.Empty:
            return b""
        sound = b""
        try:
            child = child or _Child()
            sound = child.render(spoken, pace, max(0.1, ends_at - time.monotonic()))
        except (EOFError, OSError) as error:
            log.warning("a pyttsx3 child failed: %s", type(error).__name__)
        finally:
            if child and not sound:
                child.kill()
                child = None
            self._places.put(child)
        return sound

    def close(self) -> None:
        """End the children that are idle now; the busy ones end with their last sentence or with the process."""
        idle = []
        while not self._places.empty():
            try:
                idle.append(self._places.get_nowait())
            except queue.Empty:
                break
        for child in idle:
            if child:
                child.kill()
            self._places.put(None)


class _Child:
    """A running `speech.espeak_child`. A fresh interpreter that is given a file: nothing of ours is imported again."""

    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        try:
            self._process = subprocess.Popen(
                [sys.executable, str(CHILD), str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the supervisor; we end by our pipe
            )
        except OSError:
            self._pipe.close()
            raise
        finally:
            theirs.close()

    def render(self, spoken: str, pace: int, limit_s: float) -> bytes:
        """A WAV file, or nothing when it took too long. Raises EOFError or OSError when the child is gone."""
        self._pipe.send_bytes(json.dumps({"text": spoken, "pace": pace}).encode())
        return self._pipe.recv_bytes() if self._pipe.poll(limit_s) else b""

    def kill(self) -> None:
        self._pipe.close()
        self._process.kill()
        self._process.wait()


def _usable(wav: bytes, text: str, pace: int) -> bytes:
    """The sound, levelled and trimmed, or nothing if it cannot be this text."""
    try:
        pcm = trim(normalise(read_wav(wav)), EDGE_MS) if wav else b""
    except BadAudio:
        return b""
    return pcm if plausible(pcm, text, pace) else b""


def plausible(pcm: bytes, text: str, pace: int) -> bool:
    """Whether sound of this length can be this text.

    At 140 words a minute espeak-ng takes 65 to 95 ms a letter of Indonesian, up to 420 ms for a letter that is
    named and up to 450 ms for a digit that is read as a number; the bounds are a third of the one, twice the other.
    """
    letters = sum(letter.isalnum() for letter in text)
    scale = STANDARD_PACE / pace
    return 22 * letters * scale <= duration_ms(pcm) <= (1000 + 900 * letters) * scale
