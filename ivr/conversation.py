"""One call, turn by turn, kept in the store: events in, what to play and to wait for out.

Every turn and the state after it are written in one transaction before anything is answered, so
that any process can go on with the call, and nothing that was said is lost with a process.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import structlog

from ivr import dialogue
from ivr.effects import (
    ActOnCase,
    AskService,
    Effect,
    EraseData,
    FindAlike,
    FindCases,
    FindData,
    HandOver,
    HangUp,
    JoinAnnounced,
    KeepAbout,
    KeepNoSound,
    KeepPace,
    Listen,
    NoteAsked,
    NoteHandOver,
    OpenCase,
    PlayAnnouncement,
    Say,
    TellOutcome,
)
from ivr.events import (
    AlikeFound,
    AnnouncementJoined,
    CaseActed,
    CaseOpened,
    CasesFound,
    DataErased,
    DataFound,
    Event,
    HandOverEnded,
    Heard,
    HungUp,
    Keyed,
    Resumed,
    ServiceAnswered,
    Silence,
    Started,
)
from ivr.replay import kept_text, take
from ivr.state import State
from models.store.calls import NewTranscript, NewTurn
from observability import CALLS, CALLS_ENDED, TURNS
from speech.recognize import Hypothesis

if TYPE_CHECKING:
    from ivr.line import Line

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Speak:
    """One prompt to be played: its name, its words, and how fast (words per minute).

    `announcement`: id of the one whose recording is played instead of the line's voice.
    """

    prompt: str
    text: str
    pace: int
    announcement: str = ""


@dataclass(frozen=True)
class Evidence:
    """Where in which recording an answer is, and what the recogniser made of it. Times in ms."""

    recording_id: str | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    hypothesis: Hypothesis | None = None
    recogniser: str = ""  # which model it was


Output = Speak | Listen | HandOver | HangUp

KINDS: dict[type[Event], str] = {
    Started: "start",
    Resumed: "resume",
    Heard: "speech",
    Keyed: "key",
    Silence: "silence",
    HungUp: "hang-up",
    CaseOpened: "result",
    AnnouncementJoined: "result",
    AlikeFound: "result",
    CasesFound: "result",
    DataFound: "result",
    DataErased: "result",
    ServiceAnswered: "result",
    CaseActed: "result",
    HandOverEnded: "result",
}


class Conversation:
    """A call that is in the store already.

    Raises:
        models.store.calls.CallMissing: when it is not.
        models.store.calls.TurnTaken: from `open` and `handle`, when another process goes on with the call.
    """

    def __init__(self, line: Line, call_id: str) -> None:
        self._line = line
        self.call_id = call_id
        call = line.calls.get(call_id)
        self._reporter = (call.caller_sealed, call.caller_lookup)
        self._channel = call.channel
        self.state = State.from_json(call.state)
        self._said: str = call.state.get("prompted", "")
        self._handed_back: bool = call.state.get("handed_back", False)
        self._turns = line.calls.last_turn(call_id)
        self.ended = call.ended_at is not None

    @property
    def pending_hand_over(self) -> str | None:
        """To whom the line is to be given: "emergency", "operator", or nobody."""
        return self.state.hand_over or None

    def expects(self) -> Listen | None:
        """What the open question listens for."""
        return None if self.ended else dialogue.expects(self.state, self._line.knows)

    def open(self, recording_id: str | None = None) -> tuple[Output, ...]:
        """Greet a new call; go on with one whose line came back, in a recording of its own if it has sound."""
        begun = Evidence(recording_id)
        if self.state.step != "start":
            return self.handle(Resumed(broken=not self._handed_back), begun)
        CALLS.labels(self._channel).inc()
        return self.handle(self._line.started(self._reporter[1]), begun)

    def handle(self, event: Event, evidence: Evidence | None = None) -> tuple[Output, ...]:
        """Write what happened, and give what is to be played and waited for."""
        if self.ended:
            return ()
        outputs: list[Output] = []
        events: deque[tuple[Event, Evidence]] = deque([(event, evidence or Evidence())])
        while events:
            now, where = events.popleft()
            try:
                for effect in self._take(now, where):
                    answer = self._carry_out(effect, outputs)
                    if answer:
                        events.append((answer, Evidence()))
            except self._line.store_errors:
                # Not ended in the store: the sweep finds the call and makes a case of what was said.
                log.exception("the store failed in a call", call=self.call_id, step=self.state.step)
                self.ended = True
                return (*outputs, self._speak(Say("trouble")), HangUp("trouble"))
        return tuple(outputs)

    def _take(self, event: Event, where: Evidence) -> tuple[Effect, ...]:
        """One step of the dialogue, written with the turn that led to it."""
        before = self.state
        self.state, effects, error = take(before, event, self._line.knows)
        if error:
            log.error("the dialogue failed", call=self.call_id, step=before.step, exc_info=error)
        self._write(before.step, event, where, effects)
        return effects

    def _write(self, step: str, event: Event, where: Evidence, effects: tuple[Effect, ...]) -> None:
        answer = " ".join(self._speak(e).text for e in effects if isinstance(e, Say | PlayAnnouncement))
        heard = where.hypothesis
        understood = isinstance(event, Heard) and bool(event.text.replace("[unk]", "").strip())
        kind = "no-match" if isinstance(event, Heard) and not understood else KINDS[type(event)]
        turn = NewTurn(
            number=self._turns + 1,
            step=step,
            kind=kind,
            said=self._said,
            keys=event.keys if isinstance(event, Keyed) else "",
            recording_id=where.recording_id,
            start_ms=where.start_ms,
            end_ms=where.end_ms,
            replay_sealed=self._line.vault.seal_text(kept_text(event, effects)),
        )
        transcript = None
        if heard is not None:
            words = [asdict(word) for word in heard.words]
            transcript = NewTranscript(heard.text, words, heard.confidence, where.recogniser)
        self._handed_back = isinstance(event, HandOverEnded)
        state = {**self.state.to_json(), "prompted": answer, "handed_back": self._handed_back}
        self._line.calls.record(self.call_id, turn, transcript, state)
        TURNS.labels(kind).inc()
        self._turns += 1
        self._said = answer

    def _carry_out(self, effect: Effect, outputs: list[Output]) -> Event | None:
        match effect:
            case Say() | PlayAnnouncement():
                outputs.append(self._speak(effect))
            case OpenCase():
                return self._line.open_case(effect, self.call_id, self._channel, self._reporter)
            case JoinAnnounced():
                return self._line.join(effect, self.call_id, self._reporter)
            case ActOnCase():
                return self._line.act(effect, self.call_id, self._reporter[1])
            case AskService():
                answer = self._line.lookups.ask(effect.service, effect.number)
                return ServiceAnswered(answer.outcome, answer.text)
            case FindAlike():
                return self._line.find_alike(effect)
            case TellOutcome():
                return self._line.tell_outcome(effect, self.call_id, self._reporter[1])
            case NoteAsked():
                self._line.note_asked(effect, self.call_id)
            case FindCases():
                return self._line.find_cases(effect, self._reporter[1])
            case KeepNoSound():
                self._line.keep_no_sound(self.call_id)
            case KeepAbout():
                self._line.keep_about(effect, self._reporter[1])
            case FindData():
                return self._line.find_data(self._reporter[1])
            case EraseData():
                erased = self._line.erase_data(self.call_id, self._reporter[1])
                self._reporter = (None, None)
                return erased
            case KeepPace():
                self._line.keep_pace(self._reporter[1], effect.pace)
            case NoteHandOver():
                note = (effect.number, effect.target, effect.heard, effect.outcome)
                self._line.calls.note_hand_over(self.call_id, *note)
            case HangUp():
                self._line.calls.end(self.call_id, effect.reason)
                CALLS_ENDED.labels(effect.reason).inc()
                self.ended = True
                outputs.append(effect)
            case HandOver() | Listen():
                outputs.append(effect)
        return None

    def _speak(self, say: Say | PlayAnnouncement) -> Speak:
        if isinstance(say, PlayAnnouncement):
            return Speak("announcement", say.text, self.state.pace, say.announcement)
        return Speak(say.prompt, self._line.prompts.text(say, self._line.today()), self.state.pace)
