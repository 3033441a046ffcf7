"""The trainer on somebody else's complaints, beside a plain TF-IDF baseline. Measures only: nothing of them is kept.

The set is that of github.com/jaal047/Project_Capstone_LaskarAI_KeluhCerdas-: 12,530 complaints to a city with the
agency that got each. It has no licence and holds personal data: fetch it to a folder outside the project, and quote
no row. Its split is its own: `keluhan_testing.xlsx` names the 1,500 to test on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from routing.learnt import plain
from routing.sentences import LONGEST, CannotTrain, Sentence

ALL, TESTED = "Dataset_Anotasi.xlsx", "keluhan_testing.xlsx"
TEXT, AGENCY, NUMBER = "keluhan", "instansi", "id"


@dataclass(frozen=True)
class Complaints:
    """`category` of a sentence is the agency's name. What is word for word in both parts was taken out of `taught`."""

    taught: tuple[Sentence, ...]
    tested: tuple[Sentence, ...]


@dataclass(frozen=True)
class Marks:
    """Shares from 0 to 1; `macro_f1` is the mean over all agencies of the tested part, `macro_f1_common` over those
    with ten complaints there and more.
    """

    right: float
    macro_f1: float
    macro_f1_common: float


def read_complaints(folder: Path) -> Complaints:
    """The set as it was fetched: `folder` or its sub-folder `Dataset` holds both tables.

    Raises:
        CannotTrain: when a table is missing, is no spreadsheet, or lacks a column.
    """
    inside = folder / "Dataset" if (folder / "Dataset").is_dir() else folder
    tested = {number for number, *_ in _cells(inside / TESTED, NUMBER)}
    rows = [
        (number in tested, Sentence(plain(str(text or "")[:LONGEST]), str(agency or ""), False, ALL))
        for number, text, agency in _cells(inside / ALL, NUMBER, TEXT, AGENCY)
    ]
    asked = tuple(s for is_test, s in rows if is_test and s.text and s.category)
    known = {s.text for s in asked}
    return Complaints(tuple(s for is_test, s in rows if not is_test and s.category and s.text not in known), asked)


def _cells(path: Path, *columns: str) -> list[tuple[object, ...]]:
    from openpyxl import load_workbook  # half a second that only this command needs

    try:
        rows = load_workbook(path, read_only=True).active.iter_rows(values_only=True)
        head = list(next(rows))
        at = [head.index(column) for column in columns]
        return [tuple(row[n] for n in at) for row in rows]
    except Exception as error:  # whatever openpyxl raises for what is no spreadsheet
        raise CannotTrain(f"{path}: cannot be read as the table of complaints ({', '.join(columns)})") from error


def ours(complaints: Complaints) -> Marks:
    """The trainer that a city uses, without any rules."""
    from routing.train import train  # scikit-learn takes seconds to load

    learnt = train(complaints.taught)

    def answer(text: str) -> str:
        likely = learnt.log_probabilities(text)
        return max(likely, key=lambda agency: likely[agency])

    return _marks(complaints.tested, answer)


def baseline(complaints: Complaints) -> Marks:
    """What anybody would try first: TF-IDF of words, logistic regression, all as scikit-learn has it."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(TfidfVectorizer(), LogisticRegression(max_iter=300))
    model.fit([s.text for s in complaints.taught], [s.category for s in complaints.taught])
    return _marks(complaints.tested, lambda text: str(model.predict([text])[0]))


def _marks(tested: Sequence[Sentence], answer: Callable[[str], str]) -> Marks:
    from sklearn.metrics import f1_score

    right = [s.category for s in tested]
    found = [answer(s.text) for s in tested]
    common = sorted({agency for agency in right if right.count(agency) >= 10})
    return Marks(
        sum(a == b for a, b in zip(right, found, strict=True)) / max(1, len(right)),
        float(f1_score(right, found, labels=sorted({*right}), average="macro", zero_division=0.0)),
        float(f1_score(right, found, labels=common, average="macro", zero_division=0.0)),
    )
