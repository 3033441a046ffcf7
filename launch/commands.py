"""The command `flask --app app evaluate commands`: what callers ask of the line, as a call understands it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from ivr.commands import INTENTS, BadCommands, read_commands, request, share_right
from ivr.knowledge import Knowledge
from launch.aloud import heard
from launch.refuse import refuse
from speech.recognize import Recognizer
from speech.synthesize import Synthesizer


def commands_command(
    knows: Knowledge, hearing: Callable[[], Recognizer | None], voice: Callable[[], Synthesizer]
) -> click.Command:
    """The command; `hearing` and `voice` as of `launch.routing.evaluate_commands`."""

    @click.command("commands", help="What is asked for in the sentences of FILE (text, intent, value).")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--spoken", is_flag=True, help="Read aloud by espeak-ng and written down by the recogniser first.")
    @click.option("--show", is_flag=True, help="Also print what was not understood.")
    def commands(file: Path, spoken: bool, show: bool) -> None:
        try:
            wanted = read_commands(file)
        except BadCommands as error:
            refuse(str(error))
        recognizer = hearing() if spoken else None
        if spoken and recognizer is None:
            refuse("There is no recogniser: `script/run --prepare` builds it.")
        words = heard([one.text for one in wanted], recognizer, voice()) if recognizer else {}
        found = [(one, request(words.get(one.text, one.text), knows.digits)) for one in wanted]
        click.echo(f"{'':12}{'said':>6}{'right':>8}")
        for intent in INTENTS:
            those = [pair for pair in found if pair[0].wanted.intent == intent]
            if those:
                click.echo(f"{intent:12}{len(those):>6}{100 * share_right(those):>8.1f}")
        for one, got in found:
            if show and got != one.wanted:
                click.echo(f"{one.text} | {one.wanted.intent} {one.wanted.value} | {got.intent} {got.value}")
        click.echo(json.dumps({"commands": len(found), "right": round(share_right(found), 4)}))

    return commands
