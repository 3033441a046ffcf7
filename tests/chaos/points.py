"""The moments at which something is killed: what, when, and what the caller does then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ivr.channels.telephone_caller import Scripted

Victim = Literal["web", "intake", "worker", "redis"]

STORY = "lampu jalan mati di depan masjid, sudah tiga malam gelap sekali"
PLACE = "cikokol"
LANDMARK = "dekat masjid raya"


@dataclass(frozen=True)
class Happens:
    """Something that the telephone notices (see `Happening`), and so long after it."""

    kind: str
    name: str
    share: float = 0.0  # of the caller's utterance
    after_s: float = 0.0  # more than that


@dataclass(frozen=True)
class Stored:
    """Something that appears in the store: a case of the call, an event of that case, or its end."""

    what: Literal["case", "classified", "assigned", "lost"]


@dataclass(frozen=True)
class Point:
    """One kill -9.

    Attributes:
        victims: what dies, all of it: gunicorn's master with its worker, rq's worker with its work horse.
        when: the moment.
        goes_on: a proxy holds Twilio's webhooks until the web server is back, and the call goes on; else the
            provider ends a call whose webhooks fail.
        answers: what the caller does otherwise than in a report that goes well, by step.
        also: a second kill of the same call.
        case: a case must come of it.
    """

    name: str
    victims: tuple[Victim, ...]
    when: Happens | Stored
    goes_on: bool = True
    answers: Mapping[str, Scripted | Sequence[Scripted]] = field(default_factory=dict)
    also: tuple[Victim, Stored] | None = None
    case: bool = True


def _web(name: str, when: Happens | Stored, goes_on: bool, **more: Any) -> Point:
    return Point(f"web-{name}", ("web",), when, goes_on, **more)


def story(share: float) -> Happens:
    return Happens("said", "report", share)


BETWEEN_TURNS = Happens("said", "report", 1.0, 1.2)  # of the 2.5 s that end a story

POINTS = (
    _web("in-the-greeting", Happens("stream", "connected", after_s=1.5), goes_on=True),
    _web("in-the-greeting-of-a-call-that-ends", Happens("stream", "connected", after_s=1.5), False, case=False),
    _web("in-a-story-at-the-menu", Happens("said", "menu", 0.7), False, answers={"menu": STORY}),
    _web(
        "in-a-story-at-the-menu-then-the-caller-puts-down",
        Happens("said", "menu", 0.7),
        True,
        answers={"menu": [STORY, "hang-up"]},
    ),
    _web("in-the-first-third-of-the-story", story(0.2), goes_on=True),
    _web("in-the-middle-of-the-story", story(0.5), goes_on=False),
    _web("in-the-last-third-of-the-story", story(0.85), goes_on=True),
    _web("in-the-silence-after-the-story", BETWEEN_TURNS, goes_on=False),
    _web("as-the-answer-begins", Happens("answer", "report"), goes_on=False),
    _web("at-the-question-of-the-category", Happens("asked", "category-confirm"), goes_on=True),
    _web("while-the-place-is-said", Happens("said", "place", 0.6), goes_on=True),
    _web("while-the-landmark-is-said", Happens("said", "landmark", 0.6), goes_on=False),
    _web("at-the-read-back", Happens("asked", "read-back"), goes_on=False),
    _web("right-after-the-case-is-written", Stored("case"), goes_on=True),
    _web("while-the-ticket-is-told", Happens("prompt", "ticket"), goes_on=False),
    Point("redis-in-the-middle-of-the-story", ("redis",), story(0.5), answers={"category-confirm": "hang-up"}),
    Point("redis-right-before-the-case-is-written", ("redis",), Happens("pressed", "read-back")),
    Point("redis-right-after-the-case-is-written", ("redis",), Stored("case")),
    Point("redis-during-the-delivery", ("redis",), Stored("assigned")),
    Point("workers-in-the-middle-of-the-story", ("intake", "worker"), story(0.5)),
    Point("intake-right-after-the-case-is-written", ("intake",), Stored("case")),
    Point("intake-during-the-delivery", ("intake",), Stored("classified")),
    Point("worker-while-it-repairs-a-lost-call", ("web",), story(0.6), False, also=("worker", Stored("lost"))),
    Point("everything-in-the-middle-of-the-story", ("web", "intake", "worker", "redis"), story(0.5)),
)
ON_POSTGRES = (
    "web-in-the-middle-of-the-story",
    "web-right-after-the-case-is-written",
    "redis-right-after-the-case-is-written",
    "intake-during-the-delivery",
)
# What every run of script/test strikes; script/chaos strikes all.
ALWAYS = (
    "web-in-the-middle-of-the-story",
    "web-right-after-the-case-is-written",
    "redis-right-after-the-case-is-written",
    "intake-during-the-delivery",
)
