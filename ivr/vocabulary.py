"""What the recogniser of the line knows: the city's data, the dialogue's commands, and words that people add.

A change builds a model beside the one in service, proves it, writes the words into the store and exchanges the
link in one step. Whatever fails before leaves everything as it was. Messages of errors are Indonesian: those who
add words read them, at a terminal or in the console.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from ivr import understand
from models.store.words import NewWord, WordPresent, WordStore
from models.words import KINDS, SpokenWord
from routing.city import City
from routing.landmarks import proper
from speech.graph import GraphError, alone, build_version, known_words, put_in_service
from speech.pronounce import Reading, words_of
from speech.recognize import RecognizerUnavailable
from speech.rehearse import understands
from speech.respoken import MOST_SPOKEN, CannotAlign, readings_as_spoken, usual_readings
from speech.synthesize import SynthesisFailed, Synthesizer
from speech.vosk_recognizer import VoskRecognizer

MOST_LETTERS = 80  # of one phrase; the longest street of a city of two million has 34
MOST_WORDS = 10
MOST_AREAS = 400  # letters of the codes of one place: 30 kelurahan
MOST_ADDED = 5000  # with so many streets more a build takes 12.5 s instead of 11.0 s on one of two cores
MOST_REHEARSED = 100  # of one addition: 8 s
PLACES = ("street", "place")  # these are also learnt after "di", "kelurahan" and the like
# Heard by every model that is what it should be; one that is numbered wrongly hears none of them.
PROOF = ("lapor", "cek status", "informasi", "petugas")

Stage = Literal["waiting", "building", "trying", "rehearsing"]
Tell = Callable[[Stage], None]


class WordRefused(Exception):
    """What was given cannot be added or removed; says why and what to do, a line each."""


class NotInService(Exception):
    """The change was not made: the line goes on with the words that it had; says why."""


@dataclass(frozen=True)
class InService:
    """A model that new calls use.

    Attributes:
        recogniser: its name, as /health shows it.
        words: how many different words it knows.
        passed: texts that were known already, so that nothing was added.
        hard: texts of added phrases that it did not understand when the voice said them.
    """

    recogniser: str
    words: int
    seconds: float
    passed: tuple[str, ...] = ()
    hard: tuple[str, ...] = ()


@dataclass(frozen=True)
class Look:
    """How each word of a phrase is said, likeliest first, and which of them the line does not know yet."""

    word: NewWord
    readings: dict[str, list[Reading]]
    unknown: tuple[str, ...]
    present: bool  # among the added ones
    of_the_city: bool  # in the city's files, said as it is written


def city_words(city: City) -> tuple[str, ...]:
    """Places of the city; each is learnt alone and after words such as "di"."""
    landmarks = (name for landmark in city.landmarks for name in landmark.names)
    return _tidied((*(area.name for area in (*city.kecamatan, *city.kelurahan)), *landmarks, *city.words))


def city_sentences(city: City) -> tuple[str, ...]:
    """What callers of this city say as a whole: its categories, its questions, and the dialogue's own phrases."""
    categories = (phrase for c in city.categories.values() for phrase in (c.name, *c.covers.split(",")))
    asked = [(item.title, *item.questions) for item in city.information]
    asked += [(one.title, *one.questions) for one in city.lookups.values()]
    titles = (phrase for phrases in asked for phrase in phrases)
    commands = (*understand.all_phrases(), *understand.wish_phrases(), *understand.correction_phrases())
    return _tidied((*categories, *titles, *commands))


def _tidied(phrases: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tidied for phrase in phrases if (tidied := understand.tidy(phrase))))


