"""Who is speaking: voice activity on 20 ms frames, and the end of a turn.

Two judges must agree that a frame is speech: webrtcvad (does it sound like a voice?) and an energy gate over the
line's own noise (is it the caller's, or the street's?).

Measured on 30 espeak-ng utterances ("ya" of 250 ms to 4 s, three paces) through mu-law after 3 s of line, end silence
750 ms; lag is "ended" against the true end of speech plus the end silence, start is "started" after its begin:

| line | missed | false starts | start p50 / p95 ms | end lag p50 / p95 / most ms | cut or split |
| --- | --- | --- | --- | --- | --- |
| clean, -15 to -38 dB | 0 | 0 | 100 / 220 | 5 / 20 / 20 | 0 of 120 |
| white, hum, street, babble at 20 dB | 0 | 0 | 100 / 220 | 0 / 20 / 20 | 0 of 120 |
| the same at 15 dB | 0 | 0 | 120 / 220 | -40 / 10 / 20 | 0 of 120 |
| the same at 10 dB | 0 | 0 | 180 / 460 | -80 / 10 / 10 | 10 of 120 |

A minute of each noise alone, from -60 to -30 dB: no start. Soft ends of words may be missed by 110 ms (p5),
which the end silence swallows. Noise that sets in suddenly counts as speech for 3 to 9 s; babble that does so was
still taken for speech after 40 s at two of three levels (the limit of an utterance ends that). 14 to 26 s of talk
without a pause is not split, even with 0.2 or 0.4 s of reverberation, unless the telephone also compresses 2:1:
then 5 of 6 were cut. The numbers of this module were chosen on this same material; real callers are not in it.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

import webrtcvad

from speech.audio import FRAME_BYTES, FRAME_MS, level_db
from speech.recognize import RATE

State = Literal["silence", "started", "speaking", "ended"]


class SpeechGate:
    """Whether each frame is the caller's speech. One per line, for the whole call; not shared by threads.

    The noise is known by the levels of the last 3 s of frames that were not speech: a frame must lie over their
    median by `margin_db`, or by more where the noise itself jumps about (babble, traffic). Speech leaves gaps; a
    line that stays above that for 4 s has become noisier, and its quietest moment is the new noise. The first
    200 ms are taken for noise. A frame must also lie within 20 dB of the caller's recent loudness.
    """

    NOISE_MS = 3000
    RISE_MS = 4000
    FIRST_MS = 200
    LOWEST_DB = -58.0  # median of the noise is never taken as quieter: digital silence says nothing about a line
    MOST_MARGIN_DB = 14.0
    TAIL_MS = 200  # after speech nothing is learned: soft ends of words are no noise
    SPREADS = 1.6  # times from median to 90th percentile
    SOFTEST_BELOW_DB = 20.0
    LOUDNESS_FADE_DB = 0.1  # a frame: 5 dB a second, so that a softer second speaker is heard after a while

    def __init__(self, aggressiveness: int = 2, margin_db: float = 8.0) -> None:
        self._vad = webrtcvad.Vad(aggressiveness)
        self._margin_db = margin_db
        self._noise: deque[float] = deque(maxlen=self.NOISE_MS // FRAME_MS)
        self._latest: deque[float] = deque(maxlen=self.RISE_MS // FRAME_MS)
        self._frames = 0
        self._since_speech_ms = self.TAIL_MS
        self._last_db = -100.0
        self._loudness_db = -100.0

    @property
    def threshold_db(self) -> float:
        """What a frame of speech must be louder than, dB below full scale."""
        levels = sorted(self._noise)
        median, high = levels[len(levels) // 2], levels[len(levels) * 9 // 10]
        margin = min(max(self._margin_db, self.SPREADS * (high - median)), self.MOST_MARGIN_DB)
        return max(median + margin, self._loudness_db - self.SOFTEST_BELOW_DB)

    def push(self, frame: bytes) -> bool:
        """Whether this frame (20 ms of pcm, 320 bytes) is speech.

        Raises:
            ValueError: the frame has another length.
        """
        if len(frame) != FRAME_BYTES:
            raise ValueError(f"a frame is {FRAME_MS} ms of 16-bit samples: {FRAME_BYTES} bytes, not {len(frame)}")
        level = max(level_db(frame), self.LOWEST_DB)
        self._frames += 1
        self._loudness_db -= self.LOUDNESS_FADE_DB
        sounds = self._vad.is_speech(frame, RATE)
        if self._frames * FRAME_MS <= self.FIRST_MS:
            self._noise.append(level)
            return False
        self._latest.append(max(level, self._last_db))  # a dip of one frame is no gap
        self._last_db = level
        threshold = self.threshold_db
        if len(self._latest) == self._latest.maxlen and min(self._latest) > threshold:
            # Only the quietest: in an echoing room speech, too, may go on for seconds without a gap.
            self._noise = deque([min(self._latest)], self._noise.maxlen)
            self._latest.clear()
            threshold = self.threshold_db
        speech = sounds and level > threshold
        if speech:
            self._loudness_db = max(self._loudness_db, level)
            self._since_speech_ms = 0
            return True
        self._since_speech_ms += FRAME_MS
        if self._since_speech_ms > self.TAIL_MS:
            self._noise.append(level)
        return False


class Endpointer:
    """When the caller begins and ends an answer, in ms of sound pushed (never of a clock).

    Begins with `min_speech_ms` of speech within 200 ms, so that a click (20 to 60 ms) is none and a short "ya"
    (150 ms) is one. Ends when `end_silence_ms` passed without speech; a lone speech frame within is passed over.
    After "ended" it is ready for the next answer.
    """

    WINDOW_MS = 200

    def __init__(self, end_silence_ms: int, min_speech_ms: int = 100, gate: SpeechGate | None = None) -> None:
        self.end_silence_ms = end_silence_ms
        self._needed = max(1, min_speech_ms // FRAME_MS)
        self._gate = gate or SpeechGate()
        self._recent: deque[bool] = deque(maxlen=max(self._needed, self.WINDOW_MS // FRAME_MS))
        self._speaking = False
        self._heard_ms = 0
        self.speech_start_ms: int | None = None  # of the running or last answer, from the first sound pushed
        self.speech_end_ms: int | None = None  # end of its last speech so far

    @property
    def heard_ms(self) -> int:
        """All sound that was pushed."""
        return self._heard_ms

    @property
    def silent_ms(self) -> int:
        """Since the last speech of the answer, or since the beginning."""
        return self._heard_ms - (self.speech_end_ms or 0)

    def push(self, frame: bytes) -> State:
        """Take 20 ms. "started" and "ended" are said once each; between them "speaking", else "silence"."""
        speech = self._gate.push(frame)
        self._heard_ms += FRAME_MS
        before = bool(self._recent and self._recent[-1])
        self._recent.append(speech)
        if not self._speaking:
            return self._begin()
        if speech and before:
            self.speech_end_ms = self._heard_ms
        if self.silent_ms < self.end_silence_ms:
            return "speaking"
        self._speaking = False
        self._recent.clear()
        return "ended"

    def _begin(self) -> State:
        if sum(self._recent) < self._needed:
            return "silence"
        oldest = len(self._recent) - list(self._recent).index(True)
        self.speech_start_ms = self._heard_ms - oldest * FRAME_MS
        self.speech_end_ms = self._heard_ms
        self._speaking = True
        return "started"
