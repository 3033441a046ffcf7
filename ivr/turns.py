"""Turn-taking: when an answer begins, when it is over, and when it may interrupt us.

All times are counted in sound (20 ms a frame), so that a test runs as fast as it can and a busy
machine never cuts a caller short.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

from ivr.effects import Listen
from ivr.profiles import profile_of
from ivr.understand import DIGIT_WORDS, NUMBER_WORDS
from speech.activity import Endpointer, SpeechGate
from speech.audio import FRAME_BYTES, FRAME_MS
from speech.recognize import UNKNOWN, Hypothesis, RecognitionStream, Recognizer

PRE_ROLL_MS = 400  # sound before the gate opened that belongs to the answer: soft first consonants
START_MS = 60  # speech needed to begin an answer; a click is shorter, "ya" is about 150 ms
INTERRUPT_MS = 300  # speech needed to interrupt a prompt, together with a known word
LOOK_MS = 100  # how often a partial result is asked for while a prompt plays
ECHO_LOOK_MS = 400  # how often it is asked whether what is heard while a prompt plays is the prompt
COUGH_MS = 300  # a shorter sound without a known word is no answer

# Silence that ends an answer. Conversation studies: 0.2 s between friends, 0.8 s feels good on the
# telephone, 1.5 s is accepted; digits are read off a paper with pauses between groups.
END_SILENCE_MS = {"yes-no": 750, "menu": 1000, "sentence": 1500, "digits": 2000, "message": 2500, "veto": 500}
EARLY_MS = 350  # silence after which an answer that is certain is over: twice the gap between two words


def end_silence_ms(listen: Listen, pace: int) -> int:
    """Silence (ms) after which an answer to this question is over, at this pace (words per minute)."""
    return round(END_SILENCE_MS[listen.kind] * profile_of(pace).silence)


@dataclass(frozen=True)
class Answer:
    """What was heard. `grammar` is None for free speech; times in ms since the ear began to listen."""

    free: Hypothesis
    grammar: Hypothesis | None
    start_ms: int
    end_ms: int
    speech_ms: int

    @property
    def bound(self) -> bool:
        """The grammar explains more of the utterance than it leaves unknown."""
        if self.grammar is None:
            return False
        unknown = sum(word.text == UNKNOWN for word in self.grammar.words)
        return len(self.grammar.words) - unknown > unknown

    @property
    def empty(self) -> bool:
        """A cough or a door: short, and no word in it."""
        return self.speech_ms < COUGH_MS and not self.hypothesis.text

    @property
    def interrupts(self) -> bool:
        """Said to us over a prompt: long enough, with a word that fits, or two of any kind."""
        return self.speech_ms >= INTERRUPT_MS and (self.bound or len(self.hypothesis.words) >= 2)

    @property
    def hypothesis(self) -> Hypothesis:
        """What counts: the grammar's, unless most of it is unknown; without the unknown words."""
        chosen = self.grammar if self.grammar is not None and self.bound else self.free
        return without_unknown(chosen)


def without_unknown(hypothesis: Hypothesis) -> Hypothesis:
    known = tuple(word for word in hypothesis.words if word.text != UNKNOWN)
    text = " ".join(word for word in hypothesis.text.split() if word != UNKNOWN)
    return replace(hypothesis, text=text, words=known)


