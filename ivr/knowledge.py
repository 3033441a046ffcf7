"""What a dialogue knows of its city and of meaning: pure functions and plain data, given from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from routing.city import Area, City
from routing.places import Nearby


class FindPlaces(Protocol):
    def __call__(self, text: str, asked: bool = False) -> Sequence[tuple[str, float]]: ...


class FindNearby(Protocol):
    def __call__(self, text: str, asked: bool = False) -> Nearby | None: ...


@dataclass(frozen=True)
class Service:
    """Another service that can be asked how something stands. `digits`: how many its numbers may have, ascending."""

    title: str
    number: str  # what the caller is asked for: "nomor objek pajak"
    digits: tuple[int, ...]
    questions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Knowledge:
    """Everything that the steps may ask.

    Attributes:
        propose: text -> category codes with scores 0..1, best first; empty when unsure.
        find_places: text, and whether it answers the question for a place -> area codes with scores 0..1, best
            first; empty when none is named.
        find_nearby: the same -> where the landmarks in it may be: to be asked about, never taken for said; None when
            it names none.
        landmarks: what the landmarks are called, those that were added last first.
        judge: text -> how surely it tells of an emergency now, and its category.
        digits: words -> the digits that they name ("dua puluh tiga" -> "23").
        valid_ticket: whether the digits have the form and check digit of a ticket.
        lines: hand-over targets that can be dialled.
        services: other services that can be asked, by code.
    """

    city: City
    propose: Callable[[str], Sequence[tuple[str, float]]]
    find_places: FindPlaces
    find_nearby: FindNearby
    landmarks: Callable[[], Sequence[str]]
    judge: Callable[[str], tuple[Literal["none", "doubt", "sure"], str | None]]
    digits: Callable[[str], str]
    valid_ticket: Callable[[str], bool]
    ticket_length: int = 8
    lines: frozenset[str] = field(default=frozenset())
    services: Mapping[str, Service] = field(default_factory=dict)

    def category(self, code: str) -> str:
        """A category as it is spoken."""
        return self.city.categories[code].name.lower()

    def place(self, code: str) -> str:
        """An area as it is spoken: "Kelurahan Melati, Kecamatan Sungai Hilir"."""
        area = self.area(code)
        if not area.parent:
            return f"Kecamatan {area.name}"
        return f"Kelurahan {area.name}, Kecamatan {self.area(area.parent).name}"

    def area(self, code: str) -> Area:
        area = self.city.area(code)
        if area is None:
            raise KeyError(code)
        return area

    def asked_about(self, stale: Sequence[str] = ()) -> tuple[str, ...]:
        """Codes of all that is answered without a case, but the `stale`: other services first, they are the fewest."""
        return (*self.services, *(item.code for item in self.city.information if item.code not in stale))

    def name(self, code: str) -> str:
        """The name of any option: a category, an area, a piece of information."""
        if code in self.city.categories:
            return self.category(code)
        if code in self.services:
            return self.services[code].title
        for item in self.city.information:
            if item.code == code:
                return item.title
        return self.area(code).name
