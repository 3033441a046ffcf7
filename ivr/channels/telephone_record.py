"""What a call of the test telephone leaves behind: what was heard and said, when, and how fast the answers were."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from speech.audio import BYTES_PER_MS, write_wav
from speech.digits import digits_from_words


@dataclass(frozen=True)
class Happening:
    """Something that happened, `at_ms` after the call began. A prompt is told when it ends, with the time it began.

    `kind`: webhook, verb, stream, prompt, asked, said, pressed, quiet, clear, answer, dialled, recorded, lost,
    failed, end. `name` is the prompt, step, route or verb; `text` the words, if any are known.
    """

    at_ms: int
    kind: str
    name: str = ""
    text: str = ""


@dataclass
class HeardPrompt:
    """A sentence of the line; `at_ms` is when it began. `whole` is False when it was interrupted."""

    prompt: str
    key: str
    text: str
    at_ms: int
    whole: bool = True


@dataclass(frozen=True)
class AnswerTime:
    """How long the caller waited: from the last sample of speech (or the last key) to the first sound of the answer.

    For speech this holds the silence that ends a turn.
    """

    step: str
    by: Literal["voice", "keys"]
    ms: int


@dataclass
class CallRecord:
    """One call.

    Attributes:
        call_sid: its name at the provider.
        happenings: in order of time.
        prompts: sentences that were heard.
        answer_times: one for each answer that got a reply.
        heard, sent: both sides as 16-bit samples at 8 kHz, in step with each other.
        outcome: who ended it: "line" hung up, "caller" hung up, "failed" (the line could not be reached).
    """

    call_sid: str
    happenings: list[Happening] = field(default_factory=list)
    prompts: list[HeardPrompt] = field(default_factory=list)
    answer_times: list[AnswerTime] = field(default_factory=list)
    heard: bytearray = field(default_factory=bytearray)
    sent: bytearray = field(default_factory=bytearray)
    outcome: Literal["line", "caller", "failed"] = "line"
    on_event: Callable[[Happening], None] | None = None
    begun_s: float = field(default_factory=time.monotonic)

    @property
    def now_ms(self) -> int:
        return round((time.monotonic() - self.begun_s) * 1000)

    @property
    def steps(self) -> list[str]:
        """The questions that were asked, in order."""
        return [h.name for h in self.happenings if h.kind == "asked"]

    def note(self, kind: str, name: str = "", text: str = "") -> None:
        """Write down what happens now, and tell whoever watches."""
        self._add(Happening(self.now_ms, kind, name, text))

    def _add(self, happening: Happening) -> None:
        self.happenings.append(happening)
        if self.on_event:
            self.on_event(happening)

    def hear(self, prompt: HeardPrompt) -> None:
        self.prompts.append(prompt)
        self._add(Happening(prompt.at_ms, "prompt", prompt.prompt, prompt.text))

    def sound(self, heard: bytes, sent: bytes) -> None:
        """Both sides of the same stretch of time; the shorter is filled with silence."""
        length = max(len(heard), len(sent))
        self.heard += heard.ljust(length, b"\0")
        self.sent += sent.ljust(length, b"\0")

    def write_heard(self, path: Path) -> None:
        """What the caller heard, as a WAV file."""
        write_wav(path, bytes(self.heard))

    @property
    def sound_ms(self) -> int:
        return len(self.heard) // BYTES_PER_MS

    def number_heard(self, prompt: str = "ticket") -> str:
        """The first number that `prompt` read out digit by digit, as digits; "" when it read none."""
        digits = ""
        for heard in self.prompts:
            spoken = digits_from_words(heard.text) if heard.prompt == prompt else ""
            if spoken and len(spoken) == len(heard.text.split()):  # the sentence is nothing but digits
                digits += spoken
            elif digits:
                break
        return digits
