"""The places that callers mean now: the city's, and the landmarks that its people add while calls go on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError

from models.store.words import WordStore
from models.words import SpokenWord
from routing.city import City
from routing.landmarks import Landmark
from routing.places import Nearby, PlaceFinder, PlaceMatch

log = logging.getLogger(__name__)


class CurrentPlaces:
    """A finder that follows the store. Finding reads memory alone; whoever begins a call looks for changes first.

    Safe to share between threads.
    """

    def __init__(self, city: City, words: WordStore) -> None:
        self._city = city
        self._words = words
        self._lock = threading.Lock()
        self._mark: tuple[int, int] | None = None
        self._finder = PlaceFinder(city)

    def look(self) -> None:
        """Take over what was added or removed since the last look; 0.3 ms when nothing was.

        Never raises: without the store the places stay as they are.
        """
        if not self._lock.acquire(blocking=False):
            return  # another call is looking
        try:
            mark = self._words.mark()
            if mark != self._mark:
                self._finder = PlaceFinder(self._city, added(self._city, self._words.present()))
                self._mark = mark
        except SQLAlchemyError as error:
            log.warning("added landmarks could not be read: %s", type(error).__name__)
        finally:
            self._lock.release()

    def find(self, text: str, asked: bool = False) -> tuple[PlaceMatch, ...]:
        """See `PlaceFinder.find`."""
        return self._finder.find(text, asked)

    def nearby(self, text: str, asked: bool = False) -> Nearby | None:
        """See `PlaceFinder.nearby`."""
        return self._finder.nearby(text, asked)

    @property
    def landmarks(self) -> tuple[str, ...]:
        return self._finder.landmarks


def added(city: City, words: Iterable[SpokenWord]) -> list[Landmark]:
    """Streets and places that were added with their kelurahan, the newest first. Who adds one vouches for it."""
    known = {area.code for area in (*city.kelurahan, *city.kecamatan)}
    found = []
    for word in words:
        areas = tuple(code for code in word.areas.split() if code in known)  # a city may have been redrawn since
        if areas:
            kind = "street" if word.kind == "street" else "other"
            found.append(Landmark((word.text,), kind, areas, word.added_by, confirmed=True))
    return found[::-1]
