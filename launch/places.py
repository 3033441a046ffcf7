"""The command `flask --app app evaluate places`: how surely places are found in what callers say, and never invented.

Every name of the city is put into sentences, garbled or read aloud and recognised, and given to the real dialogue;
what counts is the question that it asks then.
"""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import yaml

from ivr import dialogue, understand
from ivr.effects import Listen
from ivr.events import Heard
from ivr.knowledge import Knowledge
from ivr.state import State
from ivr.steps.base import PAGE
from launch.aloud import heard_in_a_call
from launch.refuse import refuse
from launch.tables import CORPUS
from routing.garbled import WAYS
from routing.sentences import misheard
from speech.accuracy.callers import CALLERS
from speech.recognize import Recognizer

SAYINGS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("sayings.yaml").read_text(encoding="utf-8"))
OUTCOMES = ("right", "asked", "kecamatan", "none", "wrong")
SEED = 1


@dataclass(frozen=True)
class Saying:
    """A name that is said.

    Attributes:
        name: of an area or a landmark, lower case.
        areas: codes of where it is.
        sentence: with {name} where the name comes.
        answer: to the question for the kelurahan; else told at the beginning.
        landmark: it is one's name.
    """

    name: str
    areas: tuple[str, ...]
    sentence: str
    answer: bool
    landmark: bool

    def text(self, name: str | None = None) -> str:
        return self.sentence.replace("{name}", self.name if name is None else name)


def sayings(knows: Knowledge) -> Iterator[Saying]:
    """All names of the city's areas and landmarks, in all sentences."""
    city = knows.city
    named: list[tuple[str, tuple[str, ...], bool, str]] = [
        (area.name, (area.code,), False, "kelurahan" if area.parent else "kecamatan")
        for area in (*city.kelurahan, *city.kecamatan)
    ]
    named += [(name, landmark.areas, True, "") for landmark in city.landmarks for name in landmark.names]
    for name, areas, landmark, kind in named:
        for how, sentences in SAYINGS["landmark" if landmark else "area"].items():
            for sentence in sentences:
                said = sentence.replace("{kind}", kind)
                yield Saying(understand.tidy(name), areas, said, how == "answer", landmark)


def beginning(knows: Knowledge, answer: bool) -> State:
    """The dialogue where a report is told, or where the kelurahan is asked for; what it is about is known already."""
    category = next(c.code for c in knows.city.categories.values() if not c.emergency)
    return State(step="place" if answer else "report", category=category, category_by="caller", recorded=answer)


def offered(knows: Knowledge, heard: Heard, answer: bool) -> tuple[str, ...]:
    """Codes of the areas that the dialogue then asks about; none when it asks for the place openly."""
    state, _ = dialogue.step(beginning(knows, answer), heard, knows)
    match state.step:
        case "place-confirm":
            return (state.guess,)
        case "nearby-confirm" | "nearby-choose":
            return state.nearby
        case "place-choose" | "kecamatan-choose":
            return state.options[: 2 * PAGE]
        case "emergency" | "emergency-confirm":  # the place is kept for later
            return (state.guess,) if state.guess else state.nearby
    return ()


def outcome(knows: Knowledge, saying: Saying, codes: Sequence[str]) -> str:
    """One of `OUTCOMES`: right: the place, or for a landmark only where it is; asked: a question that leads there;
    kecamatan: another place in the same kecamatan; wrong: one elsewhere, which is an invention."""
    if not codes:
        return "none"
    if set(codes) <= set(saying.areas):
        return "right"
    over = {knows.area(code).parent or code for code in saying.areas}
    names = {knows.area(code).name for code in saying.areas}
    if set(codes) & (set(saying.areas) | over) or {knows.area(code).name for code in codes} & names:
        return "asked"
    return "kecamatan" if all((knows.area(code).parent or code) in over for code in codes) else "wrong"


