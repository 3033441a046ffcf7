"""Who uses the test telephone: decides what to say when the line asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ivr.channels.telephone_record import HeardPrompt
from ivr.channels.telephone_voice import Speech, Voice, recorded_speech


@dataclass(frozen=True)
class Keys:
    """Keys pressed one after the other."""

    keys: str


@dataclass(frozen=True)
class Quiet:
    """Says nothing."""


@dataclass(frozen=True)
class PutDown:
    """Hangs up."""


Answer = Speech | Keys | Quiet | PutDown


class Caller(Protocol):
    """A person at the telephone."""

    def asked(self, step: str, heard: Sequence[HeardPrompt]) -> Answer:
        """The line has asked `step` and waits. `heard`: every sentence of the call so far."""

    def hears(self, prompt: str, text: str) -> Answer | None:
        """A sentence begins; an answer interrupts it."""


Scripted = str | Path | Answer


class ScriptedCaller:
    """Answers by the step that is asked, then from a list, then as `otherwise` says.

    An answer is a text to be spoken, "keys:123#", "wav:FILE" (or a Path), "silence", or "hang-up". A list in
    `answers` is used up one by one as the step is asked again.

    Args:
        answers: by step.
        sayings: for steps that `answers` has nothing for, in order.
        interruptions: by prompt, spoken or pressed as soon as it begins; each once.
        otherwise: what is done when nothing is left; by step (and "hang-up" where it has none), or always the same.
    """

    def __init__(
        self,
        answers: Mapping[str, Scripted | Sequence[Scripted]] | None = None,
        sayings: Sequence[Scripted] = (),
        *,
        interruptions: Mapping[str, Scripted] | None = None,
        voice: Voice | None = None,
        otherwise: Scripted | Mapping[str, Scripted] = "hang-up",
    ) -> None:
        self._answers = {step: _list(answer) for step, answer in (answers or {}).items()}
        self._sayings = list(sayings)
        self._interruptions = dict(interruptions or {})
        self._voice = voice or Voice()
        self._otherwise = otherwise

    def asked(self, step: str, heard: Sequence[HeardPrompt]) -> Answer:
        own = self._answers.get(step)
        if own:
            return self.answer(own.pop(0))
        if self._sayings:
            return self.answer(self._sayings.pop(0))
        left = self._otherwise
        return self.answer(left.get(step, "hang-up") if isinstance(left, Mapping) else left)

    def hears(self, prompt: str, text: str) -> Answer | None:
        scripted = self._interruptions.pop(prompt, None)
        return None if scripted is None else self.answer(scripted)

    def answer(self, scripted: Scripted) -> Answer:
        """A scripted answer as one that can be given."""
        match scripted:
            case Path():
                return recorded_speech(scripted)
            case "silence":
                return Quiet()
            case "hang-up":
                return PutDown()
            case str() if scripted.startswith("keys:"):
                return Keys(scripted.removeprefix("keys:"))
            case str() if scripted.startswith("wav:"):
                return recorded_speech(Path(scripted.removeprefix("wav:")))
            case str():
                return self._voice.say(scripted)
            case _:
                return scripted


def _list(answer: Scripted | Sequence[Scripted]) -> list[Scripted]:
    if isinstance(answer, str | Path | Speech | Keys | Quiet | PutDown):
        return [answer]
    return list(answer)
