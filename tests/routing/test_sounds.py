"""Names by their sound, and how far apart two sounds are."""

from __future__ import annotations

import pytest

from routing.sounds import ALIKE, SWAPPED, WEAK, distance, sound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cikokol", "tjikokol"),
        ("Neroktog", "nerok tok"),
        ("Ciledug", "cileduk"),
        ("Periuk", "perioek"),
        ("Sudimara", "sudi mara"),
        ("Al Azhom", "al azom"),
        ("Karang Sari", "karank sari"),
        ("Cluster D'Green", "cluster dgreen"),
    ],
)
def test_the_same_sound_in_two_spellings(one: str, other: str) -> None:
    assert sound(one) == sound(other)


@pytest.mark.parametrize(("one", "other"), [("gaga", "gaya"), ("batu sari", "batu jaya"), ("benda", "bendera")])
def test_other_names_sound_otherwise(one: str, other: str) -> None:
    assert sound(one) != sound(other)


@pytest.mark.parametrize(
    ("heard", "name", "off"),
    [
        ("cikokol", "cikokol", 0.0),
        ("cigokol", "cikokol", ALIKE),
        ("cikokl", "cikokol", WEAK),
        ("ciokol", "cikokol", 1.0),
        ("cikkool", "cikokol", SWAPPED),
        ("ckkokol", "cikokol", 1.0 + WEAK),
    ],
)
def test_letters_weigh_by_how_easily_they_go_wrong(heard: str, name: str, off: float) -> None:
    assert distance(heard, name, 9.0) == pytest.approx(off)


def test_what_is_far_is_only_said_to_be_far() -> None:
    assert distance("abcdefgh", "stuvwxyz", 1.0) > 1.0
