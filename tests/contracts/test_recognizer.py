"""What every recogniser promises, checked on real Vosk and on the fake that other tests use."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from speech.audio import duration_ms, silence
from speech.recognize import UNKNOWN, Hypothesis, Recognizer
from speech.vosk_recognizer import VoskRecognizer
from tests.contracts.callers import say
from tests.contracts.scripted_recognizer import ScriptedRecognizer

REPORT = "saya mau lapor lampu jalan mati"
Hears = Callable[[str], Recognizer]  # a recogniser that will be told this sentence, and nothing after it


@pytest.fixture(params=["vosk", "scripted"])
def hears(request: pytest.FixtureRequest) -> Hears:
    if request.param == "scripted":
        return lambda text: ScriptedRecognizer([text], vocabulary="lapor cek status informasi")
    recognizer = VoskRecognizer(request.getfixturevalue("vosk_model"))
    return lambda text: recognizer


def listen(recognizer: Recognizer, pcm: bytes, phrases: list[str] | None = None, step: int = 320) -> Hypothesis:
    stream = recognizer.listen(phrases)
    for at in range(0, len(pcm), step):
        stream.accept(pcm[at : at + step])
    return stream.finish()


def test_has_a_name_to_keep_with_transcripts(hears: Hears) -> None:
    assert hears(REPORT).name.strip()


def test_hears_free_speech(hears: Hears) -> None:
    assert listen(hears(REPORT), say(REPORT)).text == REPORT


def test_hears_the_same_in_packets_of_any_even_length(hears: Hears) -> None:
    for step in (2, 162, 4000, 1_000_000):
        assert listen(hears(REPORT), say(REPORT), step=step).text == REPORT


def test_words_make_up_the_text_with_times_in_order_and_confidences(hears: Hears) -> None:
    hypothesis = listen(hears(REPORT), say(REPORT))
    assert " ".join(word.text for word in hypothesis.words) == hypothesis.text
    assert all(0 <= word.start_ms < word.end_ms <= duration_ms(say(REPORT)) for word in hypothesis.words)
    assert all(earlier.end_ms <= later.start_ms for earlier, later in pairwise(hypothesis.words))
    assert all(0 <= word.confidence <= 1 for word in hypothesis.words)
    assert 0.5 < hypothesis.confidence <= 1


def test_a_pause_within_an_utterance_loses_and_doubles_nothing(hears: Hears) -> None:
    text = "satu dua tiga empat lima enam"
    pcm = say("satu, dua, tiga") + silence(2500) + say("empat, lima, enam")
    hypothesis = listen(hears(text), pcm)
    assert hypothesis.text == text
    starts = [word.start_ms for word in hypothesis.words]
    assert starts == sorted(starts)


def test_hears_a_phrase_of_its_grammar(hears: Hears) -> None:
    assert listen(hears("cek status"), say("cek status"), ["lapor", "cek status", "informasi"]).text == "cek status"


def test_what_is_not_in_the_grammar_is_unknown(hears: Hears) -> None:
    hypothesis = listen(hears("petugas"), say("petugas"), ["lapor", "cek status"])
    assert set(hypothesis.text.split()) == {UNKNOWN}


@pytest.mark.parametrize("phrases", [None, [], [""], ["   "], ["xqzptw"], ["xqzptw brrfgh", ""]])
def test_without_any_known_phrase_it_listens_freely(hears: Hears, phrases: list[str] | None) -> None:
    assert listen(hears(REPORT), say(REPORT), phrases).text == REPORT


def test_unknown_words_of_phrases_are_left_out(hears: Hears) -> None:
    assert listen(hears("cek status"), say("cek status"), ["cek xqzptw status", "brrfgh"]).text == "cek status"


@pytest.mark.parametrize("phrase", ['"]', "\\", "cek\nstatus", "a" * 10_000, "İ 漢字 \x00", UNKNOWN])
def test_odd_phrases_do_no_harm(hears: Hears, phrase: str) -> None:
    assert listen(hears("lapor"), say("lapor"), ["lapor", phrase]).text == "lapor"


def test_partial_grows_to_what_was_said(hears: Hears) -> None:
    stream = hears(REPORT).listen()
    assert stream.partial() == ""
    partials = []
    pcm = say(REPORT, after_ms=1500)
    for at in range(0, len(pcm), 320):
        stream.accept(pcm[at : at + 320])
        partials.append(stream.partial())
    assert partials[-1] == REPORT
    assert len(set(partials)) > 3  # it could be followed while it was said
    assert stream.finish().text == REPORT


def test_no_sound_no_words(hears: Hears) -> None:
    assert hears("").listen().finish() == Hypothesis()
    assert listen(hears(""), silence(2000)) == Hypothesis()
    stream = hears("").listen(["lapor"])
    stream.accept(b"")
    assert (stream.partial(), stream.finish()) == ("", Hypothesis())


def test_half_a_sample_is_refused(hears: Hears) -> None:
    with pytest.raises(ValueError, match="even number"):
        hears(REPORT).listen().accept(b"\0\0\0")


def test_knows_its_words_and_no_others(hears: Hears) -> None:
    recognizer = hears(REPORT)
    assert recognizer.knows("lampu") and recognizer.knows("lapor")
    assert not any(recognizer.knows(word) for word in ("xqzptw", "", "lampu jalan", "<eps>", "Lampu"))


def test_many_threads_share_it(vosk_model: Path) -> None:
    recognizer = VoskRecognizer(vosk_model)
    texts = ["cek status", "saya mau lapor", "pohon tumbang", "satu dua tiga", "sampah menumpuk", "lampu jalan mati"]
    sounds = [say(text) for text in texts]
    with ThreadPoolExecutor(12) as threads:
        heard = list(threads.map(lambda pcm: listen(recognizer, pcm).text, sounds * 4))
    assert heard == texts * 4
