"""What is known already: callers from there hear it first, callers about it may add themselves instead of reporting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ivr import understand
from ivr.effects import Effect, JoinAnnounced, PlayAnnouncement, Say
from ivr.events import AnnouncementJoined
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import Move, confirming, go, listen, say, waiting
from routing.announcements import covers

MOST_FIRST = 2  # more would keep everybody from their report


def heard_first(state: State, home: str, knows: Knowledge) -> tuple[Effect, ...]:
    """What somebody from `home` (a kelurahan, or empty) hears before the menu."""
    near = [one for one in state.announced if covers(knows.city, one["area"], home)]
    return tuple(effect for one in near[:MOST_FIRST] for effect in _spoken(one))


def known_already(state: State, knows: Knowledge) -> dict[str, Any] | None:
    """The announcement that tells of the very problem that is being reported, unless it was declined."""
    return next(_alike(state, knows), None)


def _alike(state: State, knows: Knowledge) -> Iterator[dict[str, Any]]:
    for one in state.announced:
        alike = one["category"] == state.category and covers(knows.city, one["area"], state.area)
        if alike and one["id"] not in state.declined:
            yield one


def _spoken(one: dict[str, Any]) -> tuple[Effect, ...]:
    until = {"day": one["day"], "hour": one["hour"], "minute": one["minute"]}
    prompt = "announcement-until-minute" if one["minute"] else "announcement-until"
    if one.get("spoken"):
        return (Say("announcement-spoken"), PlayAnnouncement(one["id"], one["text"]), Say(prompt, until))
    return (Say("announcement", {"text": one["text"], "until": Say(prompt, until)}),)


def _ask(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    one = known_already(state, knows)
    told = _spoken(one) if one and not state.tries else ()
    return (*told, say(state, "announced"), listen(state, "yes-no", understand.phrases("yes", "no")))


def _answer(state: State, joins: bool, knows: Knowledge) -> Move:
    one = known_already(state, knows)
    if one is None:
        return go(state, "joining")
    if joins:
        return go(state, "joining", joining=one["id"])
    return go(state, "landmark", declined=(*state.declined, one["id"]))


def _ask_joining(state: State, knows: Knowledge) -> tuple[Effect, ...]:
    return (
        JoinAnnounced(
            report=state.report,
            announcement="" if state.joining == state.alike else state.joining,
            ticket=state.joining if state.joining == state.alike else "",
            area=state.area,
            landmark=state.landmark,
            description=". ".join(state.said) if state.disclosure == "open" else "",
            anonymous=state.disclosure == "anonymous",
        ),
    )


def joined(state: State, event: AnnouncementJoined) -> Move:
    """The caller is on the shared case; or it was closed meanwhile, and the report goes on by itself."""
    if not event.ticket:
        step = "read-back" if state.landmark_done else "landmark"
        return go(state, step, declined=(*state.declined, state.joining), joining="", alike="")
    after = state.but(opened=(*state.opened, state.report), ticket=event.ticket, trail=(), joining="")
    return go(after, "after-ticket", Say("joined", {"ticket": event.ticket, "due": event.due}))


STEPS = {
    "announced": confirming(_ask, _answer, back=lambda state, knows: state if known_already(state, knows) else None),
    "joining": waiting(_ask_joining),
}
