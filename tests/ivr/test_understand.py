"""Meaning of what callers say: own sentences here, so that the measuring sets stay unseen."""

from __future__ import annotations

import pytest

from ivr import understand


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("ya", "yes"),
        ("iya betul pak", "yes"),
        ("oke", "yes"),
        ("bukan", "no"),
        ("bukan bukan itu", "no"),
        ("ndak bu", "no"),
        ("[unk]", None),
        ("lampu jalan mati di depan rumah saya", None),
    ],
)
def test_yes_and_no(text: str, meaning: str | None) -> None:
    assert understand.means(text, "yes", "no") == meaning


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("coba ulangi lagi", "repeat"),
        ("balik ke menu awal", "back"),
        ("pelan pelan dong", "slower"),
        ("saya bingung", "help"),
        ("mau bicara dengan petugas", "operator"),
        ("tunggu sebentar ya", "wait"),
        ("petugas sampah tidak pernah datang ke sini lagi", None),
    ],
)
def test_commands_are_short_utterances(text: str, meaning: str | None) -> None:
    intents = ("repeat", "back", "help", "operator", "slower", "faster", "wait")
    assert understand.means(text, *intents) == meaning


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("mau lapor", "report"),
        ("saya mau tanya kabar laporan saya", "status"),
        ("sudah sampai mana aduan saya", "status"),
        ("mau tanya syarat bikin akta", "information"),
        ("halo", None),
    ],
)
def test_wishes_at_the_menu(text: str, wish: str | None) -> None:
    assert understand.wish(text) == wish


def test_names_on_a_keypad() -> None:
    assert understand.letters_to_keys("Cipondoh") == "24766364"
    assert understand.letters_to_keys("Pasar Baru") == "727272278"


def test_every_word_that_means_something_is_known_to_the_recogniser(recognizer) -> None:  # type: ignore[no-untyped-def]
    everything = (*understand.all_phrases(), *understand.wish_phrases(), *understand.correction_phrases())
    words = {word for phrase in everything for word in phrase.split()}
    assert not {word for word in words if not recognizer.knows(word)}
