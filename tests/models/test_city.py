from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from models.city import Agency, Area, Category
from models.db import connect
from models.migrations import upgrade
from routing.city import City, load_city, store_city
from tests.conftest import ROOT


def test_a_city_is_stored_whole_and_twice_is_harmless(database_url: str, city: City) -> None:
    engine = connect(database_url)
    upgrade(engine)
    for _ in range(2):
        store_city(engine, city)
    with Session(engine) as session:
        assert len(session.scalars(select(Area).where(Area.parent_code.is_(None))).all()) == 13
        assert len(session.scalars(select(Area).where(Area.parent_code.is_not(None))).all()) == 104
        assert len(session.scalars(select(Category)).all()) == len(city.categories)
        fire = session.get(Category, "kebakaran")
        assert fire is not None
        assert (fire.emergency, fire.usual_severity, fire.agency_code) == (True, "berat", "bpbd")


def test_what_left_the_files_is_set_inactive_and_may_come_back(database_url: str, city: City) -> None:
    engine = connect(database_url)
    upgrade(engine)
    store_city(engine, city)
    fewer = replace(
        city,
        categories={c: v for c, v in city.categories.items() if c != "olahraga"},
        agencies={c: v for c, v in city.agencies.items() if c != "dispora"},
        kelurahan=city.kelurahan[1:],
    )
    store_city(engine, fewer)
    assert active(engine, city) == (False, False, False)
    store_city(engine, city)
    assert active(engine, city) == (True, True, True)


def active(engine: Engine, city: City) -> tuple[bool, bool, bool]:
    """Of the category, the agency and the kelurahan that the test takes away."""
    with Session(engine) as session:
        return (
            session.get_one(Category, "olahraga").active,
            session.get_one(Agency, "dispora").active,
            session.get_one(Area, city.kelurahan[0].code).active,
        )


def test_another_city_is_other_files(database_url: str) -> None:
    contoh = load_city(ROOT / "cities" / "contoh")
    engine = connect(database_url)
    upgrade(engine)
    store_city(engine, contoh)
    with Session(engine) as session:
        assert {a.name for a in session.scalars(select(Area))} == {
            a.name for a in (*contoh.kecamatan, *contoh.kelurahan)
        }
