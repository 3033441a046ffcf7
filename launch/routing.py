"""The commands `flask --app app routing ...` and `evaluate ...`: teach a city's model, and measure what it is worth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click

from ivr import intents
from ivr.knowledge import Knowledge
from launch.aloud import heard
from launch.commands import commands_command
from launch.places import places_command
from launch.refuse import or_refuse, refuse
from launch.tables import CORPUS, show, table_command, understanding
from routing import evaluate, sentences
from routing.city import City
from routing.learnt import FILE
from speech.recognize import Recognizer
from speech.synthesize import Synthesizer

STORIES_PART, MOST_STORIES = 4, 500  # what is none of the commands: as much of it as of them


def routing_commands(city: City) -> click.Group:
    """The group `routing`."""

    @click.group("routing", help="What a city's own cases teach about categories and emergencies.")
    def group() -> None:
        pass

    @group.command("train", help="Learn from tables with the columns text, category and perhaps emergency (1 or 0).")
    @click.argument("tables", nargs=-1, type=click.Path(path_type=Path))
    @click.option("--corpus/--no-corpus", default=True, help="With the project's own sentences, or without.")
    @click.option("--out", type=click.Path(path_type=Path), help=f"Where to; usually {FILE} in the city's folder.")
    @click.option(
        "--folds", type=click.IntRange(1, sentences.PARTS), default=sentences.PARTS, help="Fifths that are measured on."
    )
    def learn(tables: tuple[Path, ...], corpus: bool, out: Path | None, folds: int) -> None:
        paths = [*tables, *(CORPUS if corpus else ())]
        from routing import train  # scikit-learn takes seconds to load, and no call needs it

        known = or_refuse(lambda: _read(paths, city))
        trials = {}
        with click.progressbar(range(folds), label="Measuring on each part after learning from the others") as bar:
            for part in bar:
                others = [s for s in known if sentences.part_of(s) != part]
                trials[part] = understanding(city, or_refuse(lambda others=others: train.train(others)))  # type: ignore[misc]
        kept = [s for s in known if sentences.part_of(s) < folds]
        parts = {s.text: sentences.part_of(s) for s in kept}
        show("not seen while learning", kept, lambda text: trials[parts[text]](text))
        click.echo("Learning from all of them ...")
        path = out or city.folder / FILE
        train.train(known).save(path)
        click.echo(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB). Calls that begin after a restart use it.")

    @group.command("commands", help="Learn what callers ask of the line, from ivr/commands_taught.csv and stories.")
    def commands() -> None:
        from routing import train

        known = or_refuse(lambda: _read(list(CORPUS), city))
        stories = [s.text for s in known if not s.emergency and sentences.part_of(s) == STORIES_PART]
        train.train(intents.to_learn(stories[:MOST_STORIES])).save(intents.MODEL)
        click.echo(f"Written: {intents.MODEL}")

    return group


def evaluate_commands(
    knows: Knowledge, hearing: Callable[[], Recognizer | None], voice: Callable[[], Synthesizer]
) -> click.Group:
    """The group `evaluate`.

    Args:
        knows: what a call knows.
        hearing, voice: the line's recogniser, and who reads to it.
    """
    city = knows.city

    @click.group("evaluate", help="Measure on sentences whose answers are known.")
    def group() -> None:
        pass

    @group.command("reports", help="Category, place and emergency of the reports in FILE, as a call understands them.")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--spoken", is_flag=True, help="Read aloud by espeak-ng and written down by the recogniser first.")
    def reports(file: Path, spoken: bool) -> None:
        names = {area.name for area in city.kelurahan}
        rows = or_refuse(lambda: evaluate.read_reports(file, city.categories, names))
        recognizer = hearing() if spoken else None
        if spoken and recognizer is None:
            refuse("There is no recogniser: `script/run --prepare` builds it.")
        words = heard([row.text for row in rows], recognizer, voice()) if recognizer else {}
        found = evaluate.evaluate(rows, lambda text: of_a_call(knows, words.get(text, text)))
        click.echo(evaluate.table(*found))
        click.echo(json.dumps(found[0].figures()))

    group.add_command(table_command(city, hearing, voice))
    group.add_command(places_command(knows, hearing))
    group.add_command(commands_command(knows, hearing, voice))
    return group


def of_a_call(knows: Knowledge, text: str) -> evaluate.Understanding:
    """What a call makes of a story."""
    proposals = list(knows.propose(text)) or [(knows.city.other_category, 0.0)]
    places = [knows.area(code).name for code, score in knows.find_places(text) if score >= evaluate.SURE_PLACE]
    level, _ = knows.judge(text)
    return evaluate.Understanding(tuple(code for code, _ in proposals), proposals[0][1], tuple(places), level != "none")


def _read(paths: list[Path], city: City) -> list[sentences.Sentence]:
    found = sentences.read_sentences(paths, city.categories)
    click.echo(f"{len(found.taken)} sentences of {len(paths)} tables")
    for why, count in found.skipped.most_common():
        click.echo(f"  left out, {why}: {count}")
    return found.taken
