"""Who answers for a category in an area: the agency, the unit, its people, and whom to tell when it gets late. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from routing.city import Agency, City
from routing.people import Official, Unit


@dataclass(frozen=True)
class Responsible:
    """`unit` is None where the agency has none for this. `control_room`: nobody else owns it, or a person must look."""

    agency: Agency
    unit: Unit | None
    control_room: bool = False


def responsible(city: City, category: str, area: str | None, review: bool = False) -> Responsible:
    """Agency and unit by the city's rules.

    Args:
        category: code; one that the city does not have belongs to the control room.
        area: kelurahan or kecamatan code, or None.
        review: a person has to look first: that is the control room's work.
    """
    known = city.categories.get(category)
    agency = city.agencies.get(known.agency) if known and not review else None
    if agency is None:
        return Responsible(city.agencies[city.control_room], None, control_room=True)
    return Responsible(agency, unit_of(city, agency.code, category, area), agency.code == city.control_room)


def unit_of(city: City, agency: str, category: str, area: str | None) -> Unit | None:
    """The unit of an agency that does this work here: the one that names most of it; None when none fits."""
    place = city.area(area) if area else None
    kecamatan = (place.parent or place.code) if place else ""
    fitting = [
        unit
        for unit in city.units.values()
        if unit.agency == agency
        and (not unit.categories or category in unit.categories)
        and (not unit.kecamatan or kecamatan in unit.kecamatan)
    ]
    return max(fitting, key=lambda unit: (bool(unit.categories), bool(unit.kecamatan)), default=None)


def people(city: City, agency: str, unit: str | None, rank: int) -> tuple[Official, ...]:
    """The officials of a rank: of the unit; where it has none, of the agency; where that has none, of the next rank.

    The control room's people stand in where an agency has nobody at all: a case never has nobody.
    """
    for step in range(rank, 4):
        for of_unit in (unit, "") if unit else ("",):
            found = [o for o in city.officials if (o.agency, o.unit, o.rank) == (agency, of_unit, step)]
            if found:
                return tuple(found)
    if agency != city.control_room:
        return people(city, city.control_room, None, rank)
    return tuple(o for o in city.officials if o.agency == agency)[-1:]
