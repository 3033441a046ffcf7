"""What the worker needs of the line: speech found in sound, and recordings fetched over real HTTP."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from ivr.jobs import TwilioRecordings, has_speech
from models.crypto import Vault
from models.db import connect
from models.migrations import upgrade
from models.recordings import Recordings
from models.store.calls import CallStore
from routing.jobs import FetchFailed
from speech.audio import duration_ms, silence, wav_bytes
from speech.clips import ClipStore

SID, TOKEN = "AC" + "1" * 32, "token"


class Provider(ThreadingHTTPServer):
    """Holds recordings as Twilio does: behind a password, as WAV."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.files: dict[str, bytes] = {}
        self.asked = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Answer(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.server.asked += 1
        expected = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        content = self.server.files.get(self.path)
        code = 401 if self.headers["Authorization"] != expected else 404 if content is None else 200
        self.send_response(code)
        self.end_headers()
        if code == 200 and content:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def recordings(tmp_path: Path, vault: Vault) -> Recordings:
    return Recordings(tmp_path / "recordings", vault)


@pytest.fixture
def calls(tmp_path: Path) -> CallStore:
    url = f"sqlite:///{tmp_path / 'calls.db'}"
    upgrade(url)
    return CallStore(connect(url))


@pytest.fixture(scope="module")
def spoken(voice: ClipStore) -> bytes:
    """A sentence, as sound."""
    return voice.clip("lampu jalan di depan masjid mati").pcm


def keep(recordings: Recordings, pcm: bytes) -> str:
    with recordings.writer("a" * 32) as writer:
        writer.append(pcm)
    return "a" * 32


# -- speech in sound


def test_speech_is_found_only_after_what_was_answered(recordings: Recordings, spoken: bytes) -> None:
    recording = keep(recordings, silence(1000) + spoken + silence(1500))
    assert has_speech(recordings, recording, 0)
    assert not has_speech(recordings, recording, 1000 + duration_ms(spoken))


def test_a_second_sentence_is_found_after_the_first_was_answered(recordings: Recordings, spoken: bytes) -> None:
    recording = keep(recordings, silence(1000) + spoken + silence(1500) + spoken)
    assert has_speech(recordings, recording, 1000 + duration_ms(spoken) + 300)


@pytest.mark.parametrize("pcm", [b"", silence(5000)])
def test_silence_is_no_speech(recordings: Recordings, pcm: bytes) -> None:
    assert not has_speech(recordings, keep(recordings, pcm), 0)


def test_a_recording_that_is_gone_holds_no_speech(recordings: Recordings) -> None:
    assert not has_speech(recordings, "b" * 32, 0)


# -- fetched recordings


def remote(calls: CallStore, provider: Provider) -> str:
    call_id = calls.begin("twilio", "CA1", {})
    return calls.remote_recording(call_id, f"{provider.url}/RE1")


def test_a_recording_is_fetched_once_and_kept_sealed(
    calls: CallStore, recordings: Recordings, provider: Provider, spoken: bytes
) -> None:
    provider.files["/RE1.wav"] = wav_bytes(spoken)
    recording = remote(calls, provider)
    twilio = TwilioRecordings(calls, recordings, SID, TOKEN)
    for _ in range(2):
        twilio.fetch(recording)
    assert provider.asked == 1
    assert abs(duration_ms(recordings.read_pcm(recording)) - duration_ms(spoken)) <= 1
    row = calls.recording(recording)
    assert row is not None
    assert isinstance(row.fetched_at, dt.datetime)


def test_what_a_killed_try_left_is_not_doubled(
    calls: CallStore, recordings: Recordings, provider: Provider, spoken: bytes
) -> None:
    provider.files["/RE1.wav"] = wav_bytes(spoken)
    recording = remote(calls, provider)
    with recordings.writer(recording) as writer:
        writer.append(spoken[:16000])
    TwilioRecordings(calls, recordings, SID, TOKEN).fetch(recording)
    assert abs(duration_ms(recordings.read_pcm(recording)) - duration_ms(spoken)) <= 1


@pytest.mark.parametrize(
    ("content", "token", "reason"),
    [(None, TOKEN, "404"), (b"RIFFnonsense", TOKEN, "no sound"), (b"x", "wrong", "401")],
)
def test_a_failure_is_told_without_the_address_and_may_be_tried_again(
    calls: CallStore, recordings: Recordings, provider: Provider, content: bytes | None, token: str, reason: str
) -> None:
    if content is not None:
        provider.files["/RE1.wav"] = content
    recording = remote(calls, provider)
    with pytest.raises(FetchFailed, match=reason) as failure:
        TwilioRecordings(calls, recordings, SID, token).fetch(recording)
    assert provider.url not in str(failure.value)
    row = calls.recording(recording)
    assert row is not None
    assert row.fetched_at is None


def test_a_provider_that_is_away_is_a_failure_to_be_tried_again(calls: CallStore, recordings: Recordings) -> None:
    call_id = calls.begin("twilio", "CA1", {})
    recording = calls.remote_recording(call_id, "http://127.0.0.1:9/RE1")
    with pytest.raises(FetchFailed, match="could not be reached"):
        TwilioRecordings(calls, recordings, SID, TOKEN).fetch(recording)
