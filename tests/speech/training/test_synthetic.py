"""espeak-ng's speech comes with the phones that were said."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from speech.pronounce import PHONES
from speech.training import synthetic
from speech.training.features import mfcc
from speech.training.labels import Labeller, can_be_aligned, numbers_of
from speech.training.synthetic import (
    DEVELOPMENT_VOICES,
    DRAWN_VOICES,
    RESERVED_VOICES,
    TRAINING_VOICES,
    UnknownPhone,
    UnknownVoice,
    phones_of,
    read_synthetic,
    sentences,
    speak,
    write_synthetic,
    write_voices,
)


@pytest.mark.parametrize(
    ("word", "phones"),
    [
        ("saya", "s a y a"),
        ("jalan", "j a l a n"),
        ("nyala", "ny a l a"),
        ("cari", "c a r i"),
        ("syarat", "sy a r a t"),
        ("pulau", "p u l aw"),
        ("bangun", "b a ng u n"),
        ("lain", "l a i n"),
    ],
)
def test_its_phones_are_ours(word: str, phones: str) -> None:
    assert " ".join(speak(word, "m1", 140, 50)[1]) == phones


def test_a_sound_that_we_have_no_phone_for_is_told() -> None:
    with pytest.raises(UnknownPhone, match="hh"):
        phones_of("s_hh_a")


def test_no_voice_is_both_trained_and_measured() -> None:
    kinds = (TRAINING_VOICES, DRAWN_VOICES, DEVELOPMENT_VOICES, RESERVED_VOICES)
    assert len({voice for kind in kinds for voice in kind}) == sum(map(len, kinds))


@pytest.mark.parametrize("voice", RESERVED_VOICES)
def test_every_reserved_voice_speaks(voice: str) -> None:
    sound, phones = speak("satu dua", voice, 140, 50)
    assert len(sound) > 4000
    assert abs(sound).max() > 0.05
    assert set(phones) <= set(PHONES)


def test_drawn_voices_speak_in_their_own_way_the_same_phones(tmp_path: Path) -> None:
    write_voices(tmp_path)
    spoken = [speak("satu dua", name, 140, 50, tmp_path) for name in (*DRAWN_VOICES[:2], *DEVELOPMENT_VOICES[-2:])]
    plain, phones = speak("satu dua", "m1", 140, 50)
    for number, (sound, said) in enumerate(spoken):
        assert said == phones
        assert 0.05 < abs(sound).max() <= 1
        for other, _ in [(plain, said), *spoken[:number]]:
            assert np.abs(mfcc(sound)[:40] - mfcc(other)[:40]).mean() > 1


def test_a_drawn_voice_is_the_same_every_time_and_asked_for_by_its_folder(tmp_path: Path) -> None:
    name, first, second = DRAWN_VOICES[0], tmp_path / "first", tmp_path / "second"
    for folder in (first, second, second):
        write_voices(folder)
    assert np.array_equal(speak("satu", name, 140, 50, first)[0], speak("satu", name, 140, 50, second)[0])
    with pytest.raises(UnknownVoice, match=name):
        speak("satu", name, 140, 50)


def test_sentences_are_spoken_once_and_read_as_stored(tmp_path: Path) -> None:
    texts = ["lampu jalan mati", "satu dua"]
    assert write_synthetic(texts, tmp_path, random.Random(1)) == (2, 0)
    before = (tmp_path / synthetic.SOUND_FILE).stat().st_mtime_ns
    assert write_synthetic(["anything else"], tmp_path, random.Random(1)) == (2, 0)
    assert (tmp_path / synthetic.SOUND_FILE).stat().st_mtime_ns == before
    first, second = read_synthetic(tmp_path)
    assert "".join(first.phones).startswith("lampu")
    assert {first.voice, second.voice} <= {*TRAINING_VOICES, *DRAWN_VOICES}
    assert len(second.samples) > 4000


def test_what_they_say_is_varied() -> None:
    said = list(sentences(400, random.Random(2)))
    assert len(set(said)) > 250
    assert {"ya", "tidak"} <= set(said)
    assert max(map(len, said)) < 160


def test_labels() -> None:
    labeller = Labeller(Path("/nonexistent"))
    labels = numbers_of(labeller.phones("dua"))
    assert [PHONES[n - 1] for n in labels] == ["d", "u", "a"]
    doubled = numbers_of(["a", "a"])
    assert can_be_aligned(doubled, 3)
    assert not can_be_aligned(doubled, 2)
