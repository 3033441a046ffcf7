"""A synthesiser for tests that need no words: tones as long as the text would take."""

from __future__ import annotations

from speech.audio import silence, tone
from speech.synthesize import STANDARD_PACE, SynthesisFailed

MS_PER_LETTER = 75  # espeak-ng at 140 words a minute


class ToneSynthesizer:
    """Says every text as one tone, 75 ms a letter at the standard pace; its pitch tells texts apart.

    Args:
        failing: texts that cannot be rendered.
    """

    def __init__(self, name: str = "tone 1", failing: frozenset[str] = frozenset()) -> None:
        self.name = name
        self.rendered: list[tuple[str, int]] = []
        self._failing = failing

    def render(self, text: str, pace: int) -> bytes:
        self.rendered.append((text, pace))
        if text in self._failing:
            raise SynthesisFailed("the tone synthesiser was told to fail")
        letters = sum(letter.isalnum() for letter in text)
        if not letters:
            return b""
        length = MS_PER_LETTER * letters * STANDARD_PACE // pace
        return silence(20) + tone(300 + sum(text.encode()) % 600, length) + silence(20)
