"""Sentences read aloud to the recogniser, and what it makes of them: for measuring only."""

from __future__ import annotations

from collections.abc import Sequence

import click

from speech.audio import FRAME_BYTES, mulaw_from_pcm, pcm_from_mulaw, silence
from speech.recognize import Recognizer
from speech.synthesize import STANDARD_PACE, Synthesizer


def heard(texts: Sequence[str], recognizer: Recognizer, voice: Synthesizer) -> dict[str, str]:
    """What the recogniser writes of each sentence, read aloud and sent through mu-law."""
    words = {}
    with click.progressbar(texts, label="Reading aloud and writing down") as bar:
        for text in bar:
            sound = silence(300) + pcm_from_mulaw(mulaw_from_pcm(voice.render(text, STANDARD_PACE))) + silence(1000)
            stream = recognizer.listen(None)
            for at in range(0, len(sound), FRAME_BYTES):
                stream.accept(sound[at : at + FRAME_BYTES])
            words[text] = stream.finish().text
    return words