class Ear:
    """Hears one answer: opens recognisers when speech begins, ends it after enough silence.

    Args:
        recognizer: makes one stream bound by the question's grammar and one free, side by side.
        listen: the open question.
        silence_ms: silence that ends the answer.
        gate: the call's own, which knows the noise of its line.
    """

    def __init__(self, recognizer: Recognizer, listen: Listen, silence_ms: int, gate: SpeechGate) -> None:
        self._recognizer = recognizer
        self._listen = listen
        # One word may interrupt if it is an answer by itself. Digits are not: loud noise is heard as "kosong".
        self._single_words = frozenset(p for p in listen.phrases or () if " " not in p) - set(NUMBER_WORDS)
        self._certain_phrases = frozenset(listen.certain)
        self._sound = bytearray()
        self._endpointer = Endpointer(silence_ms, START_MS, gate)
        self._before: deque[bytes] = deque(maxlen=PRE_ROLL_MS // FRAME_MS)
        self._streams: list[RecognitionStream] = []
        self._looked: list[str] = []
        self._start_ms = 0
        self._ended = False

    @property
    def started(self) -> bool:
        return bool(self._streams)

    @property
    def ended(self) -> bool:
        """The caller has finished, or spoken for as long as the question allows."""
        too_long = self._endpointer.heard_ms - self._start_ms >= self._listen.limit_ms
        return self.started and (self._ended or too_long)

    @property
    def cut(self) -> bool:
        """The question's time for one answer is over, and the caller still speaks."""
        return self.started and not self._ended and self.ended

    @property
    def sound(self) -> bytes:
        """Of the answer so far, with its pre-roll, up to its last speech."""
        return bytes(self._sound[: len(self._sound) - self.quiet_ms // FRAME_MS * FRAME_BYTES])

    @property
    def quiet_ms(self) -> int:
        """Since the last speech of the answer."""
        return self._endpointer.silent_ms if self.started else 0

    @property
    def speech_ms(self) -> int:
        """From the first to the last speech of the answer."""
        start, end = self._endpointer.speech_start_ms, self._endpointer.speech_end_ms
        return (end or 0) - (start or 0) if self.started else 0

    def push(self, frame: bytes) -> None:
        """Take 20 ms of 16-bit samples at 8 kHz."""
        state = self._endpointer.push(frame)
        if self.started:
            self._sound += frame
            for stream in self._streams:
                stream.accept(frame)
            self._ended = state == "ended" or self._certain()
            return
        self._before.append(frame)
        if state == "started":
            self._begin()

    def _certain(self) -> bool:
        """Whether what was said is a whole answer, however long the caller may be silent now."""
        quiet_ms = self._endpointer.silent_ms
        if quiet_ms < EARLY_MS or quiet_ms % LOOK_MS >= FRAME_MS or len(self._streams) < 2:
            return False
        heard, free = (stream.partial().split() for stream in self._streams[:2])
        if len(free) > len(heard) + 1:  # a story that the grammar cannot follow
            return False
        if self._listen.kind == "digits":
            return len(heard) == self._listen.keys and all(word in DIGIT_WORDS for word in heard)
        return " ".join(heard) in self._certain_phrases

    def _begin(self) -> None:
        grammars = [None] if self._listen.phrases is None else [self._listen.phrases, None]
        self._streams = [self._recognizer.listen(grammar) for grammar in grammars]
        self._start_ms = self._endpointer.heard_ms - len(self._before) * FRAME_MS
        self._sound = bytearray(b"".join(self._before))
        for stream in self._streams:
            stream.accept(bytes(self._sound))
        self._before.clear()

    def looks(self) -> bool:
        """Whether there is enough new sound for it to be worth asking whose it is."""
        return self.started and self._endpointer.heard_ms % ECHO_LOOK_MS == 0

    def interrupts(self) -> bool:
        """Whether this is speech, and not a cough or babble: long enough, with a known word."""
        if self.speech_ms < INTERRUPT_MS or self._endpointer.heard_ms % LOOK_MS:
            return False
        known = [word for word in self._streams[0].partial().split() if word != UNKNOWN]
        before, self._looked = self._looked, known
        kept = [word for word in known if word in before]  # noise is heard as another word at every look
        return len(kept) >= 2 or any(word in self._single_words for word in kept)

    def finish(self) -> Answer:
        """The answer; the ear begins anew."""
        speech_ms = self.speech_ms
        hypotheses = [stream.finish() for stream in self._streams]
        self._streams, self._looked, self._ended = [], [], False
        return Answer(
            free=hypotheses[-1],
            grammar=hypotheses[0] if len(hypotheses) > 1 else None,
            start_ms=self._start_ms,
            end_ms=self._endpointer.heard_ms,
            speech_ms=speech_ms,
        )


def words_per_minute(hypothesis: Hypothesis) -> int:
    """How fast these words were said; 0 when there are none."""
    words = hypothesis.words
    spoken_ms = words[-1].end_ms - words[0].start_ms if words else 0
    return round(60_000 * len(words) / spoken_ms) if spoken_ms > 0 else 0


def shifted(hypothesis: Hypothesis, ms: int) -> Hypothesis:
    """The same with its word times moved later: from the stream's own to the recording's."""
    moved = (replace(w, start_ms=w.start_ms + ms, end_ms=w.end_ms + ms) for w in hypothesis.words)
    return Hypothesis(hypothesis.text, tuple(moved))


class KeyEntry:
    """Collects the keys of one answer.

    One key is an answer where one is asked for. Where a number is entered, keys are gathered until
    enough are there, # ends them, or the caller pauses; a command follows a * ("*0" a person).
    """

    PAUSE_MS = 3000  # between two keys of a number; slow fingers and screen readers need long

    def __init__(self, listen: Listen, patience: float = 1.0) -> None:
        """`patience`: factor on the pause that ends a number."""
        self._listen = listen
        self._pause_ms = patience * self.PAUSE_MS
        self._keys = ""
        self._waited_ms = 0

    @property
    def begun(self) -> bool:
        return bool(self._keys)

    def press(self, key: str) -> str | None:
        """The whole answer when this key completes it."""
        self._waited_ms = 0
        whole = self._keys + key
        if whole == "*#":
            return self._take("#")
        if key == "#":
            return self._take(self._keys or "#")
        complete = (
            self._listen.keys == 1
            or len(whole) >= self._listen.keys
            or (whole.startswith("*") and len(whole) == 2)
            or (not self._keys and key in self._listen.instant)
        )
        if complete:
            return self._take(whole)
        self._keys = whole
        return None

    def wait(self, ms: int) -> str | None:
        """Time passed; what was entered, when the pause was long enough."""
        if not self._keys:
            return None
        self._waited_ms += ms
        return self._take(self._keys) if self._waited_ms >= self._pause_ms else None

    def _take(self, keys: str) -> str:
        self._keys = ""
        return keys
