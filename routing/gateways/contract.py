"""What every gateway does, what it is given, and how it fails."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Handed:
    """A case as an agency's own system gets it. Nothing of the reporter: who wants to ask them asks through us.

    Attributes:
        event_id: of this delivery, the same however often it is tried.
        agency, agency_name: who gets it.
        place: landmark and area, from the most specific to the most general.
        lat, long: WGS84; None when the reporter gave none.
        promised: by when the citizen was promised a solution.
    """

    event_id: str
    case_id: str
    ticket: str
    agency: str
    agency_name: str
    city_name: str
    category: str
    category_name: str
    severity: str
    area: str
    place: str
    description: str
    opened_at: dt.datetime
    promised: dt.date
    lat: float | None = None
    long: float | None = None


@dataclass(frozen=True)
class Sent:
    """The other system has it. Both empty: it gives no numbers.

    Attributes:
        remote_id: its number there.
        token: given in place of a number, which comes later.
    """

    remote_id: str = ""
    token: str = ""


class NotDelivered(Exception):
    """The other system did not take it; `final`: it never will, a person has to look.

    The message names no place and no word of the case: it is shown to operators and written into logs.
    """

    def __init__(self, reason: str, final: bool = False) -> None:
        super().__init__(reason)
        self.final = final


class Gateway(Protocol):
    """One agency's way to get cases."""

    way: str  # open311, webhook, email

    def send(self, case: Handed) -> Sent:
        """Give it now; sending it again is recognisable over there by `event_id`.

        Raises:
            NotDelivered: when it was not taken, or may not have been.
        """

    def find(self, case: Handed, since: dt.datetime) -> Sent | None:
        """What became of an earlier try that nobody saw end; None when it did not arrive or cannot be known.

        Raises:
            NotDelivered: when the other system cannot be asked.
        """
