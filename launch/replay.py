"""The commands `flask --app app call replay`: a stored call again, through the present dialogue."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine

from ivr.effects import Effect, Listen, PlayAnnouncement, Say
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
from ivr.knowledge import Knowledge
from ivr.line import Line
from ivr.prompts import Prompts
from ivr.replay import Kept, Replayed, UnreadableTurn, first_difference, outline, read_kept, replay
from ivr.state import State
from launch.refuse import refuse
from models.crypto import UnreadableSecret, Vault
from models.store.replays import ReplayStore, StoredCall

DIFFERENT = 1
# What of a state may be shown to anybody: where the conversation stands, nothing that the caller said.
PLAIN = (
    "step", "tries", "quiet", "pace", "known", "report", "recorded", "page", "nearby_done", "area_done",
    "landmark_done", "landmark_recorded", "category_by", "acts", "acting", "hand_overs", "hand_over", "back_to",
)  # fmt: skip


def call_commands(engine: Engine, line: Line) -> click.Group:
    """`replay`."""
    vault, knows, prompts = line.vault, line.knows, line.prompts
    group = click.Group("call", help="Stored calls.")
    zone = ZoneInfo(knows.city.time_zone)

    @group.command("replay")
    @click.argument("call_id", required=False)
    @click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="All calls from this day on.")
    @click.option("--all", "everything", is_flag=True, help="All calls.")
    @click.option("--words", is_flag=True, help="Show what was said and keyed: personal data.")
    def show(call_id: str | None, since: dt.datetime | None, everything: bool, words: bool) -> None:
        """Replay stored calls under the present code, city data and lines.

        CALL_ID shows one call, turn by turn. --since or --all names the calls that would go differently.
        Ends with 1 when one does, with 2 when nothing can be replayed.
        """
        if sum((call_id is not None, since is not None, everything)) != 1:
            refuse("Name one call, or --since YYYY-MM-DD, or --all.")
        line.places.look()
        store = ReplayStore(engine)
        if call_id is None:
            begin = since.replace(tzinfo=zone) if since else None
            differ = _compare(store.calls(begin), vault, knows, zone)
        else:
            call = store.call(call_id)
            if call is None:
                refuse(f"There is no call {call_id}.")
            differ = _show(call, vault, knows, prompts if words else None, zone)
        raise click.exceptions.Exit(DIFFERENT if differ else 0)

    return group


class _NotKept(Exception):
    """The call has a turn without events: from before they were kept, or their time is over."""


def _kept(call: StoredCall, vault: Vault) -> tuple[Kept, ...]:
    """
    Raises:
        UnreadableTurn: a turn of a release that knew other events.
    """
    if not call.turns or any(turn.sealed is None for turn in call.turns):
        raise _NotKept
    try:
        return tuple(read_kept(vault.open_text(turn.sealed or "")) for turn in call.turns)
    except UnreadableSecret as error:
        refuse(f"Call {call.id}: {error}")


# -- many calls


def _compare(calls: Iterator[StoredCall], vault: Vault, knows: Knowledge, zone: ZoneInfo) -> bool:
    same = different = without = 0
    for call in calls:
        try:
            told = _difference(call, vault, knows)
        except _NotKept:
            without += 1
            continue
        same, different = same + (not told), different + bool(told)
        if told:
            click.echo(f"{call.id}  {call.started_at.astimezone(zone):%Y-%m-%d %H:%M}  {told}")
    click.echo(f"{same + different} calls: {same} the same, {different} differently; {without} without stored events")
    return different > 0


def _difference(call: StoredCall, vault: Vault, knows: Knowledge) -> str:
    """In a line, the first turn that goes differently; empty when none does."""
    try:
        turn = first_difference(_kept(call, vault), knows)
    except UnreadableTurn as error:
        return str(error)
    if turn is None:
        return ""
    return f"turn {turn.number} of {len(call.turns)}, at {turn.before.step}: {_then_and_now(turn)}"


def _then_and_now(turn: Replayed) -> str:
    if turn.failed:
        return "the dialogue fails"
    was, now = ", ".join(outline(turn.was)), ", ".join(outline(turn.now))
    if was != now:
        return f"was {was or 'nothing'}; now {now or 'nothing'}"
    changed = (now for was, now in zip(turn.was, turn.now, strict=True) if was != now)
    return f"the same, but with other content: {', '.join(outline(changed))}"


# -- one call


def _show(call: StoredCall, vault: Vault, knows: Knowledge, prompts: Prompts | None, zone: ZoneInfo) -> bool:
    """Print turn by turn, up to the first that is not the same; whether there was one."""
    began = call.started_at.astimezone(zone)
    click.echo(f"call {call.id}, {call.channel}, {began:%Y-%m-%d %H:%M}, ended: {call.end_reason or 'not yet'}")
    try:
        kept = _kept(call, vault)
    except _NotKept:
        refuse("Its events are not stored: the call is older than replays, or their time is over.")
    except UnreadableTurn as error:
        click.echo(f"It would go differently: {error}")
        return True
    for turn in replay(kept, knows):
        click.echo(f"{turn.number:4}  {_event(turn.event, prompts is not None)}")
        for effect in turn.effects:
            click.echo(f"      {_effect(effect, prompts, began.date())}")
        if changes := _changes(turn.before, turn.after):
            click.echo(f"      [{changes}]")
        if not turn.same:
            click.echo(f"      DIFFERENT: {_then_and_now(turn)}")
            if prompts is not None:
                click.echo(f"      said then: {call.turns[turn.number - 1].answer}")
            left = len(kept) - turn.number
            click.echo(f"{left} more turns answered what is not asked any more." if left else "It was the last turn.")
            return True
    click.echo("The same effects at every turn.")
    return False


def _event(event: Event, words: bool) -> str:
    match event:
        case Started():
            about = "number known" if event.known else "number hidden"
            return f"begins, {about}, {len(event.announced)} announcements hold"
        case Resumed():
            return "is back" + (" after the line broke" if event.broken else "")
        case Heard():
            sure = f"confidence {event.confidence:.2f}" + ("" if event.recorded else ", not recorded")
            if not words:
                return f"heard {len(event.text.split())} words, {sure}"
            return f'heard "{event.text}"' + (f' (free: "{event.free}")' if event.free else "") + f", {sure}"
        case Keyed():
            return f"keyed {event.keys}" if words else f"keyed {len(event.keys)} keys"
        case CaseOpened():
            return "case opened" + (f", {event.ticket}, due {event.due}" if words else "")
        case AnnouncementJoined():
            return "joined the announced case" if event.ticket else "the announced case is closed"
        case CasesFound():
            return f"{len(event.cases)} cases found" + (
                f": {', '.join(c.ticket for c in event.cases)}" if words else ""
            )
        case AlikeFound():
            return f"{event.count} cases of the same problem found"
        case DataFound():
            return f"{event.cases} cases and {event.calls} calls are stored"
        case DataErased():
            return "the number is forgotten" if event.done else "the number could not be forgotten"
        case CaseActed():
            return "done" if event.done else "not possible any more"
        case ServiceAnswered():
            return f"service answered: {event.outcome}" + (f', "{event.text}"' if words and event.text else "")
        case HandOverEnded():
            return "back from a person" if event.answered else "nobody took the call"
        case HungUp():
            return "hung up"
        case Silence():
            return "silence"


def _effect(effect: Effect, prompts: Prompts | None, day: dt.date) -> str:
    match effect:
        case Say():
            name = f"say {effect.prompt}" + ("" if effect.wording == "first" else f"/{effect.wording}")
            return name if prompts is None else f"{name}: {prompts.text(effect, day)}"
        case PlayAnnouncement():
            return "play announcement" if prompts is None else f"play announcement: {effect.text}"
        case Listen():
            return f"listen at {effect.step}, {effect.kind}"
        case _:
            if prompts is None:
                return f"do {type(effect).__name__}"
            told = (f"{f.name}={value!r}" for f in fields(effect) if (value := getattr(effect, f.name)))
            return f"do {type(effect).__name__} {', '.join(told)}"


def _changes(before: State, after: State) -> str:
    """What of the state is another: values of what is nobody's, names alone of the rest."""
    changed = []
    for field in fields(State):
        was, now = getattr(before, field.name), getattr(after, field.name)
        if was != now:
            changed.append(f"{field.name} {was!r} > {now!r}" if field.name in PLAIN else _hidden(field.name, was, now))
    return ", ".join(changed)


def _hidden(name: str, was: object, now: object) -> str:
    if isinstance(was, tuple) and isinstance(now, tuple):
        return f"{name} {len(was)} > {len(now)} long"
    return f"{name} {'set' if now else 'cleared'}"
