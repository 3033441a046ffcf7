"""The command `flask --app app evaluate table`: what the classifier is worth, on sentences that it has not seen."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from launch.aloud import heard
from launch.refuse import or_refuse, refuse
from routing import compare, evaluate, sentences
from routing.city import City
from routing.classify import Classifier
from routing.emergency import judge
from routing.learnt import Learnt
from speech.recognize import Recognizer
from speech.synthesize import Synthesizer

ROOT = Path(__file__).resolve().parents[1]
CORPUS = (*sorted((ROOT / "speech" / "text").glob("part*.csv")), ROOT / "routing" / "danger.csv")
_HEAD = ("right at once", "among three", "calibration error")


def table_command(
    city: City,
    hearing: Callable[[], Recognizer | None],
    voice: Callable[[], Synthesizer],
    corpus: Sequence[Path] = CORPUS,
) -> click.Command:
    """The command `table`. `hearing`, `voice`: the line's recogniser, and who reads to it."""

    @click.command("table", help="The classifier by category, on the fifth of our own sentences that is kept apart.")
    @click.argument("folder", required=False, type=click.Path(path_type=Path))
    @click.option("--spoken", is_flag=True, help="Also read aloud by espeak-ng and written down by the recogniser.")
    @click.option("--every", default=1, show_default=True, help="With --spoken: only one in so many, to save time.")
    def table(folder: Path | None, spoken: bool, every: int) -> None:
        """FOLDER: where jaal047's complaints were fetched to; see routing/compare.py."""
        recognizer = hearing() if spoken else None
        if spoken and recognizer is None:
            refuse("There is no recogniser: `script/run --prepare` builds it.")
        if folder is not None:
            _compare(or_refuse(lambda: compare.read_complaints(folder)))
        known = or_refuse(lambda: sentences.read_sentences(corpus, city.categories)).taken
        kept = [s for s in known if sentences.held_out(s)]
        from routing.train import train  # scikit-learn takes seconds to load, and no call needs it

        click.echo("Learning from the others (half a minute) ...")
        understand = understanding(city, train([s for s in known if not sentences.held_out(s)]))
        rng = random.Random(1)  # noqa: S311  slips of a pen, no secret
        slips = {s.text: sentences.misheard(s.text, rng) for s in kept}
        show("clean", kept, understand)
        show("with slips of a recogniser", kept, lambda text: understand(slips[text]))
        if recognizer is not None:
            some = kept[::every]
            words = heard([s.text for s in some], recognizer, voice())
            show("read aloud and recognised", some, lambda text: understand(words[text]))

    return table


def understanding(city: City, learnt: Learnt) -> Callable[[str], evaluate.Understanding]:
    """What classifier and emergency make of a text with this model; places are left aside."""
    classifier = Classifier(city, learnt)

    def understand(text: str) -> evaluate.Understanding:
        proposals = classifier.propose(text)
        codes = tuple(p.category for p in proposals) or (city.other_category,)
        danger = judge(text, city, learnt).level != "none"
        return evaluate.Understanding(codes, proposals[0].score if proposals else 0.0, (), danger)

    return understand


def show(title: str, kept: list[sentences.Sentence], understand: Callable[[str], evaluate.Understanding]) -> None:
    """A table by category, and how sure answers come true."""
    reports = [evaluate.Report(s.text, s.category, "", "", s.emergency, s.source) for s in kept if s.category]
    whole, by_category, _ = evaluate.evaluate(reports, understand)
    click.echo(f"\n{title}: {len(reports)} reports\n{'':16}{''.join(f'{name:>20}' for name in _HEAD)}")
    for name, tally in [*sorted(by_category.items()), ("all", whole)]:
        found = tally.figures()
        cells = (found["top1"], found["top3"], found["calibration_error"])
        click.echo(f"{name:16}{''.join(f'{100 * cell:>20.1f}' for cell in cells)}")
    click.echo(f"emergencies noticed {whole.found}/{whole.emergencies}, others asked about {whole.alarms}")
    click.echo("said with      how many    right")
    for least, count, right in evaluate.come_true(whole.certain):
        click.echo(f"{least:.1f} and more {count:>10} {100 * right:>8.1f}")


def _compare(complaints: compare.Complaints) -> None:
    click.echo(
        f"complaints of another city: {len(complaints.taught)} taught, {len(complaints.tested)} tested (minutes)"
    )
    click.echo(f"{'':32}{'right':>8}{'macro-F1':>10}{'of agencies with ten':>22}")
    for name, measure in (("TF-IDF, logistic regression", compare.baseline), ("our trainer, no rules", compare.ours)):
        marks = or_refuse(lambda measure=measure: measure(complaints))  # type: ignore[misc]
        click.echo(f"{name:32}{marks.right:>8.3f}{marks.macro_f1:>10.3f}{marks.macro_f1_common:>22.3f}")
