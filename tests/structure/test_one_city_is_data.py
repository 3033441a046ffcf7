"""No product file knows a city: what names one stands in its folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from routing.city import City, load_city
from tests.services.line import ROOT
from tests.structure.test_repository import FILES

PLACES = ("admin/", "ivr/", "launch/", "models/", "routing/", "script/", "speech/")
ENDINGS = (".py", ".yaml", ".html", ".js", ".css", ".csv", "")
# What names the first city and may: its being the one that is used when nothing else is said; sounds and sentences of
# the country, in which its name is a word among 50,000; sets on which the recogniser is measured.
ALLOWED = {"settings.py", "script/accuracy", "speech/respell.yaml"}
NATIONAL = ("speech/text/", "speech/vocabulary/", "speech/accuracy/", "speech/model/", "speech/training/")
TEXTS = sorted(
    name
    for name in FILES
    if (name.startswith(PLACES) or ("/" not in name and name.endswith(".py")))
    and Path(name).suffix in ENDINGS
    and name not in ALLOWED
    and not name.startswith(NATIONAL)
)


def names_of(city: City) -> re.Pattern[str]:
    """The city's name, its short name, and areas of two words and more; single ones may be everyday words."""
    areas = [area.name for area in (*city.kecamatan, *city.kelurahan) if " " in area.name]
    wanted = {city.code, city.name, *areas}
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(wanted))) + r")(?!\w)", re.IGNORECASE)


@pytest.mark.parametrize("name", TEXTS)
def test_nothing_names_the_first_city(name: str, city: City) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not (found := names_of(city).search(text)), f"{found.group()!r} belongs into cities/{city.code}"


def test_the_check_finds_a_name(city: City) -> None:
    assert names_of(city).search('greeting = "Selamat datang di Kota Tangerang"')
    assert not names_of(load_city(ROOT / "cities" / "contoh")).search("Selamat datang")
