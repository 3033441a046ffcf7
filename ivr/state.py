"""All that a dialogue remembers. Plain data: written to the store after every turn, read by any process."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from ivr.profiles import STANDARD


@dataclass(frozen=True)
class State:
    """Where a conversation stands.

    Attributes:
        step: the question that is open (see `ivr.steps`).
        tries: answers to this question that failed; chooses the wording.
        quiet: silences in a row, over all steps.
        pace: words per minute; own_pace: chosen by the caller, or guessed already (see `ivr.profiles`).
        struggles: answers of the call that failed; hurries: prompts in a row that a good answer interrupted.
        granted: the caller asked for time, and has it.
        trail: steps before this one, for "kembali".
        report: number of the report that is being made, 1, 2 ... within the call.
        said: what was understood of it, an utterance each.
        recorded: sound of it is in the store, understood or not.
        disclosure, disabled: how the reporter wants to be known; see `routing.cases.CaseDraft`.
        opened: reports that have become cases.
        options, page: what is offered now, four at a time.
        guess: a kelurahan heard in the story, not yet confirmed.
        nearby: where the landmarks that were heard may be. Only a reason to ask: never a case's place by itself.
        nearby_done: whether the caller was asked about them.
        announced: what holds now (`ivr.events.Announced`); declined, joining: ids of these.
        broken, solved: what earlier calls left open (`ivr.events`); continues: ticket of the broken-off case that
            the report goes on with.
        alike, alike_count, alike_done: an open case of the same problem, and whether it was looked for.
        stale: codes of answers whose time is over.
        unrecorded: no sound is kept; asked_about: this number was asked who calls.
        behalf: the report is somebody else's; tell_number, tell_done: who hears of the outcome.
        score: how content the reporter is, 1 to 5.
        service: code of the service that is asked, with the number in `asked`.
        acting, acting_words, acts: what the reporter does with the found case, in which words; how many before.
        found: what a status look-up found, to be said again.
        emergency: code of its kind, of the last one that was heard.
        hand_over: to whom the line is to be given, else empty.
        back_to: step to return to when a hand-over is called off.
    """

    step: str = "start"
    tries: int = 0
    quiet: int = 0
    pace: int = STANDARD
    own_pace: bool = False
    struggles: int = 0
    hurries: int = 0
    granted: bool = False
    known: bool = False
    trail: tuple[str, ...] = ()
    report: int = 1
    said: tuple[str, ...] = ()
    recorded: bool = False
    category: str = ""
    category_by: str = "machine"
    rejected: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    page: int = 0
    guess: str = ""
    nearby: tuple[str, ...] = ()
    nearby_done: bool = False
    area: str = ""
    area_done: bool = False
    landmark: str = ""
    landmark_done: bool = False
    landmark_recorded: bool = False
    opened: tuple[int, ...] = ()
    disclosure: str = "open"
    disabled: bool = False
    review: str = ""
    announced: tuple[dict[str, Any], ...] = ()
    declined: tuple[str, ...] = ()
    joining: str = ""
    broken: dict[str, Any] | None = None
    solved: dict[str, Any] | None = None
    continues: str = ""
    alike: str = ""
    alike_count: int = 0
    alike_done: bool = False
    stale: tuple[str, ...] = ()
    score: int = 0
    service: str = ""
    acting: str = ""
    acting_words: str = ""
    acts: int = 0
    ticket: str = ""
    asked: str = ""
    found: tuple[dict[str, Any], ...] = ()
    answer: str = ""
    unsure: bool = False
    unrecorded: bool = False
    asked_about: bool = False
    behalf: bool = False
    tell_number: str = ""
    tell_done: bool = False
    hand_overs: int = 0
    hand_over: str = ""
    heard: str = ""
    emergency: str = ""
    back_to: str = ""

    def but(self, **changes: Any) -> State:
        return replace(self, **changes)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> State:
        """Unknown names are left out and missing ones get their default: a newer or older release reads it too."""
        known = {f.name for f in fields(cls)}
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
        return cls(**values)

    @property
    def unfinished(self) -> bool:
        """Something was said for a report that is not yet a case."""
        return (self.recorded or bool(self.said)) and self.report not in self.opened

    @property
    def may_be_asked(self) -> bool:
        """Whether nobody asked this number yet who calls, and the caller does not want to be unknown."""
        return self.known and not self.asked_about and self.disclosure != "anonymous"

    def taking_up(self, earlier: dict[str, Any]) -> State:
        """With the report that another call had got so far."""
        kept = State.from_json(earlier)
        return replace(self, **{name: getattr(kept, name) for name in _OF_A_REPORT})

    def fresh_report(self) -> State:
        """Ready for a new report; an unfinished one goes on."""
        if self.unfinished:
            return self
        number = max(self.opened, default=0) + 1
        cleared: dict[str, Any] = {f.name: f.default for f in fields(self) if f.name in _OF_A_REPORT}
        return replace(self, report=number, **cleared)


_OF_A_REPORT = {
    "said", "recorded", "category", "category_by", "rejected", "guess", "nearby", "nearby_done", "area", "area_done",
    "landmark", "landmark_done", "landmark_recorded", "review", "disclosure",
    "continues", "behalf", "tell_number", "tell_done", "alike", "alike_count", "alike_done",
}  # fmt: skip
