"""From words to a model directory that Vosk loads."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from speech.graph import GraphError, build_graph, ensure_model
from speech.graph.hmm import SILENCE, Hmm
from speech.graph.ngram import KneserNey
from speech.graph.text import DIGITS, base_words, training_sentences
from speech.pronounce import PHONES
from speech.vosk_recognizer import VoskRecognizer
from tests.contracts.callers import say

MODEL = Path(__file__).resolve().parents[2] / "speech" / "model"


@pytest.fixture(scope="module")
def one_word(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which `ensure_model` has built `model` for the word Cimone."""
    folder = tmp_path_factory.mktemp("ensured")
    ensure_model(MODEL, folder / "model", ["Cimone"], [])
    return folder


@pytest.fixture
def ensured(one_word: Path, tmp_path: Path) -> Path:
    """A test's own copy of it."""
    return shutil.copytree(one_word, tmp_path / "ensured", symlinks=True) / "model"


def heard(model: Path, text: str, phrases: Sequence[str] | None = None) -> str:
    stream = VoskRecognizer(model).listen(phrases)
    stream.accept(say(text))
    return stream.finish().text


def test_a_word_of_the_city_is_known_once_it_is_added(tmp_path: Path) -> None:
    without = build_graph(MODEL, tmp_path / "without", [], [])
    with_it = build_graph(MODEL, tmp_path / "with", ["Jalan Prangdimeja"], [])
    said = "di jalan prangdimeja"
    assert "prangdimeja" not in heard(without.path, said)
    assert heard(with_it.path, said) == said
    assert with_it.words == without.words + 1
    assert with_it.readings > with_it.words > 4000
    assert with_it.unreadable == ()


def test_the_directory_stands_alone(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(MODEL, model)
    built = build_graph(model, tmp_path / "built", ["Neroktog"], []).path
    shutil.rmtree(model)
    assert heard(built, "neroktog", ["neroktog", "gerendeng"]) == "neroktog"
    assert sorted(path.name for path in built.iterdir()) == ["am", "conf", "graph"]


def test_the_same_words_give_the_same_graph(tmp_path: Path) -> None:
    one, other = (build_graph(MODEL, tmp_path / n, words, []).path for n, words in (("a", "xy"), ("b", "yx")))
    for name in ("words.txt", "HCLr.fst", "Gr.fst"):
        assert (one / "graph" / name).read_bytes() == (other / "graph" / name).read_bytes()


def test_sentences_of_the_city_may_hold_slots_and_no_others(tmp_path: Path) -> None:
    text = training_sentences(["Kebon Nanas"], ["angkot lewat {tempat} jurusan {angka}"])
    assert any(" ".join(words).startswith("angkot lewat kebon nanas jurusan") for words in text)
    with pytest.raises(GraphError, match=r"\{jalan\}.*\{tempat\}"):
        build_graph(MODEL, tmp_path / "out", [], ["di {jalan}"])


def test_the_base_vocabulary_is_large_enough_and_belongs_to_no_city() -> None:
    words = base_words()
    assert len(words) == len(set(words)) > 4000
    assert {"nggak", "kagak", "udah", "gimana", "bikin", "aye", "ktp", "pju", "lapor", "melaporkan", *DIGITS} <= set(
        words
    )
    text = training_sentences([], [])
    assert len({" ".join(sentence) for sentence in text}) > 1200
    assert not {"cipondoh", "karawaci", "neroktog", "cibodas", "cimone"} & set(words)


def test_an_incomplete_model_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(MODEL, model)
    (model / "am" / "final.mdl").unlink()
    with pytest.raises(GraphError, match=r"final\.mdl: missing"):
        build_graph(model, tmp_path / "out", [], [])


def test_a_model_of_other_phones_is_refused(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(MODEL, model)
    (model / "am" / "phones.txt").write_text("a\ni\nu\n")
    with pytest.raises(GraphError, match="lacks the phones"):
        build_graph(model, tmp_path / "out", [], [])


def test_missing_openfst_is_one_clear_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GraphError, match="apt install libfst-tools") as caught:
        build_graph(MODEL, tmp_path / "out", [], [])
    assert "\n" not in str(caught.value)


def test_missing_plugins_are_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"apt install .*libfst22-plugins-base"):
        build_graph(MODEL, tmp_path / "out", [], [], fst_plugins=tmp_path)


