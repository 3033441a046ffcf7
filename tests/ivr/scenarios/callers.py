"""Two ways to be a scripted caller: by events, as a channel would give them, and by sound."""

from __future__ import annotations

import random
from typing import Protocol

from ivr.conversation import Evidence, Output, Speak
from ivr.effects import Listen
from ivr.events import Event, HandOverEnded, Heard, HungUp, Keyed, Silence
from ivr.line import Line
from ivr.turns import KeyEntry
from speech.recognize import Hypothesis, Word
from tests.ivr.handset import MOST_MS, Handset, spoken
from tests.ivr.scenarios.reading import Act

RECORDED = "https://api.twilio.com/2010-04-01/Accounts/AC0/Recordings/RE"
REACTION_MS = 300  # between a question and the answer to it
CUT_IN_MS = 1500  # heard of a question by who does not hear it out
STEP_MS = 200


class CannotPlay(AssertionError):
    """The script wants what no caller can do at this moment."""


class Caller(Protocol):
    """One call. `prompts`: all that was said to the caller, in order; a store that is away is told of nowhere else."""

    call_id: str
    prompts: list[str]

    def does(self, act: Act) -> None:
        """Play one act.

        Raises:
            CannotPlay
        """


def hand_over_ended(line: Line, call_id: str, act: Act) -> tuple[Output, ...]:
    """As Twilio's webhook does when the dialled line ends."""
    conversation = line.conversation(call_id)
    if not conversation.pending_hand_over:
        raise CannotPlay("nobody was called")
    return conversation.handle(HandOverEnded(act.hand_over == "answered"))


class ByEvents:
    """Says what a recogniser would have understood. Without one, stories are recorded and the rest is keyed."""

    def __init__(self, line: Line, name: str, number: str | None, recogniser: bool) -> None:
        self._line, self._recogniser = line, recogniser
        self.call_id = line.begin("twilio", name, number)
        self.prompts: list[str] = []
        self._recordings = 0
        self._listen: Listen | None = None
        self._conversation = line.conversation(self.call_id)
        self._take(self._conversation.open())

    def _take(self, outputs: tuple[Output, ...]) -> None:
        self.prompts += [output.prompt for output in outputs if isinstance(output, Speak)]
        self._listen = next((output for output in outputs if isinstance(output, Listen)), None)

    def _happens(self, event: Event, evidence: Evidence | None = None) -> None:
        self._take(self._conversation.handle(event, evidence))

    def _question(self) -> Listen:
        if self._listen is None:
            raise CannotPlay("nothing is asked: the line was given away, is lost, or the call is over")
        return self._listen

    def does(self, act: Act) -> None:
        if act.say is not None:
            self._says(act, self._question())
        elif act.press is not None:
            self._presses(act.press)
        elif act.silence:
            for _ in range(act.silence):
                self._question()
                self._happens(Silence())
        elif act.hang_up:
            self._happens(HungUp())
        elif act.hand_over:
            self._take(hand_over_ended(self._line, self.call_id, act))
            self._back()
        elif act.line == "lost":
            self._listen = None
        elif act.line == "back":
            self._back()

    def _back(self) -> None:
        self._conversation = self._line.conversation(self.call_id)
        if not self._conversation.ended:
            self._take(self._conversation.open())

    def _says(self, act: Act, asked: Listen) -> None:
        text = act.say or ""
        bound = asked.phrases is not None
        if not self._recogniser:
            if bound:
                raise CannotPlay(f"without a recogniser nothing is heard at {asked.step}: press keys")
            self._recordings += 1
            recording = self._line.calls.remote_recording(self.call_id, f"{RECORDED}{self._recordings:032x}")
            self._happens(Heard("", 0.0, recorded=act.recorded), Evidence(recording, 0, 4000))
            return
        free = act.free if act.free is not None else text if bound else ""
        words = tuple(Word(word, 0, 0, act.confidence) for word in text.split())
        self._happens(Heard(text, act.confidence, free, act.recorded), Evidence(hypothesis=Hypothesis(text, words)))

    def _presses(self, keys: str) -> None:
        entry, asked = KeyEntry(self._question()), self._listen
        for key in keys:
            if self._listen is not asked:
                entry, asked = KeyEntry(self._question()), self._listen
            whole = entry.press(key)
            if whole is not None:
                self._happens(Keyed(whole))
        whole = entry.wait(KeyEntry.PAUSE_MS)
        if whole is not None:
            self._happens(Keyed(whole))


class _Telephone(Handset):
    """A handset that remembers every prompt that was sent to it, also those that are not heard out."""

    def __init__(self, line: Line, number: str | None, name: str, prompts: list[str]) -> None:
        self._prompts, self._last = prompts, ""
        super().__init__(line, number, name)

    def play(self, pcm: bytes, mark: str) -> None:
        turn, prompt, _ = mark.split(":", 2)
        if prompt != "listen" and f"{turn}:{prompt}" != self._last:
            self._last = f"{turn}:{prompt}"
            self._prompts.append(prompt)
        super().play(pcm, mark)


class BySound:
    """Speaks with espeak-ng's voice over a telephone's sound, and hears each question out."""

    def __init__(self, line: Line, name: str, number: str | None, recogniser: bool) -> None:
        if not recogniser:
            raise CannotPlay("without a recogniser nobody is heard by sound")
        self._line, self._name, self._number = line, name, number
        self.prompts: list[str] = []
        self._noise = random.Random(name)
        self._handset = self._connected()
        self.call_id = self._handset.call_id

    def _connected(self) -> _Telephone:
        return _Telephone(self._line, self._number, self._name, self.prompts)

    def does(self, act: Act) -> None:
        if act.hand_over:
            outputs = hand_over_ended(self._line, self.call_id, act)
            self.prompts += [output.prompt for output in outputs if isinstance(output, Speak)]
        if act.hand_over or act.line == "back":
            if not self._line.conversation(self.call_id).ended:
                self._handset = self._connected()
        elif self._handset.session.finished or self._handset.released:
            raise CannotPlay("nothing is asked: the line was given away, is lost, or the call is over")
        elif act.line == "lost":
            self._handset.session.close("lost")
        else:
            self._listens(act)

    def _listens(self, act: Act) -> None:
        """Hear the question out, or not, and then do it."""
        for _ in range(act.silence or 1):
            if act.cut_in:
                self._handset.quiet(CUT_IN_MS)
            else:
                self._handset.listens().quiet(REACTION_MS)
            turns = self._turns()
            if act.hang_up:
                self._handset.session.close("hang-up")
            elif act.noise:
                self._makes_noise(act.noise)
            else:
                if act.say is not None:
                    self._handset.sound(spoken(act.say, act.voice))
                if act.press is not None:
                    self._handset.presses(*act.press)
                self._until_turn_after(turns)

    def _turns(self) -> int:
        return self._line.calls.last_turn(self.call_id)

    def _until_turn_after(self, turns: int) -> None:
        for _ in range(MOST_MS // STEP_MS):
            if self._turns() > turns:
                return
            self._handset.quiet(STEP_MS)
        raise CannotPlay("the line made nothing of it")

    def _makes_noise(self, ms: int) -> None:
        samples = (max(-32000, min(32000, round(self._noise.gauss(0, 6000)))) for _ in range(8 * ms))
        self._handset.sound(b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples))
        self._handset.quiet(CUT_IN_MS)
