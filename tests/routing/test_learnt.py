"""The trained model: what it adds to the rules, what it learns from, and what happens when its file is damaged."""

from __future__ import annotations

import csv
import math
import random
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from routing import evaluate, train
from routing import sentences as labelled
from routing.city import City
from routing.classify import Classifier
from routing.emergency import judge
from routing.learnt import FILE, Learnt, UnreadableModel, load, plain, usable
from tests.conftest import ROOT

CORPUS = sorted((ROOT / "speech" / "text").glob("part*.csv"))
REPORTS = list(csv.DictReader((Path(__file__).parent / "reports.csv").open(encoding="utf-8")))
EMERGENCIES = list(csv.DictReader((Path(__file__).parent / "emergencies.csv").open(encoding="utf-8")))


@pytest.fixture(scope="module")
def sentences(city: City) -> list[labelled.Sentence]:
    return labelled.read_sentences(CORPUS, city.categories).taken


@pytest.fixture(scope="module")
def trial(sentences: list[labelled.Sentence]) -> Learnt:
    """Taught by half of the corpus: quick, and good enough to see what it is for."""
    return train.train([s for n, s in enumerate(sentences) if n % 2 == 0 and not labelled.held_out(s)])


@pytest.fixture(scope="module")
def shipped(city: City) -> Learnt:
    learnt = load(city.folder)
    assert learnt is not None
    return learnt


def first(classifier: Classifier, reports: list[labelled.Sentence]) -> float:
    found = [(classifier.propose(s.text)[:1], s.category) for s in reports]
    return sum(bool(top) and top[0].category == right for top, right in found) / len(found)


def test_the_model_finds_what_the_rules_do_not(city: City, trial: Learnt, sentences: list[labelled.Sentence]) -> None:
    unseen = [s for s in sentences if labelled.held_out(s) and s.category][::3]
    ruled, both = first(Classifier(city), unseen), first(Classifier(city, trial), unseen)
    print(f"right at once: rules {ruled:.1%}, with the model {both:.1%} of {len(unseen)}")
    assert both > ruled


def test_the_rules_keep_what_they_are_sure_of(city: City, shipped: Learnt) -> None:
    classifier = Classifier(city, shipped)
    found = [([p.category for p in classifier.propose(row["text"])], row["category"]) for row in REPORTS]
    assert sum(codes[:1] == [right] for codes, right in found) / len(found) >= 0.93
    assert sum(right in codes[:3] for codes, right in found) / len(found) >= 0.98


def test_scores_are_probabilities(city: City, trial: Learnt, sentences: list[labelled.Sentence]) -> None:
    classifier = Classifier(city, trial)
    certain = [
        (top[0].score, top[0].category == s.category)
        for s in sentences[::3]
        if labelled.held_out(s) and s.category and (top := classifier.propose(s.text))
    ]
    assert evaluate.calibration_error(certain) < 0.15


def test_emergencies_are_not_lost_to_the_model(city: City, shipped: Learnt) -> None:
    levels = [(judge(row["text"], city, shipped).level, row["emergency"] == "1") for row in EMERGENCIES]
    assert sum(level != "none" for level, right in levels if right) / sum(right for _, right in levels) >= 0.97
    assert sum(level != "none" for level, right in levels if not right) / sum(not right for _, right in levels) <= 0.05


def test_emergencies_of_another_hand_are_noticed_and_few_callers_are_handed_over_in_vain(
    city: City, shipped: Learnt
) -> None:
    """Hard cases alone, of the half on which nothing was tried; figures are in docs/routing-results.md."""
    rows = list(csv.DictReader((Path(__file__).parent / "danger.csv").open(encoding="utf-8")))
    assert len(rows) >= 300
    rows = [row for row in rows if sha256(row["text"].encode()).digest()[0] % 2]
    levels = [(judge(row["text"], city, shipped).level, row["emergency"] == "1") for row in rows]
    noticed = [level != "none" for level, right in levels if right]
    in_vain = [level == "sure" for level, right in levels if not right]
    asked = [level == "doubt" for level, right in levels if not right]
    assert sum(noticed) / len(noticed) >= 0.95
    assert sum(in_vain) / len(in_vain) <= 0.02
    assert sum(asked) / len(asked) <= 0.05


