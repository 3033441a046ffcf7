"""Words added to a living line: real graph, real Vosk, real voice, real store."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.line import Line
from ivr.vocabulary import MOST_ADDED, NotInService, Vocabulary, WordRefused, read_word
from models.db import connect
from models.migrations import upgrade
from models.store.words import NewWord, WordStore
from routing.city import City
from routing.current_places import CurrentPlaces
from settings import ROOT
from speech.current import CurrentModel
from speech.espeak import EspeakSynthesizer
from speech.recognize import Recognizer
from tests.contracts.callers import say
from tests.ivr.handset import Handset
from tests.services.line import eventually

ACOUSTIC = ROOT / "speech" / "model"


@pytest.fixture
def link(model_folder: Path, tmp_path: Path) -> Path:
    """The model of the city in service, in a folder of the test's own."""
    folder = tmp_path / "speech" / model_folder.name
    shutil.copytree(model_folder, folder)
    (folder.parent / "model").symlink_to(folder.name)
    return folder.parent / "model"


@pytest.fixture
def store(tmp_path: Path) -> WordStore:
    url = f"sqlite:///{tmp_path / 'words.db'}"
    upgrade(url)
    return WordStore(connect(url))


@pytest.fixture
def vocabulary(store: WordStore, city: City, link: Path) -> Vocabulary:
    return Vocabulary(store, city, ACOUSTIC, link, EspeakSynthesizer(0))


def heard(recognizer: Recognizer, said: str) -> str:
    stream = recognizer.listen()
    stream.accept(say(said))
    return stream.finish().text


def test_a_new_call_knows_added_words_while_an_old_one_goes_on(
    vocabulary: Vocabulary, store: WordStore, city: City, link: Path, line: Line
) -> None:
    current = CurrentModel(link)
    places = CurrentPlaces(city, store)
    line = replace(line, hearing=current.recognizer, places=places)
    before, old = link.resolve(), current.recognizer()
    assert old is not None and "prangdimeja" not in heard(old, "jalan prangdimeja")
    going_on = Handset(line, name="CA1").listens()

    stages: list[str] = []
    cikokol = vocabulary.codes_of(["cikokol"])
    words = [
        read_word("Jalan Prangdimeja", "street", areas=cikokol),
        read_word("Klub D'Xqrzt", "place", "klab di grinot"),
    ]
    done = vocabulary.add([*words, read_word("Cipondoh")], "Sari", stages.append)
    assert stages == ["building", "trying", "rehearsing"]
    assert done.passed == ("Cipondoh",) and done.hard == () and done.words > 4000
    assert {row.key for row in store.present()} == {"jalan prangdimeja", "klub dxqrzt"}
    assert vocabulary.build() == link.resolve() != before  # what the next start asks for

    eventually(lambda: current.recognizer() is not old, "the new model is loaded")
    new = current.recognizer()
    assert new is not None and new.name == done.recogniser
    assert heard(new, "jalan prangdimeja") == "jalan prangdimeja"
    assert heard(new, "klab di grinot") == "klub dxqrzt"
    assert places.find("lampu mati di jalan prangdimeja") == ()
    fresh = Handset(line, name="CA2").says("lapor").listens()
    assert [match.area.name for match in places.find("lampu mati di jalan prangdimeja")] == ["Cikokol"]
    going_on.says("lapor").listens()
    names = {}
    for handset in (going_on, fresh):
        transcript = line.calls.turns(handset.call_id)[1].transcript
        assert transcript is not None and transcript.text == "lapor"
        names[handset] = transcript.recogniser
    assert (names[going_on], names[fresh]) == (old.name, new.name)

    vocabulary.remove(["jalan PRANGDIMEJA", "Klub D'Xqrzt"], "Budi")
    assert store.present() == [] and link.resolve() == before


