"""What can happen to a dialogue. All are facts about the caller or answers of the store; none is a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Announced:
    """An announcement that holds as the call begins, until `hour`:`minute` of `day`. `area` empty: everywhere.

    `spoken`: somebody has recorded the text.
    """

    id: str
    text: str
    category: str  # code
    area: str  # code
    day: str  # ISO date
    hour: int
    minute: int
    spoken: bool = False


@dataclass(frozen=True)
class Broken:
    """A report of this number that broke off in an earlier call, and is a case for a person to look at since.

    `state`: of the dialogue, as it was then.
    """

    ticket: str
    category: str  # as spoken; empty when it was not known
    state: dict[str, Any]


@dataclass(frozen=True)
class Solved:
    """A case of this number that is said to be solved."""

    ticket: str
    category: str  # as spoken
    since: str  # ISO date


@dataclass(frozen=True)
class Started:
    """The line is open.

    Attributes:
        known: the channel gave the caller's number.
        pace: words per minute that this number has chosen; 0 when it has not.
        home: code of the area that this number's last report was about, or empty.
        announced: what holds now, the newest first.
        asked_about: this number was asked who calls; disabled: and said so.
        broken, solved: what earlier calls of this number left open.
        stale: codes of answers whose time is over.
    """

    known: bool = False
    pace: int = 0
    home: str = ""
    announced: tuple[Announced, ...] = ()
    broken: Broken | None = None
    solved: Solved | None = None
    stale: tuple[str, ...] = ()
    asked_about: bool = False
    disabled: bool = False


@dataclass(frozen=True)
class Resumed:
    """The line is back where it stood. `broken`: it was lost, and the dialogue says so before it asks again."""

    broken: bool = True


@dataclass(frozen=True)
class Heard:
    """An utterance ended. `text` may be empty or hold `[unk]`: that is a no-match, not silence.

    Where a grammar bound the step, `text` is what the grammar made of it and `free` the same sound
    through the open vocabulary: emergencies and whole reports are not missed because of a menu.

    Attributes:
        recorded: sound of this utterance is in the store.
        pace: the caller's own, in words per minute; 0 when too little was said to know.
        cut: the caller was still speaking when the longest utterance was over.
        interrupted: the prompt had not been played to its end.
    """

    text: str
    confidence: float = 1.0
    free: str = ""
    recorded: bool = True
    pace: int = 0
    cut: bool = False
    interrupted: bool = False


@dataclass(frozen=True)
class Keyed:
    """Keys 0-9 * # that belong together: one for a menu, several for a number. `interrupted` as of `Heard`."""

    keys: str
    interrupted: bool = False


@dataclass(frozen=True)
class Silence:
    """The time to answer passed and nothing was said or pressed."""


@dataclass(frozen=True)
class HungUp:
    """The caller hung up, or the line was lost for good."""


@dataclass(frozen=True)
class CaseOpened:
    """The store holds the case."""

    ticket: str
    due: str  # ISO date
    agency: str  # as spoken; empty when a person has to decide


@dataclass(frozen=True)
class AnnouncementJoined:
    """The caller follows the shared case; `ticket` is empty when it is closed by now."""

    ticket: str
    due: str = ""  # ISO date


@dataclass(frozen=True)
class AlikeFound:
    """Open cases that tell of the same problem; `ticket` of the newest, empty when there are none."""

    ticket: str = ""
    count: int = 0


@dataclass(frozen=True)
class CaseFound:
    """One case as the caller may hear it."""

    ticket: str
    stage: str  # pengaduan, proses, pengerjaan, selesai ...
    since: str  # ISO date
    due: str  # ISO date
    category: str  # as spoken
    agency: str  # as spoken; empty when not yet known
    mine: bool  # the calling number is the reporter's
    overdue: bool = False
    said: str = ""  # what an officer last answered or asked


@dataclass(frozen=True)
class CasesFound:
    """What a look-up found: none, one or several (newest first)."""

    cases: tuple[CaseFound, ...] = field(default=())


@dataclass(frozen=True)
class DataFound:
    """How much is stored under the calling number; `sound_days`: how long recordings are kept, 0 for no end."""

    cases: int
    calls: int
    sound_days: int


@dataclass(frozen=True)
class DataErased:
    """Whether number and sound are gone; if not, a person has to see to it."""

    done: bool


@dataclass(frozen=True)
class CaseActed:
    """Whether the store took what the reporter did with the case."""

    done: bool


@dataclass(frozen=True)
class ServiceAnswered:
    """What the owner of another service told; `text` is the sentence, when something was found."""

    outcome: Literal["found", "missing", "away", "unreadable"]
    text: str = ""


@dataclass(frozen=True)
class HandOverEnded:
    """The dialled person did not take the call (busy, no answer, failed), or has put down; the caller is back."""

    answered: bool


Event = (
    Started
    | Resumed
    | Heard
    | Keyed
    | Silence
    | HungUp
    | CaseOpened
    | AnnouncementJoined
    | AlikeFound
    | CasesFound
    | ServiceAnswered
    | CaseActed
    | DataFound
    | DataErased
    | HandOverEnded
)
