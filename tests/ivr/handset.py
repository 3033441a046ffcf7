"""A telephone without a wire: real recogniser, voice and store around a `Session`, faster than real time.

Sound goes in 20 ms frames; what the line plays is "heard" at its own length, so that marks come back
when a caller would have heard them.
"""

from __future__ import annotations

import subprocess
from collections import deque
from functools import cache

import numpy as np

from ivr.line import Line
from ivr.session import Session
from speech import audio
from speech.audio import FRAME_BYTES, FRAME_MS

ECHO_MS = 240  # a mobile telephone's way there and back
MOST_MS = 60_000  # no prompt and no answer takes longer


@cache
def spoken(text: str, voice: str = "id+m3", pace: int = 140) -> bytes:
    """A caller's sentence as the telephone brings it: espeak-ng, 8 kHz, through mu-law."""
    command = ["espeak-ng", "-v", voice, "-s", str(pace), "--stdout", text]
    wav = subprocess.run(command, check=True, capture_output=True).stdout
    return audio.pcm_from_mulaw(audio.mulaw_from_pcm(audio.trim(audio.read_wav(wav))))


class Handset:
    """One call. `heard` holds the prompts that were played to their end; `interrupted` counts barge-ins.

    `echo_db`: how loud the line's own voice comes back (-12: clearly); None: not at all.
    """

    def __init__(
        self, line: Line, number: str | None = "+6281234567890", name: str = "CA1", echo_db: float | None = None
    ) -> None:
        self._echo_db = echo_db
        self._played: deque[bytes] = deque([bytes(FRAME_BYTES)] * (ECHO_MS // FRAME_MS))
        self._queue: deque[tuple[bytes, str]] = deque()
        self._left_ms = 0
        self.heard: list[str] = []
        self.steps: list[str] = []
        self.interrupted = 0
        self.released = False
        self.call_id = line.begin("twilio", name, number)
        self.session = Session(line, self.call_id, self)
        self.session.open()

    # -- Outlet

    def play(self, pcm: bytes, mark: str) -> None:
        self._queue.append((pcm, mark))

    def stop(self) -> None:
        self.interrupted += 1
        self._queue.clear()
        self._left_ms = 0

    def release(self) -> None:
        self.released = True

    @property
    def waiting(self) -> tuple[tuple[bytes, str], ...]:
        """What is still to be played: sound and mark."""
        return tuple(self._queue)

    # -- the caller

    def _tick(self, frame: bytes) -> None:
        if self._queue and self._left_ms <= 0:
            self._left_ms = audio.duration_ms(self._queue[0][0])
        frame = self._with_echo(frame)
        self._left_ms -= FRAME_MS
        while self._queue and self._left_ms <= 0:
            _, mark = self._queue.popleft()
            _, kind, name = mark.split(":", 2)
            (self.steps if kind == "listen" else self.heard).append(name if kind == "listen" else kind)
            self.session.played(mark)
            self._left_ms += audio.duration_ms(self._queue[0][0]) if self._queue else 0
        self.session.hear(frame)

    def _with_echo(self, frame: bytes) -> bytes:
        """What is being played comes back later, softer and without its low tones, as from a telephone's earpiece."""
        if self._echo_db is None:
            return frame
        pcm = self._queue[0][0] if self._queue else b""
        at = max(0, audio.duration_ms(pcm) - self._left_ms) * 16
        playing = pcm[at : at + FRAME_BYTES]
        self._played.append(playing + bytes(FRAME_BYTES - len(playing)))
        samples = np.frombuffer(self._played.popleft(), "<i2") * 10 ** (self._echo_db / 20)
        thin = samples - 0.5 * np.concatenate([[0.0], samples[:-1]])
        mixed = np.clip(np.frombuffer(frame, "<i2") + thin, -32768, 32767).astype("<i2").tobytes()
        return audio.pcm_from_mulaw(audio.mulaw_from_pcm(mixed))

    def sound(self, pcm: bytes) -> None:
        """Let the line hear this, whatever it is playing."""
        pcm += bytes(-len(pcm) % FRAME_BYTES)
        for at in range(0, len(pcm), FRAME_BYTES):
            self._tick(pcm[at : at + FRAME_BYTES])

    def quiet(self, ms: int) -> None:
        self.sound(audio.silence(ms))

    def listens(self) -> Handset:
        """Hear the line out, until it waits for an answer."""
        for _ in range(MOST_MS // FRAME_MS):
            if not self._queue:
                return self
            self._tick(bytes(FRAME_BYTES))
        raise AssertionError("the line speaks without end")

    def says(self, *texts: str, voice: str = "id+m3") -> Handset:
        """Wait for the question, answer it, and wait for the line to take the answer."""
        for text in texts:
            self.listens()
            self.quiet(300)
            self.sound(spoken(text, voice))
            self._until_answered()
        return self

    def _until_answered(self) -> None:
        for _ in range(MOST_MS // FRAME_MS):
            if self._queue or self.released:
                return
            self._tick(bytes(FRAME_BYTES))
        raise AssertionError("the line took no answer")

    def presses(self, *keys: str) -> Handset:
        for key in keys:
            self.session.press(key)
        return self
