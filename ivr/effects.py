"""What a dialogue wants done. The conversation writes them to the store or asks it; a channel plays them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Say:
    """One prompt of `ivr/prompts`, with what fills its slots (numbers, dates and names as plain data)."""

    prompt: str
    slots: dict[str, Any] = field(default_factory=dict)
    wording: Literal["first", "helpful", "slow", "keys"] = "first"


@dataclass(frozen=True)
class PlayAnnouncement:
    """Play what somebody has recorded; its words are the record of what was said."""

    announcement: str  # id
    text: str


@dataclass(frozen=True)
class Listen:
    """Wait for the caller. Always the last effect of a turn that goes on.

    Attributes:
        step: the step that is asked, for the record.
        kind: decides the silence that ends an answer (see `ivr.turns`): yes-no 0.75 s, menu 1.0 s,
            sentence 1.5 s, digits 2.0 s, message 2.5 s; `veto` is the short wait in which a caller may say "batal".
        phrases: the grammar; None is free speech.
        keys: how many keys make an answer: 1 for a menu, more for a number (ended by # or a pause).
        certain: phrases that are an answer as soon as they are heard (`ivr.understand.certain`).
        instant: keys that are an answer at once although `keys` is more than 1.
        wait_ms: how long nothing may be said before `Silence`.
        limit_ms: how long an utterance may last.
    """

    step: str
    kind: Literal["yes-no", "menu", "sentence", "digits", "message", "veto"]
    phrases: tuple[str, ...] | None = None
    certain: tuple[str, ...] = ()
    keys: int = 1
    instant: str = ""
    wait_ms: int = 8000
    limit_ms: int = 15000


@dataclass(frozen=True)
class OpenCase:
    """Write the case; answered with `CaseOpened`. `report` is 1, 2 ... within the call: opening twice is harmless."""

    report: int
    category: str  # code
    category_by: Literal["caller", "machine"]
    area: str | None  # kelurahan or kecamatan code
    landmark: str
    description: str
    review: str | None = None  # why a person must look first
    disclosure: Literal["open", "confidential", "anonymous"] = "open"
    disabled: bool = False  # the reporter said so
    tell_number: str = ""  # of whom to tell instead of the caller, as it was said: 0812...
    continues: str = ""  # ticket of the broken-off case that this report finishes


@dataclass(frozen=True)
class JoinAnnounced:
    """Follow a case instead of opening one; answered with `AnnouncementJoined`. Either of the first two is given."""

    report: int
    announcement: str  # id: the case that belongs to it
    ticket: str  # of the case itself
    area: str
    landmark: str
    description: str  # empty when the caller wants to be confidential
    anonymous: bool


@dataclass(frozen=True)
class FindAlike:
    """Look for open cases of the same problem; answered with `AlikeFound`."""

    category: str
    area: str
    landmark: str


@dataclass(frozen=True)
class TellOutcome:
    """What the reporter says of a solved case; answered with `CaseActed`. With `words` it is not solved.

    `score`: 1 to 5, 0 when none was given.
    """

    ticket: str
    words: str
    score: int
    number: int  # 1, 2 ... within the call, so that doing it twice is harmless


@dataclass(frozen=True)
class NoteAsked:
    """Keep that the reporter was asked whether this case is solved: nobody is asked for ever."""

    ticket: str


@dataclass(frozen=True)
class FindCases:
    """Look up a ticket, or (empty) the open cases of the calling number; answered with `CasesFound`."""

    ticket: str = ""


@dataclass(frozen=True)
class ActOnCase:
    """The reporter adds to, answers about or withdraws the own case; answered with `CaseActed`."""

    ticket: str
    verb: Literal["add", "reply", "withdraw"]
    text: str  # what was said; empty when no word was recognised
    number: int  # 1, 2 ... within the call, so that doing it twice is harmless


@dataclass(frozen=True)
class AskService:
    """Ask the owner of another service how it stands with a number; answered with `ServiceAnswered`."""

    service: str  # code
    number: str


@dataclass(frozen=True)
class KeepPace:
    """Remember how the line speaks to this number."""

    pace: int  # words per minute


@dataclass(frozen=True)
class KeepNoSound:
    """The caller wants no recording: what there is of this call's sound is deleted, and no more is kept."""


@dataclass(frozen=True)
class KeepAbout:
    """Remember what this number's caller said of themselves, which may be nothing: nobody is asked twice."""

    disabled: bool
    elderly: bool


@dataclass(frozen=True)
class FindData:
    """Count what is stored under the calling number; answered with `DataFound`."""


@dataclass(frozen=True)
class EraseData:
    """Forget the calling number and its sound wherever they are; answered with `DataErased`."""


@dataclass(frozen=True)
class NoteHandOver:
    """Keep that a hand-over was announced or cancelled. `number` is 1, 2 ... within the call."""

    number: int
    target: Literal["emergency", "operator"]
    heard: str
    outcome: Literal["announced", "cancelled", "dialled", "answered", "failed"]


@dataclass(frozen=True)
class HandOver:
    """Give the line to a person; answered with `HandOverEnded` if the caller comes back."""

    target: Literal["emergency", "operator"]


@dataclass(frozen=True)
class HangUp:
    """End the call, after what was said has been played."""

    reason: str = "goodbye"


Effect = (
    Say
    | PlayAnnouncement
    | Listen
    | OpenCase
    | JoinAnnounced
    | AskService
    | ActOnCase
    | FindAlike
    | TellOutcome
    | NoteAsked
    | FindCases
    | KeepPace
    | KeepNoSound
    | KeepAbout
    | FindData
    | EraseData
    | NoteHandOver
    | HandOver
    | HangUp
)
