"""What must be true of a call after a kill: every word is kept, nothing is there twice."""

from __future__ import annotations

import audioop
import re
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ivr import understand
from ivr.channels.telephone_voice import HISS_PEAK
from models.calls import Call, Recording, Turn
from models.cases import Case
from models.crypto import Vault
from models.db import reading
from models.recordings import RecordingMissing, Recordings
from routing.broken import LOST_CALL
from speech.audio import duration_ms
from tests.chaos.strikes import House, Struck
from tests.services.line import eventually

MAY_BE_LOST_MS = 200  # of sound at a kill: a piece of a recording, and what was on the wire
# While a turn is answered (store, voice), sound waits on the wire and dies with the process: it must hold no speech.
SILENCE_MAY_BE_LOST_MS = 2000
LOUDEST_SILENCE = 3 * HISS_PEAK
# Exceptions that rq logs while Redis is away; the last two are what the first come from.
EXPECTED = ("redis.exceptions.ConnectionError", "redis.exceptions.BusyLoadingError", "redis.exceptions.TimeoutError")
CAUSES = ("ConnectionRefusedError", "ConnectionResetError", "FileNotFoundError", "BrokenPipeError")
# What rq says when a killed Redis forgot the last second: the job ran, its bookkeeping is gone.
_FORGOTTEN = re.compile(r"^ValueError: Execution \w+ not found in Redis$", re.MULTILINE)
_EXCEPTION = re.compile(r"^([A-Za-z_.]*(?:Error|Exception|Missing|Taken|Interrupt))\b", re.MULTILINE)


@dataclass
class Kept:
    """What the store has of one call."""

    call: Call
    turns: list[Turn]
    cases: list[Case]
    sound: list[bytes]

    @property
    def settled(self) -> bool:
        """Ended, looked after, and every case with its agency."""
        ended = self.call.ended_at is not None
        cared_for = self.call.repaired_at is not None or self.call.end_reason not in ("hang-up", "lost")
        return ended and cared_for and all("delivered" in _kinds(case) for case in self.cases)


def kept(struck: Struck) -> Kept:
    house = struck.house
    with Session(reading(house.engine), expire_on_commit=False) as session:
        call = session.scalars(select(Call).where(Call.provider_id == struck.record.call_sid)).one()
        turns = select(Turn).where(Turn.call_id == call.id).order_by(Turn.number).options(selectinload(Turn.transcript))
        cases = select(Case).where(Case.call_id == call.id).options(selectinload(Case.events))
        recordings = select(Recording.id).where(Recording.call_id == call.id).order_by(Recording.started_at)
        ids = list(session.scalars(recordings))
        return Kept(call, list(session.scalars(turns)), list(session.scalars(cases)), _sound(house, ids))


def _sound(house: House, ids: list[str]) -> list[bytes]:
    vault = Vault([house.secrets["DATA_KEYS"]], house.secrets["LOOKUP_KEY"])
    recordings = Recordings(house.line.var_dir / "recordings", vault)
    sound = []
    for recording_id in ids:
        try:
            sound.append(recordings.read_pcm(recording_id))
        except RecordingMissing:  # killed between its row and its first sound
            sound.append(b"")
    return sound


def judge(struck: Struck, turns_are_whole: bool = True) -> None:
    """Raises AssertionError when a word is lost or anything is there twice.

    `turns_are_whole` is False where the store failed: an answer that it did not take stands in the recording alone.
    """
    eventually(lambda: kept(struck).settled, "the call is settled")
    found = kept(struck)
    every_sound_is_recorded(struck, found)
    if turns_are_whole:
        every_answer_is_a_turn(struck, found)
    one_case_at_most(struck, found)
    if struck.point.case:
        the_case_tells_all(found)


def every_sound_is_recorded(struck: Struck, found: Kept) -> None:
    """The recordings, one behind the other, are what the caller's telephone sent, but for moments at kills."""
    sent = audioop.ulaw2lin(audioop.lin2ulaw(bytes(struck.record.sent), 2), 2)
    end = 0
    for sound in found.sound:
        begin = sent.find(sound, end)
        assert begin >= 0, "a recording holds what was never said"
        _nothing_said(sent[end:begin])
        end = begin + len(sound)
    _nothing_said(sent[end:])


def _nothing_said(lost: bytes) -> None:
    if duration_ms(lost) > MAY_BE_LOST_MS:
        assert audioop.max(lost, 2) <= LOUDEST_SILENCE, f"{duration_ms(lost)} ms of sound with speech in it are lost"
    assert duration_ms(lost) <= SILENCE_MAY_BE_LOST_MS, f"{duration_ms(lost)} ms of sound are lost"


def every_answer_is_a_turn(struck: Struck, found: Kept) -> None:
    """What was answered aloud is in the store, word by word."""
    answered = sum(h.kind == "answer" for h in struck.record.happenings)
    assert sum(turn.kind in ("speech", "no-match", "key") for turn in found.turns) >= answered
    assert all(turn.transcript is not None for turn in found.turns if turn.kind == "speech")
    assert [turn.number for turn in found.turns] == list(range(1, len(found.turns) + 1))


def one_case_at_most(struck: Struck, found: Kept) -> None:
    assert len(found.cases) == (1 if struck.point.case else 0)
    for case in found.cases:
        assert case.origin == f"{found.call.id}:1"
        kinds = Counter(_kinds(case))
        assert all(kinds[kind] == 1 for kind in ("opened", "classified", "assigned", "delivered")), kinds
        told = struck.record.number_heard("ticket")
        assert told in ("", case.ticket) or case.ticket.startswith(told)


def the_case_tells_all(found: Kept) -> None:
    """Words that were understood stand in the case; where the dialogue did not come to its end, a person looks."""
    case = found.cases[0]
    noted = " ".join(str(event.details) for event in case.events if event.kind == "note")
    told = f"{case.description} {case.landmark} {noted}"
    for turn in found.turns:
        if turn.kind == "speech" and turn.step in ("report", "landmark", "message") and turn.transcript:
            assert understand.tidy(turn.transcript.text) in told
    confirmed = any(turn.step == "read-back" and turn.keys == "1" for turn in found.turns)
    assert confirmed or case.review == LOST_CALL


def _kinds(case: Case) -> list[str]:
    return [event.kind for event in case.events]


# -- logs


def faults_in(log: str) -> set[str]:
    """Names of exceptions in a log that no kill explains, and "locked" for a database that was."""
    text = _FORGOTTEN.sub("", log.replace("\\n", "\n"))
    names = set(_EXCEPTION.findall(text)) if "Traceback" in text else set()
    return (names - {*EXPECTED, *CAUSES}) | ({"locked"} if "locked" in text else set())


def words_of(struck: Struck) -> set[str]:
    """What the recogniser made of the call; short words are everybody's."""
    texts = [turn.transcript.text for turn in kept(struck).turns if turn.transcript]
    return {word for text in texts for word in text.split() if len(word) > 4}


def personal_in(log: str, numbers: set[str], words: set[str]) -> set[str]:
    """Callers' numbers and words that stand in a log."""
    digits = re.sub(r"\D", "", log)
    return {n for n in numbers if n.removeprefix("+62") in digits} | words & set(re.findall(r"[a-z]+", log.lower()))