def test_ensure_builds_once_and_again_only_when_words_change(tmp_path: Path) -> None:
    out = tmp_path / "var" / "model"
    first = ensure_model(MODEL, out, ["Cimone", "Neroktog"], [])
    built = (first / "graph" / "HCLr.fst").stat().st_mtime_ns
    assert ensure_model(MODEL, out, ["Neroktog", "Cimone", "Cimone"], []) == first
    assert (first / "graph" / "HCLr.fst").stat().st_mtime_ns == built
    second = ensure_model(MODEL, out, ["Cimone", "Neroktog", "Prangdimeja"], [])
    assert second != first and out.resolve() == second.resolve()
    assert first.is_dir()  # a process that is just loading it is not disturbed
    third = ensure_model(MODEL, out, ["Cimone"], [])
    assert out.resolve() == third.resolve()
    assert second.is_dir() and not first.exists()


def test_a_build_that_fails_leaves_the_old_one_in_place(ensured: Path) -> None:
    first = ensured.resolve()
    with pytest.raises(GraphError):
        ensure_model(MODEL, ensured, ["Cimone", "Neroktog"], ["{oops}"])
    assert ensured.resolve() == first
    assert [path.name for path in ensured.parent.iterdir() if path.name.startswith(".building")] == []


def test_a_directory_left_by_a_crash_is_built_anew(ensured: Path) -> None:
    first = ensured.resolve()
    shutil.rmtree(first / "graph")
    (first / "version.txt").unlink()
    assert ensure_model(MODEL, ensured, ["Cimone"], []).resolve() == first
    assert (first / "graph" / "Gr.fst").is_file()


def test_a_running_recogniser_keeps_working_when_its_directory_is_gone(ensured: Path) -> None:
    first = ensured.resolve()
    running = VoskRecognizer(first)
    shutil.rmtree(first)
    stream = running.listen(["cimone", "lapor"])
    stream.accept(say("cimone"))
    assert stream.finish().text == "cimone"


def test_several_processes_may_ensure_at_once(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from speech.graph import ensure_model;"
        "print(ensure_model(Path(sys.argv[1]), Path(sys.argv[2]), ['Cimone'], []))"
    )
    command = [sys.executable, "-c", program, str(MODEL), str(tmp_path / "model")]

    def run(_: int) -> str:
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=MODEL.parents[1]).stdout

    with ThreadPoolExecutor(3) as threads:
        assert len(set(threads.map(run, range(3)))) == 1
    assert heard(tmp_path / "model", "cek status") == "cek status"


def test_transition_ids_are_those_of_the_acoustic_model() -> None:
    """Kaldi numbers two transitions a state: silence has one state, every phone two (blank, itself)."""
    hmm = Hmm(PHONES)
    assert (hmm.stay(SILENCE), hmm.go(SILENCE)) == (1, 2)
    seen = [1, 2]
    for phone in PHONES:
        for position in ("B", "E", "I", "S"):
            number = hmm.id(phone, position)
            seen += [f(number, blank) for blank in (True, False) for f in (hmm.stay, hmm.go)]
    assert seen == list(range(1, hmm.last_transition + 1))


@pytest.mark.parametrize("order", [1, 2, 3])
def test_probabilities_after_any_words_sum_to_one(order: int) -> None:
    words = ["lampu", "jalan", "mati", "rusak", "never"]
    lm = KneserNey([["lampu", "jalan", "mati"], ["jalan", "rusak"], ["lampu", "mati"]], words, order)
    for history in ((), ("lampu",), ("<s>",), ("lampu", "jalan"), ("never", "mati"), ("<s>", "lampu")):
        total = sum(lm.probability(word, history) for word in [*words, "</s>"])
        assert math.isclose(total, 1, abs_tol=1e-9)
    if order > 1:
        assert lm.probability("mati", ("lampu", "jalan")) > lm.probability("rusak", ("lampu", "jalan"))
