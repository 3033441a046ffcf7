"""One city is data: `cities/NAME/` read into plain objects, checked once, with errors that say what to mend."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import Engine

from models.store.city import load_into_store
from routing.city_files import CityDataError, rows, yaml_of
from routing.landmarks import Landmark, read_landmarks
from routing.lookups import LookUp, read_lookups
from routing.people import (
    Hours,
    Keeping,
    Ladder,
    Official,
    Unit,
    read_hours,
    read_keeping,
    read_ladder,
    read_officials,
    read_units,
)
from routing.reach import Reach, read_gateways

SEVERITIES = ("ringan", "sedang", "berat")
EMERGENCIES = ("fire", "medical", "crime")
USUAL_TIME_ZONE = "Asia/Jakarta"


@dataclass(frozen=True)
class Agency:
    code: str
    name: str
    short: str
    kind: str  # opd, upt of CODE, bumd, external
    spoken: str
    contact: str = ""  # how a caller reaches an external one: "telepon satu dua tiga"

    @property
    def external(self) -> bool:
        """Not the city's: it gets cases, but has no inbox here and answers to nobody of the city."""
        return self.kind == "external"


@dataclass(frozen=True)
class Category:
    code: str
    name: str
    agency: str
    emergency: bool
    targets: dict[str, int]  # severity -> working days
    covers: str
    usual_severity: str = "sedang"


@dataclass(frozen=True)
class Area:
    """A kecamatan (`parent` empty) or a kelurahan (`parent`: code of its kecamatan)."""

    code: str
    name: str
    parent: str = ""


@dataclass(frozen=True)
class Information:
    """A question that the line answers itself. `title` is its menu option; `answer` is spoken.

    Attributes:
        valid_until: last day on which it is given; None: until somebody changes it.
        status: "contoh": nobody of the city has confirmed it, and callers are told so.
    """

    code: str
    title: str
    questions: tuple[str, ...]
    answer: str
    valid_until: dt.date | None = None
    status: str = ""


@dataclass(frozen=True)
class City:
    """All of a city that the conversation and the routing need; immutable, shared by all threads."""

    code: str
    name: str
    line_name: str  # how the line introduces itself
    control_room: str  # agency code that gets what nobody else owns
    other_category: str  # category code for what fits nowhere
    emergency_number: str  # E.164 or SIP address that emergencies are handed to; may be empty
    operator_number: str
    holidays: tuple[str, ...]  # ISO dates that are the city's own
    agencies: dict[str, Agency]
    categories: dict[str, Category]
    kecamatan: tuple[Area, ...]
    kelurahan: tuple[Area, ...]
    words: tuple[str, ...] = ()  # names and other words for the recogniser, which need not be places
    landmarks: tuple[Landmark, ...] = ()
    information: tuple[Information, ...] = ()
    keywords: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)  # category -> strong/weak words
    folder: Path = Path()
    time_zone: str = USUAL_TIME_ZONE
    ordinary_names: tuple[str, ...] = ()  # areas that are called like an everyday thing
    ordinary_words: tuple[str, ...] = ()  # first words of areas' names that are everyday words too
    emergency_categories: dict[str, str] = field(default_factory=dict)  # fire, medical, crime -> category code
    units: dict[str, Unit] = field(default_factory=dict)
    officials: tuple[Official, ...] = ()
    hours: Hours = field(default_factory=Hours)
    ladder: Ladder = field(default_factory=Ladder)
    keep: Keeping = field(default_factory=Keeping)
    gateways: dict[str, Reach] = field(default_factory=dict)  # agency code -> its own system
    lookups: dict[str, LookUp] = field(default_factory=dict)  # other services that can be asked
    answer_days: int = 3  # working days to a first answer (Permenpan 62/2018)

    def area(self, code: str) -> Area | None:
        return next((a for a in (*self.kelurahan, *self.kecamatan) if a.code == code), None)

    def kelurahan_of(self, kecamatan: str) -> tuple[Area, ...]:
        return tuple(a for a in self.kelurahan if a.parent == kecamatan)


