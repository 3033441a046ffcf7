"""The contract of a synthesiser, and the store of what was rendered before."""

from __future__ import annotations

from typing import Protocol

STANDARD_PACE = 140  # words per minute; see docs: range 100 (slow) to 300 (practised listeners)


class SynthesisFailed(Exception):
    """A sentence could not be rendered; says which engine failed, never the sentence (it may be personal)."""


class Synthesizer(Protocol):
    """Turns a sentence into sound."""

    @property
    def name(self) -> str:
        """Engine, voice and version: part of every cache key."""

    def render(self, text: str, pace: int) -> bytes:
        """16-bit mono samples at 8 kHz of `text` spoken at `pace` words per minute.

        Raises:
            SynthesisFailed: when no engine gives sound in time.
        """