def read_word(text: str, kind: str = "place", said: str = "", areas: Sequence[str] = ()) -> NewWord:
    """A phrase as people write it, checked; `said` is how it is said, where its spelling does not tell.

    Args:
        areas: codes of the kelurahan that a street or place lies in, so that it is found in what callers say.

    Raises:
        WordRefused: if it is empty, has no letters, is too long, does not fit what is said, or lies somewhere
            without being a street or place of a name of its own.
    """
    text, said = " ".join(text.split()), " ".join(said.split())
    words = words_of(text)
    if not text:
        raise WordRefused('Kata kosong. Tulis nama jalan, tempat, atau orang, misalnya "Jalan Haji Mencong".')
    if len(text) > MOST_LETTERS or len(words) > MOST_WORDS:
        raise WordRefused(
            f'"{text[:40]} ..." terlalu panjang: paling banyak {MOST_LETTERS} huruf dan {MOST_WORDS} kata. '
            "Tambahkan satu nama setiap kali."
        )
    if not words:
        raise WordRefused(f'"{text}" tidak punya huruf a sampai z. Tulis seperti diucapkan, misalnya "Gang Mawar".')
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    try:
        readings = readings_as_spoken(text, said) if said else usual_readings(text)
    except CannotAlign as error:
        raise WordRefused(
            f'Cara baca "{said[:MOST_LETTERS]}" tidak cocok dengan "{text}": tulis paling sedikit {len(words)} dan '
            f'paling banyak {MOST_SPOKEN} kata, seperti "klaster di grin" untuk "Cluster D\'Green".'
        ) from error
    if not all(readings.values()) or len(said) > 2 * MOST_LETTERS:
        raise WordRefused(f'"{text}" tidak bisa dibaca. Beri cara bacanya, misalnya --baca "klaster di grin".')
    if areas and kind not in PLACES:
        raise WordRefused(
            f'"{text}" bukan jalan atau tempat, jadi tidak punya kelurahan. Pakai --jenis jalan atau tempat.'
        )
    if areas and not proper(text):
        raise WordRefused(f'"{text}" hanya menyebut jenisnya. Tulis nama lengkapnya, misalnya "Pasar Melati".')
    if len(" ".join(areas)) > MOST_AREAS:
        raise WordRefused(f'"{text}": terlalu banyak kelurahan. Tulis hanya yang paling sering dimaksud warga.')
    return NewWord(" ".join(words), text, kind, said, tuple(areas))


