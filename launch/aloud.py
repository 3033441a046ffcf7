"""Sentences read aloud to the recogniser, and what it makes of them: for measuring only."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ivr.effects import Listen
from ivr.events import Heard
from ivr.turns import Answer
from speech.accuracy.callers import speak
from speech.audio import FRAME_BYTES, mulaw_from_pcm, pcm_from_mulaw, silence
from speech.recognize import Hypothesis, Recognizer
from speech.synthesize import STANDARD_PACE, Synthesizer


def heard(texts: Sequence[str], recognizer: Recognizer, voice: Synthesizer) -> dict[str, str]:
    """What the recogniser writes of each sentence, read aloud and sent through mu-law."""
    words = {}
    with click.progressbar(texts, label="Reading aloud and writing down") as bar:
        for text in bar:
            sound = silence(300) + voice.render(text, STANDARD_PACE) + silence(1000)
            words[text] = _hypotheses(sound, recognizer, [None])[0].text
    return words


def heard_in_a_call(text: str, caller: str, recognizer: Recognizer, listen: Listen) -> Heard:
    """What a call hears of a sentence by one of `speech.accuracy.callers.CALLERS`, when this is asked.

    By the question's grammar and by free speech side by side, as `ivr.turns` does.
    """
    phrases = [None] if listen.phrases is None else [listen.phrases, None]
    found = _hypotheses(speak(text, caller), recognizer, phrases)
    answer = Answer(found[-1], found[0] if len(found) > 1 else None, 0, 0, 0)
    said = answer.hypothesis
    return Heard(said.text, said.confidence, found[-1].text if len(found) > 1 else "")


def _hypotheses(sound: bytes, recognizer: Recognizer, grammars: Sequence[tuple[str, ...] | None]) -> list[Hypothesis]:
    line = pcm_from_mulaw(mulaw_from_pcm(sound))
    streams = [recognizer.listen(grammar) for grammar in grammars]
    for at in range(0, len(line), FRAME_BYTES):
        for stream in streams:
            stream.accept(line[at : at + FRAME_BYTES])
    return [stream.finish() for stream in streams]
