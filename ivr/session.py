"""One live call over a channel that carries sound both ways. Used by one thread."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as TooLate
from typing import TYPE_CHECKING, Literal, Protocol

import structlog

from ivr.conversation import Evidence, Output, Speak
from ivr.effects import HandOver, HangUp, Listen, Say
from ivr.events import Event, HandOverEnded, Heard, HungUp, Keyed, Silence
from ivr.profiles import profile_of
from ivr.state import State
from ivr.turns import Answer, Ear, KeyEntry, end_silence_ms, shifted, words_per_minute
from models.store.calls import TurnTaken
from observability import ANSWER_SECONDS
from speech import audio
from speech.activity import SpeechGate
from speech.audio import FRAME_BYTES, FRAME_MS
from speech.clips import sentences
from speech.echo import ECHO, EchoJudge
from speech.recognize import Hypothesis, RecognizerUnavailable
from speech.synthesize import SynthesisFailed

if TYPE_CHECKING:
    from ivr.line import Line

log = structlog.get_logger(__name__)

ALIVE_MS = 5000  # how often a silent call says to the store that it lives
FILLER_S = 1.0  # of silence, before a caller is told that we are working; longer feels like a broken line
SENTENCE_GAP_MS = 180  # silence between two sentences; twice as long at the slow pace
TONE = audio.tone(660, 160)  # "speak now", before a story
TYPED = "typed"  # in place of a recogniser's name in a transcript
_KEYS = re.compile(r"[0-9*#]{1,40}")
_BETWEEN_KEYS = re.compile(r"[\s.\-]")  # a typed number's groups: "147 112 56"


class Outlet(Protocol):
    """The way back to the caller."""

    def play(self, pcm: bytes, mark: str) -> None:
        """Queue sound (16-bit, 8 kHz; may be empty); `Session.played(mark)` is called when it was heard."""

    def stop(self) -> None:
        """Forget what is queued: the caller has interrupted."""

    def release(self) -> None:
        """Let the stream end once everything queued was played."""


class Screen(Protocol):
    """Where a channel also shows what is said.

    Attributes:
        silent: the caller has it read by a voice or a Braille display of the own: we say nothing aloud.
    """

    silent: bool

    def show(self, outputs: tuple[Output, ...], state: State) -> None:
        """A turn of the dialogue, before its first sound, and the state after it."""

    def understood(self, text: str) -> None:
        """What the recogniser made of an answer; empty when it is no word that it knows."""


class Session:
    """Sound, keys, typed words and time in; prompts out. The dialogue and the store are behind `Conversation`.

    With a screen it goes without a recogniser, too: there are keys and typing.
    """

    def __init__(self, line: Line, call_id: str, outlet: Outlet, screen: Screen | None = None) -> None:
        recognizer = line.hearing()
        if recognizer is None and screen is None:
            raise RecognizerUnavailable("calls by sound need a recogniser; use keys and recordings")
        self._line = line
        self._recognizer = recognizer  # the whole call's, whatever comes into service meanwhile
        self._outlet = outlet
        self._screen = screen
        self._conversation = line.conversation(call_id)
        self._recording_id = line.calls.start_recording(call_id)
        self._writer = line.recordings.writer(self._recording_id)
        self._gate = SpeechGate()
        self._rest = b""
        self._turn = 0
        self._listen: Listen | None = None
        self._ear: Ear | None = None
        self._ear_from_ms = 0
        self._keys: KeyEntry | None = None
        self._playing = False
        self._interrupted = False
        self._patience = 1.0
        self._echo = EchoJudge()
        self._quiet_ms = 0
        self._alive_ms = 0
        self.finished = False

    # -- what the channel tells us

    def open(self) -> None:
        """Greet, or go on where the line broke."""
        self._present(self._guarded(lambda: self._conversation.open(self._recording_id)))

    def hear(self, pcm: bytes) -> None:
        """Take 16-bit samples at 8 kHz. They are kept before anything is made of them."""
        if self.finished:
            return
        if not self._conversation.state.unrecorded:
            self._writer.append(pcm)
        self._rest += pcm
        while len(self._rest) >= FRAME_BYTES:
            frame, self._rest = self._rest[:FRAME_BYTES], self._rest[FRAME_BYTES:]
            self._frame(frame)

    def idle(self, ms: int) -> None:
        """The wire brought no sound for so long: it counts as silence."""
        for _ in range(ms // FRAME_MS):
            if not self.finished:
                self._frame(bytes(FRAME_BYTES))

    def press(self, key: str) -> None:
        """A key interrupts at once, and is lost never."""
        if self._listen is None or self._keys is None or self.finished:
            return
        self._hush()
        story = self._listen.kind in ("message", "sentence")
        if story and self._ear is not None and self._ear.started:
            self._answered()  # the words come first; then what the key wants, unless it only ended them
            if key == "#" or self._keys is None or self.finished:
                return
        keys = self._keys.press(key)
        if keys is not None:
            self._happened(Keyed(keys, self._interrupted))

    def write(self, text: str) -> None:
        """Typed words are an answer; typed digits, * and # are keys that belong together."""
        if self._listen is None or self.finished:
            return
        self._hush()
        event = typed_event(text)
        words = isinstance(event, Heard)
        self._happened(event, Evidence(hypothesis=Hypothesis(text, certainty=1.0), recogniser=TYPED) if words else None)

    def spoken_out(self) -> None:
        """The caller says that the answer is over: its end need not be waited for."""
        if self._ear is not None and self._ear.started and not self.finished:
            self._answered()

    def came_back(self, answered: bool) -> None:
        """The caller has talked to a person elsewhere, or has not reached one, and is here again."""
        if not self.finished:
            self._happened(HandOverEnded(answered))

    @property
    def quiet(self) -> int:
        """Questions in a row that nobody answered."""
        return self._conversation.state.quiet

    def played(self, mark: str) -> None:
        """The caller has heard everything up to this mark."""
        if self._listen and mark == f"{self._turn}:listen:{self._listen.step}":
            self._playing = False
            self._quiet_ms = 0

    def close(self, reason: Literal["hang-up", "lost"]) -> None:
        """The stream is over. Words that were just being said still count; a lost line may come back."""
        if self._ear is not None and self._ear.started and not self.finished:
            self._answered(show=False)
        if reason == "hang-up":
            self._guarded(lambda: self._conversation.handle(HungUp()))
        self._writer.close()
        self.finished = True

    # -- a frame of sound

    def _frame(self, frame: bytes) -> None:
        self._keep_alive()
        self._echo.tick()
        if self._ear is None or self._listen is None or self._keys is None:
            self._gate.push(frame)
            return
        entered = self._keys.wait(FRAME_MS)
        if entered is not None:
            self._happened(Keyed(entered, self._interrupted))
            return
        self._ear.push(frame)
        if self._ear.ended:
            self._answered()
        elif self._ear.started:
            if self._playing and self._ear.looks() and self._is_echo(self._ear):
                self._listen_anew()  # so that a caller who begins to speak over the echo is heard from the first word
            elif self._playing and self._ear.interrupts() and not self._is_echo(self._ear):
                self._hush()
        elif not self._playing and not self._keys.begun:
            self._quiet_ms += FRAME_MS
            if self._quiet_ms >= self._listen.wait_ms * self._patience:
                self._happened(Silence())

    def _keep_alive(self) -> None:
        self._alive_ms += FRAME_MS
        if self._alive_ms >= ALIVE_MS:
            self._alive_ms = 0
            try:
                self._line.calls.touch(self._conversation.call_id)
            except self._line.store_errors:  # it costs no sound: what waits on the wire is still heard
                log.warning("the store does not take a sign of life", call=self._conversation.call_id)

    def _answered(self, show: bool = True) -> None:
        assert self._ear is not None and self._listen is not None
        cut, echo = self._ear.cut, self._is_echo(self._ear)
        answer = self._ear.finish()
        if answer.empty or echo or (self._playing and not answer.interrupts):
            return  # a cough, a door, our own echo: go on listening
        self._hush()
        said = answer.hypothesis
        if self._screen is not None and show:
            self._screen.understood(said.text)
        event = Heard(
            text=said.text,
            confidence=said.confidence,
            free=answer.free.text if answer.grammar is not None else "",
            pace=words_per_minute(answer.free),
            cut=cut,
            interrupted=self._interrupted,
        )
        self._happened(event, self._evidence(answer), show)

    def _is_echo(self, ear: Ear) -> bool:
        return self._echo.likeness(ear.sound, ear.quiet_ms) >= ECHO

    def _evidence(self, answer: Answer) -> Evidence:
        assert self._recognizer is not None
        begin = self._ear_from_ms
        words = shifted(answer.hypothesis, begin + answer.start_ms)
        return Evidence(
            self._recording_id, begin + answer.start_ms, begin + answer.end_ms, words, self._recognizer.name
        )

    # -- to the dialogue and back

    def _happened(self, event: Event, evidence: Evidence | None = None, show: bool = True) -> None:
        if evidence is None:
            evidence = Evidence(self._recording_id, self._ear_from_ms, self._writer.ms)
        self._listen = self._ear = self._keys = None
        began = time.monotonic()
        outputs = self._guarded(lambda: self._conversation.handle(event, evidence))
        if show:
            self._present(outputs, began)

    def _guarded(self, turn: Callable[[], tuple[Output, ...]]) -> tuple[Output, ...]:
        """Let go of the call when another process has taken it. Who would wait in silence hears that we work."""
        try:
            working = self._line.turns.submit(turn)
            try:
                return working.result(FILLER_S)
            except TooLate:
                self._play_now("one-moment")
                return working.result()
        except TurnTaken:
            log.warning("call taken over by another stream", call=self._conversation.call_id)
            self.finished = True
            self._outlet.release()
            return ()

    def _present(self, outputs: tuple[Output, ...], began: float | None = None) -> None:
        """Play what is to be said; `began` is when the answer that it replies to was complete."""
        self._turn += 1
        self._interrupted = False
        self._echo.begin()
        if self._screen is not None:
            self._screen.show(outputs, self._conversation.state)
        for output in outputs:
            match output:
                case Speak():
                    self._play(output)
                    if began is not None:
                        ANSWER_SECONDS.observe(time.monotonic() - began)
                        began = None
                case Listen():
                    self._begin_listening(output)
                case HandOver() | HangUp():
                    self._outlet.release()

    def _play(self, speak: Speak) -> None:
        if self._screen is not None and self._screen.silent:
            return
        spoken = self._line.announcement_sound(speak.announcement) if speak.announcement else None
        if spoken:
            self._send(spoken, f"{self._turn}:{speak.prompt}:{speak.announcement}")
            return
        gap = audio.silence(SENTENCE_GAP_MS * (2 if speak.pace < 120 else 1))
        for sentence in self._sentences(speak):
            self._send(sentence[0] + gap, f"{self._turn}:{speak.prompt}:{sentence[1]}")

    def _play_now(self, prompt: str) -> None:
        text = self._line.prompts.text(Say(prompt), self._line.today())
        self._play(Speak(prompt, text, self._conversation.state.pace))

    def _send(self, pcm: bytes, mark: str) -> None:
        self._echo.send(pcm)
        self._outlet.play(pcm, mark)

    def _sentences(self, speak: Speak) -> Iterator[tuple[bytes, str]]:
        """Each sentence as soon as it is rendered; one that cannot be is left out, and logged."""
        for text in sentences(speak.text):
            try:
                clip = self._line.voice.clip(text, speak.pace)
            except SynthesisFailed:
                log.exception("a sentence could not be spoken", prompt=speak.prompt)
                continue
            yield clip.pcm, clip.key

    def _begin_listening(self, listen: Listen) -> None:
        tone = TONE if listen.kind == "message" else b""
        self._listen = listen
        self._playing = True
        self._patience = profile_of(self._conversation.state.pace).patience
        self._keys = KeyEntry(listen, self._patience)
        self._listen_anew()
        self._quiet_ms = 0
        self._send(tone, f"{self._turn}:listen:{listen.step}")

    def _listen_anew(self) -> None:
        """Forget what the ear has heard so far."""
        assert self._listen is not None
        if self._recognizer is not None:
            silence_ms = end_silence_ms(self._listen, self._conversation.state.pace)
            self._ear = Ear(self._recognizer, self._listen, silence_ms, self._gate)
        self._ear_from_ms = self._writer.ms

    def _hush(self) -> None:
        if self._playing:
            self._playing = False
            self._interrupted = True
            self._quiet_ms = 0
            self._outlet.stop()


def typed_event(text: str) -> Heard | Keyed:
    """What was typed: digits, * and # are keys that belong together, all else is said."""
    keys = _BETWEEN_KEYS.sub("", text)
    if _KEYS.fullmatch(keys):
        return Keyed(keys.rstrip("#") or "#")
    return Heard(text, free=text, recorded=False)
