"""The same conversation without a WebSocket: one request a turn, and speech as a recording of its own.

For networks that let no WebSocket through, and for reports that were recorded while there was no network at all.
A recording is in the store before anything is made of it.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from ivr.channels import browser_call
from ivr.channels import browser_wire as wire
from ivr.conversation import Conversation, Evidence, Output, Speak
from ivr.effects import Listen
from ivr.events import Event, HandOverEnded, Heard, HungUp
from ivr.session import TYPED, typed_event
from ivr.turns import Answer
from models.store.calls import TurnTaken
from speech.audio import LiveHalver, duration_ms, mulaw_from_pcm
from speech.clips import sentences
from speech.recognize import Hypothesis, Recognizer
from speech.synthesize import SynthesisFailed

if TYPE_CHECKING:
    from ivr.line import Line

log = structlog.get_logger(__name__)

LONGEST_RECORDING_S = 120  # a story has 90
RECORDING_BYTES = LONGEST_RECORDING_S * wire.BROWSER_RATE * 2

Messages = list[dict[str, Any]]


class BrowserTurns:
    """Each method is one request; gives the messages that a stream would have sent, with their sound in them."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def hello(self, message: wire.Hello) -> Messages:
        """Begin a call, or ask again what is open in one."""
        token = message.call or browser_call.new_token()
        call_id = browser_call.begin(self._line, token) if not message.call else self._id(token)
        if call_id is None:
            return [wire.problem_message("ended")]
        conversation = self._line.conversation(call_id)
        return [wire.call_message(token), *self._told(conversation, self._open(conversation), message.voice)]

    def answer(self, token: str, message: wire.Message, voice: bool) -> Messages:
        """What the caller did, but speak."""
        call_id = self._id(token)
        if call_id is None:
            return [wire.problem_message("ended")]
        conversation = self._line.conversation(call_id)
        evidence = None
        match message:
            case wire.Key():
                event: Event = typed_event(message.key)
            case wire.Typed():
                event = typed_event(message.text)
                if isinstance(event, Heard):
                    evidence = Evidence(hypothesis=Hypothesis(message.text, certainty=1.0), recogniser=TYPED)
            case wire.Back():
                event = HandOverEnded(message.answered)
            case wire.Stop():
                event = HungUp()
            case _:
                raise wire.BadMessage("of no use without a stream")
        return self._told(conversation, self._handle(conversation, event, evidence), voice)

    def recording(self, token: str, samples: bytes, voice: bool) -> Messages:
        """Speech: 16-bit mono samples at `BROWSER_RATE`, kept first, then heard."""
        call_id = self._id(token)
        if call_id is None:
            return [wire.problem_message("ended")]
        pcm = LiveHalver().push(samples)
        recording_id = self._line.calls.start_recording(call_id)
        with self._line.recordings.writer(recording_id) as writer:
            writer.append(pcm)
        conversation = self._line.conversation(call_id)
        recognizer, listen = self._line.hearing(), conversation.expects()
        said = Hypothesis()
        if recognizer is not None and listen is not None:
            said, free = _understand(recognizer, listen, pcm)
            event = Heard(said.text, said.confidence, free)
        else:
            event = Heard("", confidence=0.0)
        name = recognizer.name if recognizer else ""
        evidence = Evidence(recording_id, 0, duration_ms(pcm), said, name)
        outputs = self._handle(conversation, event, evidence)
        return [wire.understood_message(said.text), *self._told(conversation, outputs, voice)]

    def _id(self, token: str) -> str | None:
        call = browser_call.find(self._line, token)
        return call.id if call else None

    def _open(self, conversation: Conversation) -> tuple[Output, ...]:
        try:
            return conversation.open()
        except TurnTaken:
            return ()

    def _handle(self, conversation: Conversation, event: Event, evidence: Evidence | None) -> tuple[Output, ...]:
        try:
            return conversation.handle(event, evidence)
        except TurnTaken:  # the same request twice: its twin has written the turn
            log.info("turn taken by another request", call=conversation.call_id)
            return ()

    def _told(self, conversation: Conversation, outputs: tuple[Output, ...], voice: bool) -> Messages:
        messages = [wire.turn_message(outputs, conversation.state.ticket, self._line.numbers)]
        for output in outputs:
            if isinstance(output, Speak) and voice:
                messages += self._sound(output)
        return messages

    def _sound(self, speak: Speak) -> Messages:
        messages: Messages = []
        for text in sentences(speak.text):
            with suppress(SynthesisFailed):
                sound = mulaw_from_pcm(self._line.voice.clip(text, speak.pace).pcm)
                messages.append({"type": "sound", "sound": base64.b64encode(sound).decode()})
        return messages


def _understand(recognizer: Recognizer, listen: Listen, pcm: bytes) -> tuple[Hypothesis, str]:
    """What counts of an answer, and the same through the open vocabulary where a grammar listened."""
    grammars = [None] if listen.phrases is None else [listen.phrases, None]
    heard = []
    for grammar in grammars:
        stream = recognizer.listen(grammar)
        stream.accept(pcm)
        heard.append(stream.finish())
    bound = heard[0] if len(heard) > 1 else None
    answer = Answer(heard[-1], bound, 0, duration_ms(pcm), duration_ms(pcm))
    return answer.hypothesis, heard[-1].text if bound is not None else ""
