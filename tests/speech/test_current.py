"""The model in service: exchanged under living calls, which keep theirs."""

from __future__ import annotations

import gc
import shutil
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from speech.current import CurrentModel
from speech.graph import put_in_service
from speech.vosk_recognizer import VoskRecognizer
from tests.contracts.callers import say
from tests.services.line import eventually


@pytest.fixture
def versions(vosk_model: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Makes a model directory of a version, beside the link `model`."""

    def make(version: str) -> Path:
        folder = tmp_path / f"model-{version * 12}"
        shutil.copytree(vosk_model, folder)
        (folder / "version.txt").write_text(version)
        return folder

    return make


def named(current: CurrentModel) -> str:
    recognizer = current.recognizer()
    return recognizer.name if recognizer else ""


def test_new_calls_get_the_new_model_and_old_ones_go_on(versions: Callable[[str], Path], tmp_path: Path) -> None:
    link = tmp_path / "model"
    put_in_service(link, versions("a"))
    current = CurrentModel(link)
    old = current.recognizer()
    assert old is not None and old.name.endswith(":a") and current.recognizer() is old
    stream = old.listen(["lapor", "petugas"])
    sound = say("lapor")
    stream.accept(sound[:4000])

    put_in_service(link, versions("b"))
    eventually(lambda: named(current).endswith(":b"), "the new model is loaded")
    stream.accept(sound[4000:])
    assert stream.finish().text == "lapor"
    again = old.listen(["lapor", "petugas"])
    again.accept(sound)
    assert again.finish().text == "lapor"

    gone = weakref.ref(old)
    del old, stream, again
    gc.collect()
    assert gone() is None


def test_a_model_that_cannot_be_loaded_leaves_the_old_one(versions: Callable[[str], Path], tmp_path: Path) -> None:
    link = tmp_path / "model"
    put_in_service(link, versions("a"))
    tried: list[Path] = []

    def load(folder: Path) -> VoskRecognizer:
        try:
            return VoskRecognizer(folder)
        finally:
            tried.append(folder)

    current = CurrentModel(link, load)
    old = current.recognizer()
    broken = versions("b")
    (broken / "graph" / "HCLr.fst").write_bytes(b"")
    put_in_service(link, broken)
    assert current.recognizer() is old
    eventually(lambda: broken in tried, "the broken model was tried")
    for _ in range(100):
        assert current.recognizer() is old
    assert tried.count(broken) == 1  # not by every call again

    put_in_service(link, versions("c"))
    eventually(lambda: current.recognizer() is not old, "the next model is loaded")


def test_a_line_that_had_none_gets_ears_when_a_model_comes(versions: Callable[[str], Path], tmp_path: Path) -> None:
    link = tmp_path / "model"
    current = CurrentModel(link)
    assert current.recognizer() is None
    put_in_service(link, versions("a"))
    eventually(lambda: current.recognizer() is not None, "the model is loaded")