def test_the_model_asks_and_never_hands_over(city: City, shipped: Learnt) -> None:
    said = "saya sembunyi di lemari ada langkah kaki berat dan suara kaca pecah"
    assert judge(said, city).level == "none"
    verdict = judge(said, city, shipped)
    assert (verdict.level, verdict.category) == ("doubt", "kejahatan")


@pytest.mark.parametrize("said", ["", "   ", "[unk]", "iya", "halo selamat siang", "mau lapor"])
def test_nothing_is_made_of_nothing(city: City, shipped: Learnt, said: str) -> None:
    assert Classifier(city, shipped).propose(said) == ()
    assert judge(said, city, shipped).level == "none"


def test_a_proposal_says_which_words_spoke_for_it(city: City, shipped: Learnt) -> None:
    classifier, said = Classifier(city, shipped), "stiker tunggakan ditempel di pagar rumah"
    top = classifier.propose(said)[0]
    assert top.category == "pajak"
    assert "tunggakan" in classifier.explain(said, top)


def test_a_category_that_is_too_new_to_be_learnt_has_its_rules(city: City, trial: Learnt) -> None:
    assert "hewan" in trial.classes

    class Without:
        def log_probabilities(self, text: str) -> dict[str, float]:
            return {code: p for code, p in trial.log_probabilities(text).items() if code != "hewan"}

        def __getattr__(self, name: str) -> object:
            return getattr(trial, name)

    top = Classifier(city, Without()).propose("ada anjing liar rabies di gang")  # type: ignore[arg-type]
    assert top[0].category == "hewan"


def test_what_was_kept_is_the_same_when_it_is_read_again(tmp_path: Path, trial: Learnt) -> None:
    trial.save(tmp_path / FILE)
    again = load(tmp_path)
    assert again is not None
    text = "lampu jalan mati sejak minggu lalu"
    assert again.log_probabilities(text) == pytest.approx(trial.log_probabilities(text), abs=0.02)
    assert math.isclose(sum(math.exp(p) for p in again.log_probabilities(text).values()), 1.0, rel_tol=1e-5)
    assert again.danger(text) == pytest.approx(trial.danger(text), abs=0.02)


def test_the_arithmetic_is_scikit_learns(sentences: list[labelled.Sentence]) -> None:
    some = sentences[::9]
    rng = random.Random(1)
    enough = {code for code, count in Counter(s.category for s in some if s.category).items() if count >= train.LEAST}
    pairs = [(text, s) for s in some for text in (s.text, labelled.misheard(s.text, rng))]
    features, categories, emergency = train.fit(pairs, enough)
    ours = train.train(some)
    for text in [s.text for s in sentences[1::200]] + ["a b c", "di", "lampu lampu lampu mati", "xyzzy"]:
        row = features.transform([plain(text)])
        theirs = dict(zip(categories.classes_, categories.predict_log_proba(row)[0], strict=True))
        assert ours.log_probabilities(text) == pytest.approx(theirs, abs=0.02)
        assert ours.danger(text) == pytest.approx(emergency.decision_function(row)[0], abs=0.02)


def test_two_categories_are_enough() -> None:
    lamps = [labelled.Sentence(f"lampu {n} mati", "pju", False, "x") for n in "abcdefgh"]
    roads = [labelled.Sentence(f"jalan {n} rusak", "jalan", False, "x") for n in "abcdefgh"]
    likely = train.train([*lamps, *roads]).log_probabilities("lampu mati")
    assert likely["pju"] > likely["jalan"]
    assert math.isclose(sum(math.exp(p) for p in likely.values()), 1.0, rel_tol=1e-5)


def test_a_city_without_a_model_has_none(tmp_path: Path) -> None:
    assert load(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 half of one"])
def test_a_damaged_file_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(UnreadableModel, match="flask routing train"):
        load(tmp_path)
    assert usable(tmp_path) is None  # the line goes on, by its rules


# -- what it learns from


def table(folder: Path, text: str) -> Path:
    path = folder / "cases.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_cannot_be_learnt_from_is_left_out_and_counted(tmp_path: Path, city: City) -> None:
    rows = 'text,category\nlampu mati,pju\nLampu, mati!,pju\n"Lampu, mati!",pju\n...,pju\nada ufo,ufo\n'
    found = labelled.read_sentences([table(tmp_path, rows)], city.categories)
    assert [s.text for s in found.taken] == ["lampu mati"]
    assert found.skipped["said before"] == 1
    assert found.skipped["without words"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"text,label\na,b\n", "lacks the column.* category"), (b"\xff\xfe\x00text", "cannot be read as a CSV")],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, city: City, content: bytes, message: str) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(content)
    with pytest.raises(labelled.CannotTrain, match=message):
        labelled.read_sentences([path], city.categories)
    with pytest.raises(labelled.CannotTrain, match="cannot be read"):
        labelled.read_sentences([tmp_path / "missing.csv"], city.categories)


