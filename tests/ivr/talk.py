"""A conversation as a test writes it: what the caller does, and what the line did then. No sound, no store."""

from __future__ import annotations

import datetime as dt
from typing import Any

from ivr import dialogue
from ivr.effects import (
    ActOnCase,
    Effect,
    EraseData,
    FindAlike,
    FindCases,
    FindData,
    HandOver,
    HangUp,
    JoinAnnounced,
    Listen,
    NoteAsked,
    NoteHandOver,
    OpenCase,
    Say,
    TellOutcome,
)
from ivr.events import (
    AlikeFound,
    Announced,
    AnnouncementJoined,
    Broken,
    CaseActed,
    CaseFound,
    CaseOpened,
    CasesFound,
    DataErased,
    DataFound,
    Event,
    HandOverEnded,
    Heard,
    HungUp,
    Keyed,
    Silence,
    Solved,
    Started,
)
from ivr.knowledge import Knowledge
from ivr.prompts import Prompts
from ivr.state import State

TICKET = "23456780"  # any eight digits: the dialogue does not make tickets


class Talk:
    """Drives the dialogue; answers `OpenCase` and `FindCases` as a store would."""

    def __init__(
        self,
        knows: Knowledge,
        prompts: Prompts,
        known: bool = True,
        home: str = "",
        announced: tuple[Announced, ...] = (),
        pace: int = 0,
        broken: Broken | None = None,
        solved: Solved | None = None,
        asked_about: bool = True,
    ) -> None:
        self.knows, self.prompts = knows, prompts
        self.state = State()
        self.effects: tuple[Effect, ...] = ()
        self.opened: list[OpenCase] = []
        self.notes: list[NoteHandOver] = []
        self.cases: tuple[CaseFound, ...] = ()
        self.joined: list[JoinAnnounced] = []
        self.joinable = True
        self.acts: list[ActOnCase] = []
        self.alike = AlikeFound()
        self.own_data: list[FindData | EraseData] = []
        self.outcomes: list[TellOutcome] = []
        self.cases_asked: list[NoteAsked] = []
        self.acts_pass = True
        self.happens(Started(known, pace, home, announced, broken, solved, asked_about=asked_about))

    def happens(self, event: Event) -> Talk:
        """One event, and what follows of itself. The state travels as JSON, as it does between processes."""
        self.state, self.effects = dialogue.step(State.from_json(self.state.to_json()), event, self.knows)
        self.notes += [e for e in self.effects if isinstance(e, NoteHandOver)]
        for effect in self.effects:
            if isinstance(effect, Say):
                self.prompts.text(effect, dt.date(2026, 11, 23))  # raises when a prompt or slot is missing
            if isinstance(effect, OpenCase):
                self.opened.append(effect)
                if not any(isinstance(e, HangUp) for e in self.effects):
                    self.happens(CaseOpened(TICKET, "2026-11-30", "Dinas Perhubungan"))
            if isinstance(effect, JoinAnnounced):
                self.joined.append(effect)
                self.happens(AnnouncementJoined(TICKET if self.joinable else "", "2026-11-30"))
            if isinstance(effect, ActOnCase):
                self.acts.append(effect)
                self.happens(CaseActed(self.acts_pass))
            if isinstance(effect, FindAlike):
                self.happens(self.alike)
            if isinstance(effect, NoteAsked):
                self.cases_asked.append(effect)
            if isinstance(effect, TellOutcome):
                self.outcomes.append(effect)
                self.happens(CaseActed(self.acts_pass))
            if isinstance(effect, FindData | EraseData):
                self.own_data.append(effect)
                self.happens(DataFound(2, 5, 90) if isinstance(effect, FindData) else DataErased(True))
            if isinstance(effect, FindCases):
                self.happens(CasesFound(self.cases))
        return self

    def says(self, *utterances: str, **more: Any) -> Talk:
        for text in utterances:
            self.happens(Heard(text, **more))
        return self

    def presses(self, *keys: str) -> Talk:
        for key in keys:
            self.happens(Keyed(key))
        return self

    def is_silent(self, times: int = 1) -> Talk:
        for _ in range(times):
            self.happens(Silence())
        return self

    def hangs_up(self) -> Talk:
        return self.happens(HungUp())

    def comes_back(self, answered: bool) -> Talk:
        return self.happens(HandOverEnded(answered))

    @property
    def step(self) -> str:
        return self.state.step

    @property
    def prompts_said(self) -> list[str]:
        return [e.prompt for e in self.effects if isinstance(e, Say)]

    @property
    def text(self) -> str:
        """All that was said in the last turn."""
        return " ".join(self.prompts.text(e, dt.date(2026, 11, 23)) for e in self.effects if isinstance(e, Say))

    @property
    def wording(self) -> str:
        return [e.wording for e in self.effects if isinstance(e, Say)][-1]

    @property
    def listen(self) -> Listen:
        return next(e for e in self.effects if isinstance(e, Listen))

    @property
    def handed_to(self) -> str | None:
        return next((e.target for e in self.effects if isinstance(e, HandOver)), None)
