"""Vosk's sharp edges: what would end the process or go unnoticed must come out as an error of ours."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from routing.city import City
from speech.graph.seal import SEAL
from speech.recognize import RecognizerUnavailable
from speech.vosk_recognizer import VoskRecognizer
from tests.contracts.callers import say


def cut(name: str) -> Callable[[Path], None]:
    """Leave the first half of a file."""

    def damage(model: Path) -> None:
        content = (model / name).read_bytes()
        (model / name).write_bytes(content[: len(content) // 2])

    return damage


def remove(name: str) -> Callable[[Path], None]:
    return lambda model: shutil.rmtree(model / name) if (model / name).is_dir() else (model / name).unlink()


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(model: Path) -> None:
        (model / name).write_bytes(content)

    return damage


def replace(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def damage(model: Path) -> None:
        content = (model / name).read_bytes()
        assert old in content
        (model / name).write_bytes(content.replace(old, new))

    return damage


_COMMANDS = (
    "lapor,cek status,informasi,petugas,tidak,benar,betul,salah,bukan,ulangi,kembali,bantuan,batal,"
    "lebih pelan,lebih cepat,tidak tahu,darurat,lanjut,nggak"
)
COMMANDS = _COMMANDS.split(",")

DAMAGES = {
    "no acoustic model": remove("am/final.mdl"),
    "no folder am": remove("am"),
    "no configuration": remove("conf/model.conf"),
    "no words": remove("graph/words.txt"),
    "no graph": remove("graph"),
    "no HCLr": remove("graph/HCLr.fst"),
    "half an acoustic model": cut("am/final.mdl"),
    "half a graph": cut("graph/HCLr.fst"),
    "an empty acoustic model": write("am/final.mdl", b""),
    "an acoustic model of noise": write("am/final.mdl", b"\0B" + b"noise " * 1000),
    "a configuration without silence phones": write("conf/model.conf", b"--frame-subsampling-factor=3\n"),
    "a configuration of nonsense": write("conf/model.conf", b"--what=ever\n"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_broken_model_is_an_error_and_not_the_end_of_the_process(
    vosk_model: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """Without our seal, as models of other makers come: Vosk itself must find it out, in a process of its own."""
    model = tmp_path / "model"
    shutil.copytree(vosk_model, model)
    (model / SEAL).unlink()
    damage(model)
    with pytest.raises(RecognizerUnavailable) as caught:
        VoskRecognizer(model)
    assert str(model) in str(caught.value) and "\n" not in str(caught.value)


NONSENSE = {
    "words of another graph": (write("graph/words.txt", b"<eps> 0\nsatu 1\n"), r"graph/words\.txt: not the file"),
    "another acoustic model": (cut("am/final.mdl"), r"am/final\.mdl: not the file"),
    "a wrong subsampling": (
        replace("conf/model.conf", b"--frame-subsampling-factor=3", b"--frame-subsampling-factor=1"),
        "--frame-subsampling-factor is 1, the network needs 3",
    ),
    "a wrong rate": (
        replace("conf/mfcc.conf", b"--sample-frequency=8000", b"--sample-frequency=16000"),
        "--sample-frequency is 16000, the network needs 8000",
    ),
    "a calibration of nothing": (write("conf/confidence.json", b"[]"), "no calibration of confidence"),
}


@pytest.mark.parametrize(("damage", "said"), NONSENSE.values(), ids=NONSENSE.keys())
def test_what_vosk_would_decode_into_nonsense_is_refused(
    vosk_model: Path, tmp_path: Path, damage: Callable[[Path], None], said: str
) -> None:
    model = tmp_path / "model"
    shutil.copytree(vosk_model, model)
    damage(model)
    with pytest.raises(RecognizerUnavailable, match=said):
        VoskRecognizer(model)


def test_no_directory_at_all(tmp_path: Path) -> None:
    with pytest.raises(RecognizerUnavailable, match="missing or empty"):
        VoskRecognizer(tmp_path / "nothing")


def test_one_string_is_no_list_of_phrases(vosk_model: Path) -> None:
    with pytest.raises(TypeError, match="list of phrases"):
        VoskRecognizer(vosk_model).listen("cek status")


def test_its_name_changes_with_the_graph(vosk_model: Path, tmp_path: Path) -> None:
    other = tmp_path / "model"
    shutil.copytree(vosk_model, other)
    (other / "version.txt").write_text("another\n")
    names = {VoskRecognizer(vosk_model).name, VoskRecognizer(other).name}
    assert len(names) == 2 and all(name.startswith("vosk-") for name in names)


def test_it_says_nothing_on_the_terminal(vosk_model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    stream = VoskRecognizer(vosk_model).listen(["xqzptw", "lapor xqzptw"])
    stream.accept(say("lapor"))
    stream.finish()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("voice", ["id", "id+m7", "id+f2"])
@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_heard_among_each_other(recognizer: VoskRecognizer, command: str, voice: str) -> None:
    stream = recognizer.listen(COMMANDS)
    stream.accept(say(command, voice))
    assert stream.finish().text == command


def test_ya_and_iya_are_both_a_yes(recognizer: VoskRecognizer) -> None:
    for said in ("ya", "iya"):
        stream = recognizer.listen(["ya", "iya", "tidak", "bukan"])
        stream.accept(say(said))
        assert stream.finish().text in ("ya", "iya")


def test_every_kelurahan_is_heard_by_its_name(recognizer: VoskRecognizer, city: City) -> None:
    names = sorted({area.name.lower() for area in city.kelurahan})
    wrong = {}
    for name in names:
        stream = recognizer.listen(names)
        stream.accept(say(name, "id+f2"))
        if (heard := stream.finish().text) != name:
            wrong[name] = heard
    assert len(wrong) <= 2, wrong


def test_a_ticket_number_is_heard_digit_by_digit(recognizer: VoskRecognizer) -> None:
    digits = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "kosong"]
    said = "tiga satu empat satu lima sembilan dua enam"
    stream = recognizer.listen(digits)
    stream.accept(say(said.replace(" ", ", ")))
    assert stream.finish().text == said


@pytest.fixture(scope="module")
def recognizer(vosk_model: Path) -> VoskRecognizer:
    return VoskRecognizer(vosk_model)
