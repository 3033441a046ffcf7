"""The commands `flask --app app routing ...` and `evaluate ...`: teach a city's model, and measure what it is worth."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import click

from ivr.knowledge import Knowledge
from routing import evaluate, sentences
from routing.city import City
from routing.classify import Classifier
from routing.emergency import judge
from routing.learnt import FILE, Learnt
from speech.audio import FRAME_BYTES, mulaw_from_pcm, pcm_from_mulaw, silence
from speech.recognize import Recognizer
from speech.synthesize import STANDARD_PACE, Synthesizer

ROOT = Path(__file__).resolve().parents[1]
CORPUS = (*sorted((ROOT / "speech" / "text").glob("part*.csv")), ROOT / "routing" / "danger.csv")
REFUSED = 2

T = TypeVar("T")


def routing_commands(city: City) -> click.Group:
    """The group `routing`."""

    @click.group("routing", help="What a city's own cases teach about categories and emergencies.")
    def group() -> None:
        pass

    @group.command("train", help="Learn from tables with the columns text, category and perhaps emergency (1 or 0).")
    @click.argument("tables", nargs=-1, type=click.Path(path_type=Path))
    @click.option("--corpus/--no-corpus", default=True, help="With the project's own sentences, or without.")
    @click.option("--out", type=click.Path(path_type=Path), help=f"Where to; usually {FILE} in the city's folder.")
    def learn(tables: tuple[Path, ...], corpus: bool, out: Path | None) -> None:
        paths = [*tables, *(CORPUS if corpus else ())]
        from routing import train  # scikit-learn takes seconds to load, and no call needs it

        known = _or_refuse(lambda: _read(paths, city))
        click.echo("Measuring on sentences kept apart (a minute) ...")
        kept = [s for s in known if sentences.held_out(s)]
        trial = _or_refuse(lambda: train.train([s for s in known if not sentences.held_out(s)]))
        _report(city, trial, kept)
        click.echo("Learning from all of them ...")
        path = out or city.folder / FILE
        train.train(known).save(path)
        click.echo(f"Written: {path} ({path.stat().st_size / 1e6:.1f} MB). Calls that begin after a restart use it.")

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
        rows = _or_refuse(lambda: evaluate.read_reports(file, city.categories, names))
        words = _heard([row.text for row in rows], hearing(), voice()) if spoken else {}
        found = evaluate.evaluate(rows, lambda text: understanding(knows, words.get(text, text)))
        click.echo(evaluate.table(*found))
        click.echo(json.dumps(found[0].figures()))

    return group


def understanding(knows: Knowledge, text: str) -> evaluate.Understanding:
    """What a call makes of a story."""
    proposals = list(knows.propose(text)) or [(knows.city.other_category, 0.0)]
    places = [knows.area(code).name for code, score in knows.find_places(text) if score >= evaluate.SURE_PLACE]
    level, _ = knows.judge(text)
    return evaluate.Understanding(tuple(code for code, _ in proposals), proposals[0][1], tuple(places), level != "none")


def _heard(texts: list[str], recognizer: Recognizer | None, voice: Synthesizer) -> dict[str, str]:
    """What the recogniser writes of each sentence, read aloud and sent through mu-law."""
    if recognizer is None:
        _refuse("There is no recogniser: `script/run --prepare` builds it.")
    words = {}
    with click.progressbar(texts, label="Reading aloud and writing down") as bar:
        for text in bar:
            sound = silence(300) + pcm_from_mulaw(mulaw_from_pcm(voice.render(text, STANDARD_PACE))) + silence(1000)
            stream = recognizer.listen(None)
            for at in range(0, len(sound), FRAME_BYTES):
                stream.accept(sound[at : at + FRAME_BYTES])
            words[text] = stream.finish().text
    return words


def _read(paths: list[Path], city: City) -> list[sentences.Sentence]:
    found = sentences.read_sentences(paths, city.categories)
    click.echo(f"{len(found.taken)} sentences of {len(paths)} tables")
    for why, count in found.skipped.most_common():
        click.echo(f"  left out, {why}: {count}")
    return found.taken


def _report(city: City, learnt: Learnt, kept: list[sentences.Sentence]) -> None:
    """Figures of a model on sentences that it has not seen, with and without slips of the recogniser."""
    classifier = Classifier(city, learnt)

    def understand(text: str) -> evaluate.Understanding:
        proposals = classifier.propose(text)
        codes = tuple(p.category for p in proposals) or (city.other_category,)
        danger = judge(text, city, learnt).level != "none"
        return evaluate.Understanding(codes, proposals[0].score if proposals else 0.0, (), danger)

    reports = [evaluate.Report(s.text, s.category, "", "", s.emergency, s.source) for s in kept if s.category]
    whole, by_category, by_source = evaluate.evaluate(reports, understand)
    click.echo(evaluate.table(whole, by_category, by_source))
    click.echo(json.dumps(whole.figures()))


def _or_refuse(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except (sentences.CannotTrain, evaluate.UnreadableReports) as error:
        _refuse(str(error))


def _refuse(message: str) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(REFUSED)