def test_too_little_is_not_learnt_from() -> None:
    few = [labelled.Sentence(f"lampu mati {n}", "pju", False, "x") for n in range(9)]
    with pytest.raises(labelled.CannotTrain, match="two categories"):
        train.train(few)


def test_a_city_that_marked_no_emergencies_has_its_rules(city: City) -> None:
    lamps = [
        labelled.Sentence(f"lampu {word} mati", "pju", False, "x")
        for word in ("depan", "belakang", "gang", "jalan", "pos")
    ]
    roads = [
        labelled.Sentence(f"jalan {word} rusak", "jalan", False, "x")
        for word in ("depan", "pos", "gang", "pasar", "kali")
    ]
    learnt = train.train([*lamps, *roads])
    assert learnt.danger("rumah kebakaran tolong") < -10
    assert not learnt.knows_danger
    assert judge("rumah tetangga saya kebakaran", city, learnt).level == "sure"  # the rules' word stands


def test_slips_are_small_and_the_same_every_time() -> None:
    text = "jalan berlubang di depan pasar lama sudah memakan korban"
    copies = {labelled.misheard(text, random.Random(seed)) for seed in range(40)}
    assert len(copies) > 20
    assert all(abs(len(copy) - len(text)) < 30 for copy in copies)
    assert labelled.misheard(text, random.Random(1)) == labelled.misheard(text, random.Random(1))


# -- the figures


def test_figures_count_what_they_say() -> None:
    def report(category: str, kelurahan: str = "", emergency: bool = False) -> evaluate.Report:
        return evaluate.Report("x", category, kelurahan, "", emergency, "neutral")

    answers = iter(
        [
            evaluate.Understanding(("pju", "jalan"), 0.9, ("Benda",), False),
            evaluate.Understanding(("jalan", "banjir", "pju"), 0.5, ("Benda",), True),
            evaluate.Understanding(("api",), 1.0, (), True),
        ]
    )
    reports = [report("pju", "Benda"), report("pju"), report("api", emergency=True)]
    whole, by_category, _ = evaluate.evaluate(reports, lambda _: next(answers))
    figures = whole.figures()
    assert (figures["top1"], figures["top3"]) == (0.6667, 1.0)
    assert (figures["kelurahan_right"], figures["kelurahan_invented"]) == (1.0, 1)
    assert (figures["emergencies_found"], figures["false_alarms"]) == (1, 1)
    assert by_category["pju"].reports == 2


def test_what_has_no_category_is_measured_for_emergencies_alone() -> None:
    rows = [evaluate.Report("x", category, "", "", False, "-") for category in ("pju", "")]
    whole, by_category, _ = evaluate.evaluate(rows, lambda _: evaluate.Understanding(("pju",), 0.9, (), True))
    assert (whole.figures()["top1"], whole.alarms, len(whole.certain)) == (1.0, 2, 1)
    assert set(by_category) == {"pju", "-"}


def test_each_tenth_of_certainty_says_how_often_it_came_true() -> None:
    certain = [(0.95, True), (0.91, True), (1.0, False), (0.32, True)]
    assert evaluate.come_true(certain) == [(0.3, 1, 1.0), (0.9, 3, pytest.approx(2 / 3))]


def test_calibration_error_is_nought_for_honest_scores() -> None:
    honest = [(0.75, n % 4 != 0) for n in range(100)]
    assert evaluate.calibration_error(honest) == pytest.approx(0.0)
    assert evaluate.calibration_error([(1.0, False)]) == 1.0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("text,kind\na,b\n", "lacks the column"),
        ("text,category\na,ufo\n", "line 2: the city has no category 'ufo'"),
        ("text,category,kelurahan\na,pju,Nirwana\n", "no kelurahan 'Nirwana'"),
    ],
)
def test_reports_that_cannot_be_measured_on_are_refused(tmp_path: Path, city: City, rows: str, message: str) -> None:
    with pytest.raises(evaluate.UnreadableReports, match=message):
        evaluate.read_reports(table(tmp_path, rows), city.categories, ["Benda"])
