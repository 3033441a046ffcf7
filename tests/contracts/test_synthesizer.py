"""What every synthesiser promises, checked on real espeak-ng and on the fake that other tests use."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from speech.audio import duration_ms, level_db
from speech.espeak import EspeakSynthesizer
from speech.synthesize import STANDARD_PACE, Synthesizer
from tests.contracts.tone_synthesizer import ToneSynthesizer

SENTENCE = "Terima kasih, laporan Bapak atau Ibu sudah kami terima."


@pytest.fixture(scope="module", params=["espeak", "tone"])
def synthesizer(request: pytest.FixtureRequest) -> Iterator[Synthesizer]:
    if request.param == "tone":
        yield ToneSynthesizer()
        return
    espeak = EspeakSynthesizer()
    yield espeak
    espeak.close()


def test_has_a_name_for_cache_keys(synthesizer: Synthesizer) -> None:
    assert synthesizer.name.strip() and synthesizer.name == synthesizer.name


def test_gives_audible_16_bit_samples_of_a_sensible_length(synthesizer: Synthesizer) -> None:
    pcm = synthesizer.render(SENTENCE, STANDARD_PACE)
    assert len(pcm) % 2 == 0
    assert 2500 < duration_ms(pcm) < 7000
    assert -35 < level_db(pcm) < -6


def test_speaks_longer_when_slower(synthesizer: Synthesizer) -> None:
    lengths = [duration_ms(synthesizer.render(SENTENCE, pace)) for pace in (100, 140, 220, 300)]
    assert lengths == sorted(lengths, reverse=True) and len(set(lengths)) == 4


def test_speaks_longer_texts_longer(synthesizer: Synthesizer) -> None:
    assert duration_ms(synthesizer.render("Ya.", STANDARD_PACE)) * 4 < duration_ms(
        synthesizer.render(SENTENCE, STANDARD_PACE)
    )


@pytest.mark.parametrize("text", ["", "   ", "...", "?!"])
def test_a_text_without_words_gives_no_sound(synthesizer: Synthesizer, text: str) -> None:
    assert synthesizer.render(text, STANDARD_PACE) == b""


def test_serves_many_threads_at_once(synthesizer: Synthesizer) -> None:
    texts = ["satu " * count for count in range(1, 13)]
    with ThreadPoolExecutor(6) as threads:
        sounds = list(threads.map(lambda text: synthesizer.render(text, STANDARD_PACE), texts))
    lengths = [duration_ms(sound) for sound in sounds]
    assert lengths == sorted(lengths) and lengths[0] > 0  # each thread got its own sentence
