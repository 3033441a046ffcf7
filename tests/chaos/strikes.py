"""Places one call on a running line and kills what its point names, at its moment."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from ivr.channels.telephone import Telephone
from ivr.channels.telephone_caller import Scripted, ScriptedCaller
from ivr.channels.telephone_record import CallRecord, Happening
from ivr.channels.telephone_voice import Voice
from models.calls import Call
from models.cases import Case, CaseEvent
from models.db import connect, reading
from settings import Settings
from speech.audio import duration_ms
from speech.clips import ClipStore
from speech.espeak import EspeakSynthesizer
from tests.chaos.points import LANDMARK, PLACE, STORY, Happens, Point, Stored, Victim
from tests.services.line import RunningLine, eventually

# Quick enough for a test; a call that goes on must come back before it counts as lost, however slow the machine.
SETTINGS = {"CALL_LOST_S": "30", "CASE_LATE_S": "3", "SWEEP_S": "3"}
PROXY_S = 60.0  # a proxy holds a webhook so long for a web server that starts
VOICE = Voice()
USUAL: dict[str, Scripted] = {
    "menu": "keys:1", "category-confirm": "keys:1", "category-choose": "keys:1", "place-confirm": "keys:1",
    "place-choose": "keys:1", "read-back": "keys:1", "after-ticket": "keys:2", "message": STORY,
    "report": STORY, "place": PLACE, "landmark": LANDMARK,
}  # fmt: skip
# Done as soon as the prompt begins: a test has no time to listen. By prompt: the step that asks, and the answer.
HASTY: dict[str, tuple[str, str]] = {
    "welcome": ("menu", "keys:1"), "category-confirm": ("category-confirm", "keys:1"), "place": ("place", "keys:245"),
    "place-confirm": ("place-confirm", "keys:1"), "landmark": ("landmark", "keys:#"),
    "read-back": ("read-back", "keys:1"), "ticket": ("after-ticket", "keys:2"), "goodbye": ("", "hang-up"),
}  # fmt: skip
_numbers = itertools.count(81_234_560)


class House:
    """A running line, and what its tests need to look into it."""

    def __init__(self, line: RunningLine, database: str = "") -> None:
        self.line = line
        pairs = (row.split("=", 1) for row in (line.var_dir / "secrets.env").read_text().splitlines())
        self.secrets = dict(pairs)
        settings = Settings(var_dir=line.var_dir, database_url=database)
        self.engine: Engine = connect(settings.database)
        self.account_sid = settings.twilio_account_sid
        self._clips = ClipStore(line.var_dir / "speech" / "clips", EspeakSynthesizer())

    def text_of(self, key: str) -> str | None:
        clip = self._clips.by_key(key)
        return clip.text if clip else None

    def program(self, name: Victim) -> int:
        """Process number, when it runs."""
        eventually(lambda: name in self.line.programs(), f"{name} runs")
        return self.line.programs()[name]

    def kill(self, name: Victim) -> None:
        """kill -9 the program and everything below it."""
        number = self.program(name)
        for process in (number, *_below(number)):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue

    def logs(self) -> dict[str, str]:
        """Everything that its processes wrote, by file."""
        return {path.name: path.read_text(errors="replace") for path in (self.line.var_dir / "log").iterdir()}

    def well(self) -> bool:
        return self.line.health().get("status") == "ok"


def _below(process: int) -> list[int]:
    found: list[int] = []
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return found
    for child in map(int, children):
        found += [child, *_below(child)]
    return found


@dataclass
class Struck:
    """What is known after the call."""

    point: Point
    house: House
    number: str
    record: CallRecord


class _Watch:
    """Does its deed when the moment has come; once."""

    def __init__(self, house: House, when: Happens | Stored, deed: Callable[[], None]) -> None:
        self._house, self._when, self._deed = house, when, deed
        self._lock = threading.Lock()
        self.armed = True
        self.done = threading.Event()
        self._earlier: set[str] = set()

    def begin(self) -> None:
        if isinstance(self._when, Stored):
            with Session(reading(self._house.engine)) as session:
                self._earlier = set(session.scalars(select(Call.id)))
            threading.Thread(target=self._poll, args=(self._when,), daemon=True).start()

    def notice(self, happening: Happening) -> None:
        when = self._when
        if isinstance(when, Happens) and (happening.kind, happening.name) == (when.kind, when.name) and self._disarm():
            delay_s = when.share * _utterance_s(when.name) + when.after_s
            threading.Timer(delay_s, self._strike).start() if delay_s else self._strike()

    def _disarm(self) -> bool:
        with self._lock:
            was, self.armed = self.armed, False
            return was

    def _strike(self) -> None:
        self._deed()
        self.done.set()

    def _poll(self, when: Stored) -> None:
        while self.armed:
            if self._there(when):
                self._disarm()
                self._strike()
            time.sleep(0.002)

    def _there(self, when: Stored) -> bool:
        with Session(reading(self._house.engine)) as session:
            new = Call.id.not_in(self._earlier)
            match when.what:
                case "lost":
                    query: Any = select(Call.id).where(new, Call.end_reason == "lost")
                case "case":
                    query = select(Case.id).join(Call, Case.call_id == Call.id).where(new)
                case kind:
                    query = select(CaseEvent.id).join(Case).join(Call, Case.call_id == Call.id)
                    query = query.where(new, CaseEvent.kind == kind)
            return session.scalar(query.limit(1)) is not None


def strike(house: House, point: Point, deed: Callable[[], None] | None = None) -> Struck:
    """Place the point's call, and kill (or do the `deed`); returns when it is over and everything runs again."""
    eventually(house.well, "all is well before the call")
    before = {victim: house.program(victim) for victim in point.victims}

    def kill(*victims: Victim) -> None:
        for victim in victims:
            house.kill(victim)

    watches = [_Watch(house, point.when, deed or partial(kill, *point.victims))]
    if point.also:
        watches.append(_Watch(house, point.also[1], partial(kill, point.also[0])))
    for watch in watches:
        watch.begin()

    def noticed(happening: Happening) -> None:
        for watch in watches:
            watch.notice(happening)

    number = f"+62{next(_numbers)}77"
    telephone = Telephone(
        house.line.url, house.secrets["TWILIO_AUTH_TOKEN"], house.account_sid, number,
        text_of=house.text_of, retry_s=PROXY_S if point.goes_on else 0.0, limit_s=150, on_event=noticed,
    )  # fmt: skip
    record = telephone.call(_caller(point))
    for watch in watches:
        assert watch.done.wait(90), f"{point.name}: the moment never came; steps: {record.steps}"
    for victim, old in before.items():
        eventually(partial(_new, house, victim, old), f"{victim} runs again")
    eventually(house.well, "all is well after the call")
    return Struck(point, house, number, record)


def _new(house: House, victim: Victim, old: int) -> bool:
    return house.line.programs().get(victim, old) != old


def _utterance_s(step: str) -> float:
    said = {"place": PLACE, "landmark": LANDMARK}.get(step, STORY)
    return duration_ms(VOICE.say(said).pcm) / 1000


def _caller(point: Point) -> ScriptedCaller:
    when = point.when
    listens = {when.name} if isinstance(when, Happens) else set()  # at the moment of the kill nothing is cut short
    if isinstance(when, Happens) and when.kind == "stream":
        listens = {"welcome"}
    hasty = {
        prompt: answer
        for prompt, (step, answer) in HASTY.items()
        if prompt not in listens and step not in listens and step not in point.answers
    }
    return ScriptedCaller(point.answers, interruptions=hasty, voice=VOICE, otherwise=USUAL)
