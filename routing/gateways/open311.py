"""Gives cases to another system by Open311 GeoReport v2, and asks it for news."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from models.base import utcnow
from routing.gateways.answers import Unreadable, items
from routing.gateways.contract import Handed, NotDelivered, Sent
from routing.gateways.http import Answer, Http, taken
from routing.gateways.mail import spaced

LONGEST_DESCRIPTION = 4000  # letters; the bound of the published schema of GeoReport v2
NO_SUCH = frozenset({404, 405, 410, 501})  # the server has no updates extension
SKEW = dt.timedelta(minutes=5)  # by which the clocks of two systems may differ


@dataclass(frozen=True)
class News:
    """What the other system says of one of its numbers. `told_by` is the same when it says it again."""

    remote_id: str
    status: str
    text: str
    told_by: str


@dataclass(frozen=True)
class Server:
    """Another system.

    Attributes:
        url: up to and without the slash before `requests.xml`.
        key: its API key for us.
        jurisdiction: its jurisdiction_id; empty: none is asked for.
        form: xml, which every server has, or json.
        services: our category codes to its service codes; what is not in it is the same.
    """

    url: str
    key: str
    jurisdiction: str = ""
    form: str = "xml"
    services: Mapping[str, str] = field(default_factory=dict)


class Open311:
    """One agency's server."""

    way = "open311"

    def __init__(self, http: Http, server: Server) -> None:
        self._http, self._server = http, server

    def send(self, case: Handed) -> Sent:
        """POST it. The identifier in Idempotency-Key and our ticket in the description tell a repetition."""
        fields = {
            **self._about(case),
            "description": description(case),
            "address_string": case.place or case.city_name,
            "attribute[external_id]": case.ticket,
        }
        if case.lat is not None and case.long is not None:
            fields |= {"lat": str(case.lat), "long": str(case.long)}
        answer = self._http.post_form(self._url("requests"), fields, {"Idempotency-Key": case.event_id})
        for one in _read(taken(answer)):
            if number := one.get("service_request_id"):
                return Sent(remote_id=number)
            if token := one.get("token"):
                return Sent(token=token)
        raise NotDelivered("sistem instansi tidak memberi nomor")

    def find(self, case: Handed, since: dt.datetime) -> Sent | None:
        """Look for our ticket among what it got since then; it may not publish descriptions: then it is not found."""
        query = {**self._about(case), "start_date": _w3(since - SKEW), "end_date": _w3(utcnow() + SKEW)}
        query.pop("api_key")
        for one in _read(taken(self._http.get(self._url("requests"), query))):
            if spaced(case.ticket) in one.get("description", "") and one.get("service_request_id"):
                return Sent(remote_id=one["service_request_id"])
        return None

    def number_of(self, token: str) -> str:
        """The number that a token has become; empty while there is none."""
        answer = self._http.get(self._url(f"tokens/{_part(token)}"), self._jurisdiction())
        found = _read(answer) if answer.status == 200 else []
        return next((one["service_request_id"] for one in found if one.get("service_request_id")), "")

    def updates(self, since: dt.datetime, until: dt.datetime) -> list[News] | None:
        """What the updates extension tells of a time; None when the server has no such extension."""
        query = self._jurisdiction() | {"start_date": _w3(since), "end_date": _w3(until + SKEW)}
        if self._server.key:
            query["api_key"] = self._server.key
        answer = self._http.get(self._url("servicerequestupdates"), query)
        if answer.status in NO_SUCH:
            return None
        return [
            News(one["service_request_id"], one.get("status", ""), one.get("description", ""), one["update_id"])
            for one in _read(taken(answer))
            if one.get("service_request_id") and one.get("update_id")
        ]

    def statuses(self, numbers: Sequence[str]) -> list[News]:
        """How each of these stands, by plain GeoReport: one by one, as not every server takes several at once."""
        return [news for number in numbers if (news := self._status(number))]

    def _status(self, number: str) -> News | None:
        answer = self._http.get(self._url(f"requests/{_part(number)}"), self._jurisdiction())
        for one in _read(answer) if answer.status == 200 else ():  # what is wrong with one holds up no other
            if one.get("service_request_id") == number:
                status, notes = one.get("status", ""), one.get("status_notes", "")
                return News(number, status, notes, f"{number}:{status}:{notes}")
        return None

    def _about(self, case: Handed) -> dict[str, str]:
        code = self._server.services.get(case.category, case.category)
        return {**self._jurisdiction(), "api_key": self._server.key, "service_code": code}

    def _jurisdiction(self) -> dict[str, str]:
        return {"jurisdiction_id": self._server.jurisdiction} if self._server.jurisdiction else {}

    def _url(self, what: str) -> str:
        return f"{self._server.url}/{what}.{self._server.form}"


def description(case: Handed) -> str:
    """The citizen's words under our number, cut to what GeoReport takes."""
    head = f"Laporan warga {spaced(case.ticket)}, dijanjikan paling lambat {case.promised:%d-%m-%Y}.\n\n"
    return (head + (case.description or case.category_name))[:LONGEST_DESCRIPTION]


def _read(answer: Answer) -> list[dict[str, str]]:
    try:
        return items(answer.body)
    except Unreadable:
        raise NotDelivered("jawaban sistem instansi tidak dapat dibaca") from None


def _w3(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _part(text: str) -> str:
    """A part of an address: what another system gave must not lead to another place of it."""
    return quote(text, safe="")
