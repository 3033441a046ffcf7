"""What the worker needs of the line: whether a recording holds speech, and recordings fetched from Twilio."""

from __future__ import annotations

import base64
import urllib.error
import urllib.request

from models.recordings import RecordingMissing, Recordings
from models.store.calls import CallStore
from routing.jobs import FetchFailed
from speech.activity import Endpointer
from speech.audio import FRAME_BYTES, BadAudio, read_wav

SPEECH_MS = 200  # speech that makes a word: "ya" is about 150 ms, a cough is shorter than most words
END_SILENCE_MS = 1000
LONGEST_WAV = 16 * 1024 * 1024  # bytes; the longest story of 90 s is 1.5 MB
FETCH_TIMEOUT_S = 30.0


def has_speech(recordings: Recordings, recording_id: str, after_ms: int) -> bool:
    """Whether somebody speaks in a recording later than `after_ms` from its start; False when it is gone."""
    try:
        pcm = recordings.read_pcm(recording_id)
    except RecordingMissing:
        return False
    endpointer = Endpointer(END_SILENCE_MS, SPEECH_MS)
    for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):  # from the start: the gate learns the line's noise
        state = endpointer.push(pcm[start : start + FRAME_BYTES])
        if state in ("started", "speaking") and (endpointer.speech_end_ms or 0) > after_ms + SPEECH_MS:
            return True
    return False


class TwilioRecordings:
    """Brings home what Twilio recorded for us (the path of keys and recordings)."""

    def __init__(self, calls: CallStore, recordings: Recordings, account_sid: str, auth_token: str) -> None:
        self._calls = calls
        self._recordings = recordings
        self._account = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()

    def fetch(self, recording_id: str) -> None:
        """Fetch, keep sealed, and note that it is here; harmless when repeated.

        Raises:
            FetchFailed: Twilio does not give it (yet), or what it gives is no sound.
        """
        recording = self._calls.recording(recording_id)
        if recording is None or recording.remote_url is None or recording.fetched_at or recording.deleted_at:
            return
        try:
            pcm = read_wav(self._download(f"{recording.remote_url}.wav"))
        except BadAudio as error:
            raise FetchFailed("what Twilio gave is no sound that can be read") from error
        self._recordings.delete(recording_id)  # half of it may be left by a try that was killed
        with self._recordings.writer(recording_id) as writer:
            writer.append(pcm)
        self._calls.recording_fetched(recording_id)

    def _download(self, url: str) -> bytes:
        """The address was checked to be Twilio's before it was stored."""
        request = urllib.request.Request(url, headers={"Authorization": f"Basic {self._account}"})  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=FETCH_TIMEOUT_S) as answer:  # noqa: S310
                content: bytes = answer.read(LONGEST_WAV + 1)
        except urllib.error.HTTPError as error:
            raise FetchFailed(f"Twilio answered {error.code} to the request for a recording") from None
        except OSError:
            raise FetchFailed("Twilio could not be reached for a recording") from None
        if len(content) > LONGEST_WAV:
            raise FetchFailed("a recording is longer than any story may be")
        return content