class Vocabulary:
    """The words of one line. Several processes may change them at once: they queue.

    Args:
        model_dir: the acoustic model.
        out: link to the model in service.
        voice: says the words to the new model.
    """

    def __init__(self, store: WordStore, city: City, model_dir: Path, out: Path, voice: Synthesizer) -> None:
        self._store = store
        self._city = city
        self._model_dir = model_dir
        self._out = out
        self._voice = voice

    def present(self) -> list[SpokenWord]:
        """The added words, oldest first.

        Raises:
            NotInService: when the store cannot be read.
        """
        with _or_stays():
            self._need_table()
            return self._store.present()

    def look(self, word: NewWord) -> Look:
        """What adding this word would mean."""
        known = known_words(self._out)
        readings = readings_as_spoken(word.text, word.said) if word.said else usual_readings(word.text)
        unknown = tuple(dict.fromkeys(w for w in readings if w not in known))
        present = word.key in {row.key for row in self.present()}
        return Look(word, readings, unknown, present, self._of_the_city(word))

    def add(self, words: Sequence[NewWord], by: str, tell: Tell = lambda stage: None) -> InService:
        """Put a model that knows these words too into service; words that are there already are passed over.

        The words are written only when their model is proved, in one transaction with the exchange.

        Raises:
            WordRefused: when nothing is new, or there would be more than `MOST_ADDED`.
            NotInService: when it could not be built or proved; nothing was changed.
        """
        began = time.monotonic()
        with _or_stays(), self._alone(tell):
            self._need_table()
            before = self._added()
            fresh = self._fresh(words, before)
            target, recognizer = self._proved([*before, *fresh], tell)
            self._store.add(fresh, by, lambda: put_in_service(self._out, target))
        tell("rehearsing")
        hard = tuple(word.text for word in fresh[:MOST_REHEARSED] if not self._understood(recognizer, word))
        new = {word.key for word in fresh}
        passed = tuple(word.text for word in words if word.key not in new)
        return InService(recognizer.name, len(known_words(target)), time.monotonic() - began, passed, hard)

    def remove(self, texts: Sequence[str], by: str, tell: Tell = lambda stage: None) -> InService:
        """Put a model without these added words into service; what a word is otherwise known by stays.

        Raises:
            WordRefused: naming those that nobody has added.
            NotInService: when it could not be built or proved; nothing was changed.
        """
        began = time.monotonic()
        with _or_stays(), self._alone(tell):
            self._need_table()
            before = self._added()
            keys = {" ".join(words_of(text)): text for text in texts}
            if unknown := [text for key, text in keys.items() if key not in {word.key for word in before}]:
                listed = ", ".join(f'"{text}"' for text in unknown)
                raise WordRefused(f"Tidak ada di daftar tambahan: {listed}. Daftarnya: words list.")
            target, recognizer = self._proved([word for word in before if word.key not in keys], tell)
            self._store.remove(keys, by, lambda: put_in_service(self._out, target))
        return InService(recognizer.name, len(known_words(target)), time.monotonic() - began)

    def build(self, tell: Tell = lambda stage: None) -> Path:
        """The model for what files and store hold now: put into service unless it is so already.

        Raises:
            GraphError, OSError: when it cannot be built or proved; the old one stays.
        """
        with self._alone(tell):
            words = self._added() if self._store.ready() else []
            target = self._built(words)
            if self._out.resolve() != target.resolve():
                self._proof(target, words)
                put_in_service(self._out, target)
            return target

    def codes_of(self, names: Sequence[str]) -> tuple[str, ...]:
        """Codes of areas by their names (or codes); of a kelurahan and a kecamatan of one name the kelurahan.

        Raises:
            WordRefused: naming those that the city does not have, with the nearest that it has.
        """
        areas = (*self._city.kecamatan, *self._city.kelurahan)  # the later ones count
        codes = {key: area.code for area in areas for key in (area.code, understand.tidy(area.name))}
        spelled = {understand.tidy(area.name): area.name for area in areas}
        unknown = [name for name in names if name not in codes and understand.tidy(name) not in codes]
        for name in unknown:
            near = get_close_matches(understand.tidy(name), spelled, 1)
            hint = f' Maksudnya "{spelled[near[0]]}"?' if near else " Daftarnya ada di areas.csv."
            raise WordRefused(f'"{name}" bukan kelurahan atau kecamatan kota ini.{hint}')
        return tuple(dict.fromkeys(codes[name] if name in codes else codes[understand.tidy(name)] for name in names))

    def area_names(self, word: SpokenWord) -> tuple[str, ...]:
        """Names of the areas that an added word lies in."""
        return tuple(area.name for code in word.areas.split() if (area := self._city.area(code)))

    @cached_property
    def _city_keys(self) -> frozenset[str]:
        phrases = (*city_words(self._city), *city_sentences(self._city))
        return frozenset(" ".join(words_of(phrase)) for phrase in phrases)

    @cached_property
    def _place_keys(self) -> frozenset[str]:
        """Names that lie somewhere already."""
        areas = (area.name for area in (*self._city.kecamatan, *self._city.kelurahan))
        landmarks = (name for landmark in self._city.landmarks for name in landmark.names)
        return frozenset(" ".join(words_of(name)) for name in (*areas, *landmarks))

    def _of_the_city(self, word: NewWord) -> bool:
        if word.areas:  # the recogniser may know it; what it lies in is news
            return word.key in self._place_keys
        return not word.said and word.key in self._city_keys

    # -- parts of them, all while nobody else builds

    @contextmanager
    def _alone(self, tell: Tell) -> Iterator[None]:
        with alone(self._out, lambda: tell("waiting")):
            yield

    def _need_table(self) -> None:
        if not self._store.ready():
            raise NotInService("Basis data belum disiapkan. Jalankan script/run sekali, lalu coba lagi.")

    def _added(self) -> list[NewWord]:
        return [
            NewWord(row.key, row.text, row.kind, row.said, tuple(row.areas.split())) for row in self._store.present()
        ]

    def _fresh(self, words: Sequence[NewWord], before: Sequence[NewWord]) -> list[NewWord]:
        there = {word.key for word in before}
        once = {word.key: word for word in words}.values()
        fresh = [word for word in once if word.key not in there and not self._of_the_city(word)]
        if not fresh:
            raise WordRefused(
                "Sudah ada, di daftar tambahan atau di data kota: tidak ada yang berubah. "
                "Untuk mengganti cara baca atau kelurahannya, hapus dulu (words remove)."
            )
        if len(before) + len(fresh) > MOST_ADDED:
            raise WordRefused(
                f"Paling banyak {MOST_ADDED} kata tambahan; sekarang {len(before)}. Hapus yang tidak dipakai lagi."
            )
        return fresh

    def _built(self, words: Sequence[NewWord]) -> Path:
        places = [word.key for word in words if word.kind in PLACES]
        others = [word.key for word in words if word.kind not in PLACES]
        readings: dict[str, list[Reading]] = {}
        for word in words:
            for one, ways in (readings_as_spoken(word.text, word.said) if word.said else {}).items():
                readings[one] = list(dict.fromkeys([*readings.get(one, ()), *ways]))
        phrases, sentences = [*city_words(self._city), *places], [*city_sentences(self._city), *others]
        return build_version(self._model_dir, self._out, phrases, sentences, readings)

    def _proved(self, words: Sequence[NewWord], tell: Tell) -> tuple[Path, VoskRecognizer]:
        tell("building")
        target = self._built(words)
        tell("trying")
        return target, self._proof(target, words)

    def _proof(self, target: Path, words: Sequence[NewWord]) -> VoskRecognizer:
        """Load it in a trial, ask it for every added word, and let it hear four commands.

        Raises:
            GraphError: when it fails; its directory is removed, unless it is in service.
        """
        try:
            recognizer = VoskRecognizer(target)
            if unknown := {one for word in words for one in word.key.split() if not recognizer.knows(one)}:
                raise GraphError(f"the model lacks {len(unknown)} of the added words")
            heard = [understands(recognizer, self._voice, said, said, PROOF) for said in PROOF]
            if sum(heard) < len(PROOF) - 1:
                raise GraphError(f"the model understood {sum(heard)} of {len(PROOF)} commands")
        except (RecognizerUnavailable, SynthesisFailed, GraphError) as error:
            if self._out.resolve() != target.resolve():
                shutil.rmtree(target, ignore_errors=True)
            raise GraphError(str(error)) from error
        return recognizer

    def _understood(self, recognizer: VoskRecognizer, word: NewWord) -> bool:
        try:
            return understands(recognizer, self._voice, word.said or word.text, word.key)
        except SynthesisFailed:
            return True  # nothing is known against it


@contextmanager
def _or_stays() -> Iterator[None]:
    """Every way in which a change can fail, as one error that says that nothing was changed."""
    kept = "Kosakata tidak diubah; saluran tetap memakai yang lama. Sebabnya: "
    try:
        yield
    except WordPresent as error:
        raise NotInService(kept + "kata itu baru saja ditambahkan orang lain.") from error
    except GraphError as error:
        raise NotInService(f"{kept}{error}") from error
    except OSError as error:
        raise NotInService(f"{kept}{error.strerror or type(error).__name__}. Periksa ruang disk.") from error
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        raise NotInService(f"{kept}basis data tidak bisa dipakai ({cause}).") from error