def _days(row: dict[str, str], column: str, where: str) -> int:
    if not row[column].isdigit():
        raise CityDataError(f"{where}: {column} must be a whole number of working days, not {row[column]!r}")
    return int(row[column])


def load_city(folder: Path) -> City:
    """Read and check a city's folder.

    Raises:
        CityDataError: naming file, line and mistake.
    """
    main = yaml_of(folder / "city.yaml")
    agencies = {
        row["code"]: Agency(row["code"], row["name"], row["short"], row["kind"], row["spoken"], row.get("contact", ""))
        for _, row in rows(folder / "agencies.csv", ("code", "name", "short", "kind", "spoken"))
    }
    categories = _categories(folder / "categories.csv", agencies)
    kecamatan, kelurahan = _areas(folder / "areas.csv")
    _check_main(folder / "city.yaml", main, agencies, categories)
    units = read_units(folder / "units.csv", set(agencies), set(categories), {a.name: a.code for a in kecamatan})
    return City(
        code=folder.name,
        name=str(main.get("name") or folder.name),
        line_name=str(main.get("line_name") or "Suara Warga"),
        control_room=main["control_room"],
        other_category=main["other_category"],
        emergency_number=str(main.get("emergency_number") or ""),
        operator_number=str(main.get("operator_number") or ""),
        holidays=_texts(main, "holidays"),
        agencies=agencies,
        categories=categories,
        kecamatan=kecamatan,
        kelurahan=kelurahan,
        words=_lines(folder / "words.txt"),
        landmarks=read_landmarks(folder / "landmarks.csv", {a.code: a.name for a in (*kecamatan, *kelurahan)}),
        information=_information(folder / "information.yaml"),
        keywords=_keywords(folder / "keywords.yaml", categories),
        folder=folder,
        time_zone=str(main.get("time_zone") or USUAL_TIME_ZONE),
        ordinary_names=_texts(main, "ordinary_names"),
        ordinary_words=_texts(main, "ordinary_words"),
        emergency_categories=dict(main.get("emergency_categories") or {}),
        units=units,
        officials=read_officials(folder / "officials.csv", set(agencies), units),
        hours=read_hours(folder / "city.yaml", main.get("hours")),
        ladder=read_ladder(folder / "city.yaml", main.get("escalation")),
        answer_days=int(main.get("answer_days") or 3),
        lookups=read_lookups(folder / "lookups.yaml"),
        keep=read_keeping(folder / "city.yaml", main.get("keep")),
        gateways=read_gateways(folder / "gateways.yaml", set(agencies), set(categories)),
    )


def _categories(path: Path, agencies: dict[str, Agency]) -> dict[str, Category]:
    categories: dict[str, Category] = {}
    columns = ("hashtag", "name", "agency", "emergency", *(f"target_{s}_days" for s in SEVERITIES), "covers")
    for number, row in rows(path, columns):
        where = f"{path}: line {number}"
        if row["agency"] not in agencies:
            raise CityDataError(f"{where}: agency {row['agency']!r} is not in agencies.csv")
        usual = row.get("usual_severity") or "sedang"
        if usual not in SEVERITIES:
            raise CityDataError(f"{where}: usual_severity must be one of {', '.join(SEVERITIES)}")
        categories[row["hashtag"]] = Category(
            row["hashtag"],
            row["name"],
            row["agency"],
            row["emergency"] == "1",
            {s: _days(row, f"target_{s}_days", where) for s in SEVERITIES},
            row["covers"],
            usual,
        )
    return categories


def _areas(path: Path) -> tuple[tuple[Area, ...], tuple[Area, ...]]:
    """Kecamatan and kelurahan."""
    kecamatan: dict[str, Area] = {}
    kelurahan: dict[str, Area] = {}
    for number, row in rows(path, ("kode_kecamatan", "kecamatan", "kode_kelurahan", "kelurahan")):
        if row["kode_kelurahan"] in kelurahan:
            raise CityDataError(f"{path}: line {number} repeats the code {row['kode_kelurahan']}")
        kecamatan.setdefault(row["kode_kecamatan"], Area(row["kode_kecamatan"], row["kecamatan"]))
        kelurahan[row["kode_kelurahan"]] = Area(row["kode_kelurahan"], row["kelurahan"], row["kode_kecamatan"])
    return tuple(kecamatan.values()), tuple(kelurahan.values())


