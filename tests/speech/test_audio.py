"""Sound in and out: telephone coding, WAV files good and bad, levels and edges."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from speech import audio
from speech.recognize import RATE


def _samples(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, dtype="<i2").astype(float)


def _write(path: Path, samples: bytes, rate: int = RATE, channels: int = 1, width: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(samples)
    return path


def _strongest_hz(pcm: bytes) -> float:
    spectrum = np.abs(np.fft.rfft(_samples(pcm)))
    return float(np.fft.rfftfreq(len(pcm) // 2, 1 / RATE)[spectrum.argmax()])


def test_mulaw_and_back_keeps_a_tone_within_its_noise() -> None:
    pcm = audio.tone(440, 500)
    mulaw = audio.mulaw_from_pcm(pcm)
    back = audio.pcm_from_mulaw(mulaw)
    error = _samples(back) - _samples(pcm)
    assert len(mulaw) * 2 == len(pcm) == len(back)
    assert 10 * np.log10((_samples(pcm) ** 2).mean() / (error**2).mean()) > 35  # G.711: 37 dB


def test_lengths_are_counted_in_ms() -> None:
    assert audio.duration_ms(audio.tone(1000, 250)) == audio.duration_ms(audio.silence(250)) == 250
    assert audio.duration_ms(b"") == 0
    assert audio.FRAME_BYTES == 320


def test_resampling_keeps_the_telephone_band_and_drops_what_would_fold_back() -> None:
    time_s = np.arange(22050) / 22050
    kept = (8000 * np.sin(2 * np.pi * 3000 * time_s)).astype("<i2").tobytes()
    folding = (8000 * np.sin(2 * np.pi * 5500 * time_s)).astype("<i2").tobytes()
    low, high = audio.resample(kept, 22050), audio.resample(folding, 22050)
    assert audio.duration_ms(low) == 1000
    assert abs(_strongest_hz(low) - 3000) < 5
    assert abs(audio.level_db(low) - audio.level_db(kept)) < 0.5
    assert audio.level_db(high) < audio.level_db(folding) - 40


def test_a_wav_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    pcm = audio.tone(600, 300)
    audio.write_wav(tmp_path / "new" / "tone.wav", pcm)
    assert audio.read_wav(tmp_path / "new" / "tone.wav") == pcm
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["tone.wav"]  # nothing half-written stays


@pytest.mark.parametrize(("width", "kind", "scale"), [(1, "u1", 2**-8), (2, "<i2", 1), (4, "<i4", 2**16)])
def test_other_sample_sizes_rates_and_channels_are_converted(
    tmp_path: Path, width: int, kind: str, scale: float
) -> None:
    time_s = np.arange(44100) / 44100
    wave_16 = 12000 * np.sin(2 * np.pi * 700 * time_s)
    mono = (wave_16 * scale + (128 if width == 1 else 0)).astype(kind)
    stereo = np.column_stack([mono, mono]).tobytes()
    pcm = audio.read_wav(_write(tmp_path / "stereo.wav", stereo, 44100, 2, width))
    assert audio.duration_ms(pcm) == 1000
    assert abs(_strongest_hz(pcm) - 700) < 5
    assert abs(_samples(pcm).max() - 12000) < 400


def test_a_header_that_promises_too_much_is_read_to_the_end() -> None:
    whole = audio.wav_bytes(audio.tone(500, 200))
    piped = whole[:4] + b"\xff\xff\xff\x7f" + whole[8:40] + b"\x00\xff\xff\x7f" + whole[44:]
    assert audio.read_wav(piped) == audio.tone(500, 200)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"", "save it as"),
        (b"\xff\xfb\x90\x00" * 100, "save it as"),  # MP3
        (audio.wav_bytes(b"")[:30], "save it as"),
        (audio.wav_bytes(b""), "record it again"),
        (audio.wav_bytes(audio.tone(500, 50)).replace(b"\x01\x00\x01\x00", b"\x03\x00\x01\x00", 1), "save it as"),
    ],
    ids=["empty", "mp3", "cut", "no-sound", "float"],
)
def test_bad_files_are_refused_with_advice(tmp_path: Path, content: bytes, advice: str) -> None:
    path = tmp_path / "caller.wav"
    path.write_bytes(content)
    with pytest.raises(audio.BadAudio, match=advice) as raised:
        audio.read_wav(path)
    assert "caller.wav" in str(raised.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(audio.BadAudio, match=r"nowhere\.wav.*give the path"):
        audio.read_wav(tmp_path / "nowhere.wav")


def test_levels_come_out_alike_and_unclipped() -> None:
    quiet, loud = audio.tone(500, 300, level=0.01), audio.tone(500, 300, level=0.9)
    assert abs(audio.level_db(audio.normalise(quiet)) - audio.level_db(audio.normalise(loud))) < 0.5
    peaky = audio.silence(3000) + audio.tone(500, 30, level=0.5)
    assert np.abs(_samples(audio.normalise(peaky))).max() <= 32768 * 10 ** (-1 / 20) + 1
    assert audio.normalise(audio.silence(100)) == audio.silence(100)
    assert audio.normalise(b"") == b""


def test_silence_is_cut_at_both_ends_only() -> None:
    middle = audio.tone(500, 100) + audio.silence(200) + audio.tone(500, 100)
    trimmed = audio.trim(audio.silence(400) + middle + audio.silence(700), keep_ms=30)
    assert 440 <= audio.duration_ms(trimmed) <= 470
    assert audio.trim(audio.silence(500)) == b""
    assert audio.level_db(b"") == audio.level_db(audio.silence(20)) == -100


@pytest.mark.parametrize(("hz", "kept"), [(300, True), (1000, True), (3300, True), (4700, False), (7000, False)])
def test_a_live_stream_is_halved_without_folding_back(hz: int, kept: bool) -> None:
    samples = (8000 * np.sin(2 * np.pi * hz * np.arange(16_000) / 16_000)).astype("<i2").tobytes()
    halver = audio.LiveHalver()
    halved = b"".join(halver.push(samples[at : at + 1282]) for at in range(0, len(samples), 1282))
    assert 995 < audio.duration_ms(halved) <= 1000, "no more than a few ms stay behind"
    loss = audio.level_db(samples) - audio.level_db(halved[400:])
    assert abs(loss) < 1 if kept else loss > 40


def test_a_live_stream_may_come_in_pieces_of_any_size() -> None:
    samples = np.random.default_rng(1).integers(-9000, 9000, 3001).astype("<i2").tobytes()
    whole, halver = audio.LiveHalver().push(samples), audio.LiveHalver()
    sizes = (2, 4, 62, 1000, 2, 1500, 6000)
    pieces, at = b"", 0
    for size in sizes:
        pieces += halver.push(samples[at : at + size])
        at += size
    assert pieces == whole[: len(pieces)] and len(whole) - len(pieces) < 4