def places_command(knows: Knowledge, hearing: Callable[[], Recognizer | None]) -> click.Command:
    """The command `places`. `hearing`: the line's recogniser."""

    @click.command("places", help="How surely kelurahan and landmarks are found when names are garbled or misheard.")
    @click.option("--spoken", is_flag=True, help="Also read aloud by espeak-ng's voices and heard by the recogniser.")
    @click.option("--voices", default=3, show_default=True, type=click.IntRange(1, len(CALLERS)), help="With --spoken.")
    @click.option("--every", default=1, show_default=True, help="Only one saying in so many, to save time.")
    @click.option("--show", type=click.Choice(OUTCOMES), help="Also print what came out so.")
    def places(spoken: bool, voices: int, every: int, show: str | None) -> None:
        recognizer = hearing() if spoken else None
        if spoken and recognizer is None:
            refuse("There is no recogniser: `script/run --prepare` builds it.")
        said = list(sayings(knows))[::every]
        report = _Report(knows, show)
        for way, garble in WAYS.items():
            garbled = ((s, s.text(garble(s.name, random.Random(f"{SEED} {way} {s.name}")))) for s in said)  # noqa: S311
            report.add(way, ((saying, Heard(text)) for saying, text in garbled))
        if recognizer is not None:
            report.add("read aloud and heard", _aloud(knows, said, recognizer, voices))
        click.echo(report.table())
        click.echo(json.dumps(report.figures() | _invented(knows, every, show)))

    return places


def _aloud(
    knows: Knowledge, said: Sequence[Saying], recognizer: Recognizer, voices: int
) -> Iterator[tuple[Saying, Heard]]:
    """Every saying by several voices, as the open question hears it."""
    listens = {answer: _listens(knows, answer) for answer in (False, True)}
    with click.progressbar(list(enumerate(said)), label="Reading aloud and writing down") as bar:
        for number, saying in bar:
            for voice in range(voices):
                caller = CALLERS[(number + voice * len(CALLERS) // voices) % len(CALLERS)]
                yield saying, heard_in_a_call(saying.text(), caller, recognizer, listens[saying.answer])


def _listens(knows: Knowledge, answer: bool) -> Listen:
    listen = dialogue.expects(beginning(knows, answer), knows)
    assert listen is not None
    return listen


class _Report:
    """Counts by way, kind of name, and whether it was told or answered."""

    def __init__(self, knows: Knowledge, show: str | None) -> None:
        self._knows, self._show = knows, show
        self._rows: dict[tuple[str, str], Counter[str]] = {}

    def add(self, way: str, heard: Iterable[tuple[Saying, Heard]]) -> None:
        for saying, event in heard:
            codes = offered(self._knows, event, saying.answer)
            result = outcome(self._knows, saying, codes)
            kind = f"{'landmark' if saying.landmark else 'area'} {'answered' if saying.answer else 'told'}"
            self._rows.setdefault((way, kind), Counter())[result] += 1
            if result == self._show:
                names = ", ".join(self._knows.area(code).name for code in codes)
                click.echo(f"{result}: {saying.name}, {way}: {event.text} -> {names or 'nothing'}")

    def table(self) -> str:
        """For the eye: a line each, percentages."""
        lines = [f"{'':44}{'said':>8}{''.join(f'{name:>11}' for name in OUTCOMES)}"]
        for (way, kind), counts in self._rows.items():
            of = counts.total()
            shares = "".join(f"{100 * counts[name] / of:>11.1f}" for name in OUTCOMES)
            lines.append(f"{kind:20}{way:24}{of:>8}{shares}")
        return "\n".join(lines)

    def figures(self) -> dict[str, Any]:
        """Counts of all that was garbled, and apart from them of what was heard."""
        garbled, heard = Counter[str](), Counter[str]()
        for (way, _), counts in self._rows.items():
            (garbled if way in WAYS else heard).update(counts)
        found = {"garbled": {name: garbled[name] for name in OUTCOMES}}
        return found | ({"heard": {name: heard[name] for name in OUTCOMES}} if heard else {})


def _invented(knows: Knowledge, every: int, show: str | None) -> dict[str, int]:
    """How often a place is offered after a sentence that names none: as it is, and with slips of a recogniser."""
    texts = list(placeless())[::every]
    rng = random.Random(SEED)  # noqa: S311  slips of a pen, no secret
    found = {}
    for how, said in (("as they are", texts), ("with slips", [misheard(text, rng) for text in texts])):
        wrong = [text for text in said if offered(knows, Heard(text), answer=False)]
        click.echo(f"{len(said)} sentences without a place, {how}: invented {len(wrong)}")
        for text in wrong if show == "wrong" else ():
            click.echo(f"invented: {text}")
        found[how.replace(" ", "_")] = len(wrong)
    return {"sentences": len(texts), "invented": found["as_they_are"], "invented_with_slips": found["with_slips"]}


def placeless(corpus: Sequence[Path] = CORPUS) -> Iterator[str]:
    """Our own sentences that name no place."""
    named = frozenset(SAYINGS["named"])
    for path in corpus:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if not row.get("kelurahan") and row.get("id") not in named:
                    yield understand.tidy(row["text"])