def _check_main(path: Path, main: dict[str, Any], agencies: dict[str, Agency], categories: dict[str, Category]) -> None:
    for key, known in (("control_room", agencies), ("other_category", categories)):
        if main.get(key) not in known:
            raise CityDataError(f"{path}: {key} must be a code of the city's tables, not {main.get(key)!r}")
    time_zone = main.get("time_zone") or USUAL_TIME_ZONE
    if time_zone not in available_timezones():
        raise CityDataError(f"{path}: time_zone must be a name such as Asia/Jakarta, not {time_zone!r}")
    for day in _texts(main, "holidays"):
        try:
            dt.date.fromisoformat(day)
        except ValueError:
            raise CityDataError(f"{path}: holidays are days such as 2026-12-24, not {day!r}") from None
    for kind, code in (main.get("emergency_categories") or {}).items():
        if kind not in EMERGENCIES or code not in categories:
            wanted = f"maps {', '.join(EMERGENCIES)} to codes of categories.csv"
            raise CityDataError(f"{path}: emergency_categories {wanted}, not {kind!r} to {code!r}")


def _texts(main: dict[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(item) for item in main.get(key) or ())


def _lines(path: Path) -> tuple[str, ...]:
    """Lines of a text file that need not be there, without comments and blanks."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else ()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _information(path: Path) -> tuple[Information, ...]:
    items = []
    for code, item in yaml_of(path, required=False).items():
        if not isinstance(item, dict) or not item.get("title") or not item.get("answer"):
            raise CityDataError(f"{path}: {code} needs a title and an answer")
        questions = tuple(str(question) for question in item.get("questions") or ())
        until, status = item.get("valid_until"), str(item.get("status") or "")
        if until is not None and type(until) is not dt.date:
            raise CityDataError(f"{path}: {code}: valid_until is a day such as 2026-12-31")
        if status not in ("", "contoh"):
            raise CityDataError(f"{path}: {code}: status is contoh, or is not there")
        items.append(Information(str(code), str(item["title"]), questions, str(item["answer"]).strip(), until, status))
    return tuple(items)


def _keywords(path: Path, categories: dict[str, Category]) -> dict[str, dict[str, tuple[str, ...]]]:
    keywords = {}
    for code, kinds in yaml_of(path, required=False).items():
        if code not in categories:
            raise CityDataError(f"{path}: {code!r} is not a category of categories.csv")
        if not isinstance(kinds, dict) or not set(kinds) <= {"strong", "weak"}:
            raise CityDataError(f"{path}: {code} holds lists named strong and weak, nothing else")
        keywords[code] = {kind: tuple(str(word) for word in words or ()) for kind, words in kinds.items()}
    return keywords


def store_city(engine: Engine, city: City) -> None:
    """Write the city's agencies, categories and areas into the store, so that cases can refer to them."""
    load_into_store(
        engine,
        agencies=[
            {"code": a.code, "name": a.name, "short": a.short, "kind": a.kind, "spoken": a.spoken}
            for a in city.agencies.values()
        ],
        categories=[
            {
                "code": c.code,
                "name": c.name,
                "agency_code": c.agency,
                "emergency": c.emergency,
                "usual_severity": c.usual_severity,
                "covers": c.covers,
                **{f"target_{severity}_days": c.targets[severity] for severity in SEVERITIES},
            }
            for c in city.categories.values()
        ],
        areas=[
            {"code": a.code, "name": a.name, "parent_code": a.parent or None}
            for a in (*city.kecamatan, *city.kelurahan)  # parents first: kelurahan refer to them
        ],
    )