def no_openfst(_: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("PATH", "/nonexistent")


def half_an_acoustic_model(acoustic: Path, _: pytest.MonkeyPatch) -> None:
    content = (acoustic / "am" / "final.mdl").read_bytes()
    (acoustic / "am" / "final.mdl").write_bytes(content[: len(content) // 2])


def sounds_in_a_wrong_order(acoustic: Path, _: pytest.MonkeyPatch) -> None:
    """Vosk loads it and decodes nonsense."""
    phones = (acoustic / "am" / "phones.txt").read_text().split()
    (acoustic / "am" / "phones.txt").write_text("\n".join(reversed(phones)) + "\n")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (no_openfst, "apt install"),
        (half_an_acoustic_model, "Vosk cannot load it"),
        (sounds_in_a_wrong_order, "commands"),
    ],
)
def test_a_broken_build_leaves_everything_as_it_was(
    harm: Callable[[Path, pytest.MonkeyPatch], None], reason: str,
    store: WordStore, city: City, link: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    acoustic = tmp_path / "acoustic"
    shutil.copytree(ACOUSTIC, acoustic)
    before, beside = link.resolve(), sorted(path.name for path in link.parent.iterdir())
    harm(acoustic, monkeypatch)
    vocabulary = Vocabulary(store, city, acoustic, link, EspeakSynthesizer(0))
    with pytest.raises(NotInService, match=reason) as caught:
        vocabulary.add([read_word("Jalan Prangdimeja")], "Sari")
    assert str(caught.value).startswith("Kosakata tidak diubah; saluran tetap memakai yang lama.")
    assert store.present() == [] and link.resolve() == before
    assert sorted(path.name for path in link.parent.iterdir() if path.name != ".model.lock") == beside


def test_a_database_without_the_table_is_one_clear_line(city: City, link: Path, tmp_path: Path) -> None:
    store = WordStore(connect(f"sqlite:///{tmp_path / 'empty.db'}"))
    vocabulary = Vocabulary(store, city, ACOUSTIC, link, EspeakSynthesizer(0))
    for act in (vocabulary.present, lambda: vocabulary.add([read_word("Cimone")], "Sari")):
        with pytest.raises(NotInService, match="script/run"):
            act()


def test_there_is_an_end_to_additions(vocabulary: Vocabulary, store: WordStore) -> None:
    store.add([NewWord(f"kata {n}", f"Kata {n}", "other") for n in range(MOST_ADDED)], "Sari")
    with pytest.raises(WordRefused, match=f"Paling banyak {MOST_ADDED}"):
        vocabulary.add([read_word("Jalan Prangdimeja")], "Sari")


def test_what_the_recogniser_knows_may_still_be_told_where_it_is(vocabulary: Vocabulary, store: WordStore) -> None:
    where = vocabulary.codes_of(["Karawaci", "36.71.09.1004"])
    assert vocabulary.look(read_word("Jalan Imam Bonjol")).of_the_city
    vocabulary.add([read_word("Jalan Imam Bonjol", "street", areas=where)], "Sari")
    [row] = store.present()
    assert row.areas == "36.71.07.1001 36.71.09.1004"  # of a kelurahan and a kecamatan of one name the kelurahan
    assert vocabulary.area_names(row) == ("Karawaci", "Panunggangan Barat")


@pytest.mark.parametrize("name", ["Pasar Lama", "Cikokol"])
def test_what_lies_somewhere_in_the_citys_files_is_changed_there(vocabulary: Vocabulary, name: str) -> None:
    with pytest.raises(WordRefused, match="di data kota"):
        vocabulary.add([read_word(name, areas=vocabulary.codes_of(["Babakan"]))], "Sari")


@pytest.mark.parametrize(("name", "hint"), [("Cikokoll", 'Maksudnya "Cikokol"'), ("Wakanda", "areas.csv")])
def test_an_area_that_is_none_is_refused_with_the_nearest(vocabulary: Vocabulary, name: str, hint: str) -> None:
    with pytest.raises(WordRefused, match=hint):
        vocabulary.codes_of(["Cikokol", name])


@pytest.mark.parametrize(
    ("text", "kind", "areas", "reason"),
    [
        ("Pak Budi", "name", ["36.71.01.1005"], "bukan jalan atau tempat"),
        ("Pasar", "place", ["36.71.01.1005"], "hanya menyebut jenisnya"),
        ("Jalan Panjang Sekali", "street", ["36.71.01.1005"] * 40, "terlalu banyak kelurahan"),
    ],
)
def test_only_a_place_with_a_name_lies_somewhere(text: str, kind: str, areas: list[str], reason: str) -> None:
    with pytest.raises(WordRefused, match=reason):
        read_word(text, kind, areas=areas)


@pytest.mark.parametrize("text", ["Kelurahan Cikokol", "Jalan Daan Mogot"])
def test_what_is_known_already_is_not_added(vocabulary: Vocabulary, store: WordStore, text: str) -> None:
    store.add([NewWord("kelurahan cikokol", "Kelurahan Cikokol", "place")], "Sari")
    with pytest.raises(WordRefused, match="Sudah ada"):
        vocabulary.add([read_word(text)], "Budi")


def test_only_added_words_are_removed(vocabulary: Vocabulary) -> None:
    with pytest.raises(WordRefused, match='"Cikokol"'):
        vocabulary.remove(["Cikokol"], "Sari")


@pytest.mark.parametrize(
    ("text", "said", "reason"),
    [
        ("  ", "", "Kata kosong"),
        ("!!", "", "tidak punya huruf"),
        ("北京", "", "tidak punya huruf"),
        ("a" * 81, "", "terlalu panjang"),
        ("satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas", "", "terlalu panjang"),
        ("Green Lake", "grin", "paling sedikit 2"),
        ("Green Lake", "!!", "paling sedikit 2"),
        ("Green", "grin " * 15, "paling banyak"),
    ],
)
def test_bad_words_are_refused_with_what_to_do(text: str, said: str, reason: str) -> None:
    with pytest.raises(WordRefused, match=reason):
        read_word(text, said=said)


def test_a_look_tells_how_words_are_said_and_which_are_new(vocabulary: Vocabulary, store: WordStore) -> None:
    store.add([NewWord("jalan prangdimeja", "Jalan Prangdimeja", "street")], "Sari")
    look = vocabulary.look(read_word("jalan  prangdimeja"))
    assert look.present and not look.of_the_city and look.unknown == ("prangdimeja",)
    assert look.readings["jalan"] == [tuple("jalan")]
    assert vocabulary.look(read_word("Cipondoh")).of_the_city
