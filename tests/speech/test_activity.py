"""Voice activity and end-pointing on espeak-ng speech through mu-law, over noises made here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from speech.activity import Endpointer, SpeechGate
from speech.audio import FRAME_BYTES, duration_ms, mulaw_from_pcm, pcm_from_mulaw, silence, tone, trim
from speech.espeak import EspeakSynthesizer
from speech.recognize import RATE

LEAD_MS = 3000  # the greeting is playing
TAIL_MS = 1500
END_MS = 750
SAYINGS = ("ya", "petugas", "lampu jalan mati di depan rumah saya", "satu dua tiga empat lima enam tujuh delapan")
Noise = Callable[[int], np.ndarray]


def _white(count: int) -> np.ndarray:
    return np.random.default_rng(7).standard_normal(count)


def _hum(count: int) -> np.ndarray:
    time_s = np.arange(count) / RATE
    return sum((np.sin(2 * np.pi * 50 * k * time_s) / k for k in range(1, 7)), np.zeros(count))


@pytest.fixture(scope="module")
def voice() -> Iterator[EspeakSynthesizer]:
    synthesizer = EspeakSynthesizer()
    yield synthesizer
    synthesizer.close()


@pytest.fixture(scope="module")
def babble(voice: EspeakSynthesizer) -> Noise:
    texts = (
        "kemarin saya pergi ke pasar membeli ikan dan sayur untuk keluarga di rumah",
        "anak anak bermain bola di lapangan sampai sore hari",
        "harga beras naik lagi bulan ini kata tetangga saya",
        "bus itu berangkat jam tujuh pagi dari terminal",
        "nanti sore kita rapat di balai warga",
    )
    voices = [_floats(voice.render(text, pace)) for text, pace in zip(texts, range(130, 180, 10), strict=True)]

    def mix(count: int) -> np.ndarray:
        return sum((np.resize(np.roll(v, 3000 * k), count) for k, v in enumerate(voices)), np.zeros(count))

    return mix


def _floats(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, dtype="<i2").astype(float)


def _at_level(samples: np.ndarray, level_db: float) -> np.ndarray:
    scaled: np.ndarray = samples / np.sqrt((samples**2).mean()) * 32768 * 10 ** (level_db / 20)
    return scaled


def _telephone(samples: np.ndarray) -> bytes:
    pcm = np.clip(samples, -32768, 32767).astype("<i2").tobytes()
    return pcm_from_mulaw(mulaw_from_pcm(pcm))


def _line(speech: bytes, noise: Noise | None = None, snr_db: float = 0, level_db: float = -20) -> bytes:
    """Silence, speech at `level_db`, silence; noise `snr_db` below the speech throughout."""
    count = (LEAD_MS + TAIL_MS) * 8 + len(speech) // 2
    samples = np.zeros(count)
    samples[LEAD_MS * 8 : LEAD_MS * 8 + len(speech) // 2] = _at_level(_floats(speech), level_db)
    if noise:
        samples += _at_level(noise(count), level_db - snr_db)
    return _telephone(samples)


def _events(pcm: bytes, endpointer: Endpointer) -> list[tuple[str, int]]:
    """What was told, and after how many ms of sound."""
    told: list[tuple[str, int]] = []
    for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        state = endpointer.push(pcm[start : start + FRAME_BYTES])
        if state in ("started", "ended"):
            told.append((state, endpointer.heard_ms))
    return told


@pytest.mark.parametrize("pace", [110, 200])
@pytest.mark.parametrize("saying", SAYINGS)
def test_on_a_clean_line_an_answer_ends_within_60_ms_of_its_end_silence(
    voice: EspeakSynthesizer, saying: str, pace: int
) -> None:
    speech = trim(voice.render(saying, pace), keep_ms=0, threshold_db=-40)
    told = _events(_line(speech), Endpointer(END_MS))
    assert [state for state, _ in told] == ["started", "ended"]
    end = LEAD_MS + duration_ms(speech) + END_MS
    assert LEAD_MS < told[0][1] <= LEAD_MS + 300
    assert end - 200 <= told[1][1] <= end + 60  # soft ends of words may be missed


@pytest.mark.parametrize("level_db", [-15, -30, -38])
def test_soft_and_loud_callers_are_heard_alike(voice: EspeakSynthesizer, level_db: float) -> None:
    speech = trim(voice.render(SAYINGS[2], 140), keep_ms=0)
    told = _events(_line(speech, level_db=level_db), Endpointer(END_MS))
    assert [state for state, _ in told] == ["started", "ended"]


@pytest.mark.parametrize("kind", ["white", "hum", "babble"])
@pytest.mark.parametrize("snr_db", [20, 15])
def test_noise_neither_begins_nor_prolongs_an_answer(
    voice: EspeakSynthesizer, babble: Noise, kind: str, snr_db: float
) -> None:
    noise = {"white": _white, "hum": _hum, "babble": babble}[kind]
    for saying in SAYINGS:
        speech = trim(voice.render(saying, 140), keep_ms=0, threshold_db=-40)
        told = _events(_line(speech, noise, snr_db), Endpointer(END_MS))
        assert [state for state, _ in told] == ["started", "ended"], saying
        assert told[0][1] > LEAD_MS
        assert told[1][1] <= LEAD_MS + duration_ms(speech) + END_MS + 60


def test_a_short_ya_of_150_ms_is_caught(voice: EspeakSynthesizer) -> None:
    ya = trim(voice.render("ya", 300), keep_ms=0, threshold_db=-35)
    told = _events(_line(ya[: 150 * 16]), Endpointer(END_MS))
    assert [state for state, _ in told] == ["started", "ended"]


def test_clicks_tones_of_noise_and_a_dead_line_are_no_speech(babble: Noise) -> None:
    click = tone(1500, 20, level=0.9)
    line = silence(2000) + (click + silence(480)) * 6
    distant = _telephone(_at_level(babble(20 * RATE), -45))
    hiss = _telephone(_at_level(_white(20 * RATE), -35))
    for pcm in (line, distant, hiss, silence(20_000)):
        assert _events(pcm, Endpointer(END_MS)) == []


def test_a_pause_within_an_answer_does_not_end_it_but_its_double_does(voice: EspeakSynthesizer) -> None:
    word = trim(voice.render("sampah menumpuk", 140), keep_ms=0)
    line = silence(LEAD_MS) + word + silence(600) + word + silence(TAIL_MS)
    assert [s for s, _ in _events(line, Endpointer(1000))] == ["started", "ended"]
    assert [s for s, _ in _events(line, Endpointer(300))] == ["started", "ended"] * 2


def test_a_long_talk_without_pause_in_an_echoing_room_stays_one_answer(voice: EspeakSynthesizer) -> None:
    text = " lalu ".join(("ada warung remang remang di ujung gang dan orang orangnya ramai sampai malam",) * 4)
    room = np.random.default_rng(3).standard_normal(1600) * np.exp(-6.9 * np.arange(1600) / 1600)
    room[0] = 6
    echoing = np.convolve(_floats(voice.render(text, 140)), room)
    speech = np.clip(_at_level(echoing, -20), -32768, 32767).astype("<i2").tobytes()
    told = _events(_line(speech, _white, 30), Endpointer(END_MS))
    assert [state for state, _ in told] == ["started", "ended"]


def test_noise_that_sets_in_and_stays_is_learned() -> None:
    line = np.concatenate([_at_level(_white(5 * RATE), -60), _at_level(_white(25 * RATE), -35)])
    told = _events(_telephone(line), Endpointer(END_MS))
    assert [state for state, _ in told] in ([], ["started", "ended"])
    assert all(at < 15_000 for _, at in told)


def test_the_answers_place_on_the_line_is_kept(voice: EspeakSynthesizer) -> None:
    speech = trim(voice.render(SAYINGS[2], 140), keep_ms=0)
    endpointer = Endpointer(END_MS)
    assert endpointer.speech_start_ms is None
    _events(_line(speech), endpointer)
    assert endpointer.speech_start_ms is not None and endpointer.speech_end_ms is not None
    assert abs(endpointer.speech_start_ms - LEAD_MS) <= 100
    assert abs(endpointer.speech_end_ms - LEAD_MS - duration_ms(speech)) <= 200


def test_one_gate_serves_the_whole_line(voice: EspeakSynthesizer) -> None:
    gate = SpeechGate()
    line = _line(trim(voice.render("ya", 140), keep_ms=0))
    assert all(len(_events(line, Endpointer(END_MS, gate=gate))) == 2 for _ in range(3))


@pytest.mark.parametrize("size", [0, 160, 319, 640])
def test_a_frame_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="320 bytes"):
        SpeechGate().push(bytes(size))
