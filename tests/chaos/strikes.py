"""Places one call on a running line and kills what its point names, at its moment."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from dataclasses import dataclass, field
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

    def kill(self, name: Victim) -> int:
        """kill -9 the program and everything below it; its process number."""
        number = self.program(name)
        for process in (number, *_below(number)):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return number

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
    killed: dict[Victim, list[int]] = field(default_factory=dict)


class _Watch:
    """Kills when the moment has come; at most once."""

    def __init__(self, house: House, when: Happens | Stored, victims: tuple[Victim, ...], utterance_s: float) -> None:
        self._house, self._when, self._victims, self._utterance_s = house, when, victims, utterance_s
        self._lock = threading.Lock()
        self.armed = True
        self.killed: dict[Victim, list[int]] = {}
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
            delay_s = when.share * self._utterance_s + when.after_s
            threading.Timer(delay_s, self._strike).start() if delay_s else self._strike()

    def _disarm(self) -> bool:
        with self._lock:
            was, self.armed = self.armed, False
            return was

    def _strike(self) -> None:
        for victim in self._victims:
            self.killed.setdefault(victim, []).append(self._house.kill(victim))
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


def strike(house: House, point: Point) -> Struck:
    """Place the point's call and kill; returns when the call is over and everything runs again."""
    eventually(house.well, "all is well before the call")
    before = {victim: house.program(victim) for victim in point.victims}
    number = f"+62{next(_numbers)}77"
    watches = [_watch(house, point.when, point.victims)]
    if point.also:
        watches.append(_watch(house, point.also[1], (point.also[0],)))
    for watch in watches:
        watch.begin()

    def noticed(happening: Happening) -> None:
        for watch in watches:
            watch.notice(happening)

    telephone = Telephone(
        house.line.url, house.secrets["TWILIO_AUTH_TOKEN"], house.account_sid, number,
        text_of=house.text_of, retry_s=PROXY_S if point.goes_on else 0.0, limit_s=150, on_event=noticed,
    )  # fmt: skip
    record = telephone.call(_caller(point))
    struck = Struck(point, house, number, record)
    for watch in watches:
        assert watch.done.wait(90), f"{point.name}: the moment never came; steps: {record.steps}"
        for victim, numbers in watch.killed.items():
            struck.killed.setdefault(victim, []).extend(numbers)
    for victim, old in before.items():
        eventually(lambda v=victim, o=old: house.line.programs().get(v, o) != o, f"{victim} runs again")  # type: ignore[misc]
    eventually(house.well, "all is well after the call")
    return struck


def _watch(house: House, when: Happens | Stored, victims: tuple[Victim, ...]) -> _Watch:
    said = {"place": PLACE, "landmark": LANDMARK}.get(when.name, STORY) if isinstance(when, Happens) else ""
    return _Watch(house, when, victims, duration_ms(VOICE.say(said).pcm) / 1000 if said else 0.0)


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
