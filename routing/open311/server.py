"""The routes of GeoReport v2. A request is checked by `forms`; what is said of a case comes from `published`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog
from flask import Blueprint, Response, jsonify, request
from flask_limiter import Limiter

from models.api_keys import ApiKey
from models.base import utcnow
from models.cases import Case
from models.store.api_keys import ApiKeyStore
from models.store.cases import CaseStore, Change
from models.store.public import PublicStore, Wanted
from routing.cases import open_case
from routing.city import City
from routing.current_places import CurrentPlaces
from routing.open311 import forms, intake, keys, openapi, published, returned, shapes
from routing.open311.described import Described
from routing.open311.errors import Refused
from routing.open311.routes import READS, Routes, add_errors, shown_key
from routing.open311.services import definition, services
from routing.places import PlaceFinder

CHANGESET = "2026-11-24T00:00:00+07:00"  # of this interface: moved on when a field changes
SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
REFUSALS = (400, 403, 404, 413, 429)
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)
MOST_EVENTS = 10_000  # a season's busiest day has fewer; what is left out silently would be lost to who asks

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Parts:
    """What the routes work with.

    Attributes:
        enqueue: gives a new case to a worker; False when Redis is away, and the sweep finds it later.
        seal, lookup: encrypt a telephone number, and the hash under which it is found again.
        base_url: as other systems reach us, without a slash at its end.
    """

    city: City
    places: PlaceFinder | CurrentPlaces
    cases: CaseStore
    public: PublicStore
    keys: ApiKeyStore
    enqueue: Callable[[str], bool]
    seal: Callable[[str], str]
    lookup: Callable[[str], str]
    base_url: str


def open311_blueprint(parts: Parts, limiter: Limiter) -> Blueprint:
    """All routes below `/open311/v2`. Reading needs no key; every other request does."""
    blueprint = Blueprint("open311", __name__, url_prefix="/open311/v2")
    routes = Routes(blueprint, limiter)
    _add_services(parts, routes)
    _add_tokens(parts, routes)
    _add_requests(parts, routes)
    _add_updates(parts, routes)
    add_errors(blueprint)

    @blueprint.get("/openapi.json")
    @limiter.limit(READS)
    def document() -> Response:
        return jsonify(openapi.document(parts.base_url, parts.city.name))

    return blueprint


def _add_services(parts: Parts, routes: Routes) -> None:
    city = parts.city

    @routes.get(
        "/discovery", "discovery", Described("Addresses of the interface", shapes.Discovery, many=False, errors=(429,))
    )
    def discovery() -> shapes.Discovery:
        endpoint = shapes.Endpoint(specification=SPECIFICATION, url=f"{parts.base_url}/open311/v2", changeset=CHANGESET)
        agency = city.agencies[city.control_room].name
        told = f"{agency}, {city.name}"
        return shapes.Discovery(changeset=CHANGESET, contact=told, key_service=told, endpoints=[endpoint])

    @routes.get("/services", "services", Described("What can be reported", shapes.Service, query=forms.PlainQuery))
    def service_list() -> list[shapes.Service]:
        _of_this_city(forms.read(forms.PlainQuery, request.args), city)
        return services(city)

    @routes.get(
        "/services/<code>",
        "service_definition",
        Described("What may be told with a report", shapes.Definition, many=False, query=forms.PlainQuery),
    )
    def service_definition(code: str) -> shapes.Definition:
        _of_this_city(forms.read(forms.PlainQuery, request.args), city)
        if code not in city.categories:
            raise Refused(404, "service_code tidak dikenal; daftarnya ada di services.json.")
        return definition(city, city.categories[code])


def _add_tokens(parts: Parts, routes: Routes) -> None:
    @routes.get(
        "/tokens/<token>",
        "service_requests",
        Described("The number behind a token", shapes.Token, query=forms.PlainQuery),
    )
    def token_of(token: str) -> list[shapes.Token]:
        _of_this_city(forms.read(forms.PlainQuery, request.args), parts.city)
        _case(parts, token)
        return [shapes.Token(service_request_id=token, token=token)]


def _add_requests(parts: Parts, routes: Routes) -> None:
    city = parts.city

    @routes.get("/requests", "service_requests", Described("Cases", shapes.Request, query=forms.RequestsQuery))
    def request_list() -> list[shapes.Request]:
        asked = forms.read(forms.RequestsQuery, request.args)
        _of_this_city(asked, city)
        found = parts.public.cases(_wanted(asked, city, utcnow()))
        return [published.request(case, city, _asked_by(case, asked.service_request_id)) for case in found]

    @routes.get(
        "/requests/<number>",
        "service_requests",
        Described("One case, as a list of one", shapes.Request, query=forms.PlainQuery),
    )
    def one_request(number: str) -> list[shapes.Request]:
        _of_this_city(forms.read(forms.PlainQuery, request.args), city)
        return [published.request(_case(parts, number), city, number)]

    @routes.post(
        "/requests",
        "service_requests",
        Described("Report something", shapes.Opened, form=forms.NewRequest, keyed=True, errors=REFUSALS),
    )
    def new_request() -> list[shapes.Opened]:
        key = _key(parts)
        if not keys.may(key, keys.REPORT):
            raise Refused(403, "Kunci ini tidak berhak mengirim laporan.")
        new = forms.read(forms.NewRequest, request.form)
        _of_this_city(new, city)
        return [_open(parts, new, key)]


def _add_updates(parts: Parts, routes: Routes) -> None:
    city = parts.city

    @routes.get(
        "/servicerequestupdates",
        "service_request_updates",
        Described("What happened to cases", shapes.Update, query=forms.UpdatesQuery),
    )
    def update_list() -> list[shapes.Update]:
        asked = forms.read(forms.UpdatesQuery, request.args)
        _of_this_city(asked, city)
        until = _whole(_aware(asked.end_date, city)) or utcnow()
        since = _aware(asked.start_date, city) or until - DAY
        _in_order(since, until)
        events = parts.public.events(published.TOLD, since, until, MOST_EVENTS + 1)
        if len(events) > MOST_EVENTS:
            raise Refused(400, f"Lebih dari {MOST_EVENTS} kabar; minta rentang waktu yang lebih pendek.")
        return published.updates(events, city)

    @routes.post(
        "/servicerequestupdates",
        "service_request_updates",
        Described("Add to a case", shapes.Updated, form=forms.NewUpdate, keyed=True, errors=REFUSALS),
    )
    def new_update() -> list[shapes.Updated]:
        key = _key(parts)
        new = forms.read(forms.NewUpdate, request.form)
        _of_this_city(new, city)
        case = _case(parts, new.service_request_id)
        told_by = f"{key.id}:{new.update_id}"
        if case.agency_code in keys.answers_for(key):
            acts = returned.by_agency(case, new.status, new.description, f"api:{key.id}", told_by)
        elif keys.may(key, keys.UPDATE) and case.origin.startswith(intake.mark(key)):
            acts = returned.by_citizen(case, new.status, new.description, told_by)
        else:
            raise Refused(403, "Kunci ini tidak berhak menambah kabar pada laporan itu.")
        written = returned.apply(parts.cases, city, case, acts)
        log.info("an update came in", case=case.id, key=key.id, new=written)
        return [shapes.Updated(update_id=new.update_id, account_id=new.account_id or None)]


def _open(parts: Parts, new: forms.NewRequest, key: ApiKey) -> shapes.Opened:
    clients_id = request.headers.get("Idempotency-Key", "")[:200]
    draft = intake.draft(new, parts.city, parts.places, key, clients_id, parts.seal, parts.lookup)
    opened = open_case(parts.cases, parts.city, draft, utcnow())
    kept = intake.details(new)
    if kept:
        change = Change(published.LOCATED, "open311", "caller", published.CHANNEL, details=kept)
        parts.cases.write(opened.case_id, change)
    parts.enqueue(opened.case_id)
    log.info("a case came in", case=opened.case_id, key=key.id, channel=published.CHANNEL)
    agency = f" {opened.agency_spoken}" if opened.agency_spoken else " petugas ruang kendali"
    notice = f"Laporan diteruskan ke{agency}. Dijanjikan paling lambat {opened.due_on:%d-%m-%Y}."
    return shapes.Opened(service_request_id=opened.ticket, service_notice=notice, account_id=new.account_id or None)


def _wanted(asked: forms.RequestsQuery, city: City, now: dt.datetime) -> Wanted:
    """The query as the store understands it.

    Raises:
        Refused: for a time that is longer than 90 days, or ends before it begins.
    """
    since, until = _aware(asked.start_date, city), _whole(_aware(asked.end_date, city))
    after, before = _aware(asked.updated_after, city), _whole(_aware(asked.updated_before, city))
    if not (after or before or asked.service_request_id):
        until = until or (since + forms.SPAN if since else now)
        since = since or until - forms.SPAN
        if until - since >= forms.SPAN + SECOND:
            raise Refused(400, "start_date dan end_date paling jauh 90 hari.")
    _in_order(since, until)
    _in_order(after, before)
    return Wanted(
        numbers=asked.service_request_id,
        categories=asked.service_code,
        since=since,
        until=until,
        updated_after=after,
        updated_before=before,
        closed=None if len(set(asked.status)) != 1 else asked.status[0] == "closed",
        limit=asked.page_size,
        offset=(asked.page - 1) * asked.page_size,
    )


def _in_order(first: dt.datetime | None, last: dt.datetime | None) -> None:
    if first and last and first > last:
        raise Refused(400, "Tanggal awal harus sebelum tanggal akhir.")


def _aware(moment: dt.datetime | None, city: City) -> dt.datetime | None:
    """A time without a zone is meant as the city's clocks show it."""
    return moment.replace(tzinfo=ZoneInfo(city.time_zone)) if moment and moment.tzinfo is None else moment


def _whole(until: dt.datetime | None) -> dt.datetime | None:
    """Both ends count, and times go out in whole seconds: what happened within the last one is meant, too."""
    return until + SECOND - dt.timedelta(microseconds=1) if until and not until.microsecond else until


def _asked_by(case: Case, numbers: tuple[str, ...]) -> str:
    return next((number for number in (case.ticket, case.id) if number in numbers), "")


def _case(parts: Parts, number: str) -> Case:
    found = parts.public.cases(Wanted(numbers=(number,), limit=1))
    if not found:
        raise Refused(404, "Laporan dengan nomor itu tidak ada.")
    return found[0]


def _of_this_city(sent: forms.Sent, city: City) -> None:
    if sent.jurisdiction_id and sent.jurisdiction_id != city.code:
        raise Refused(404, "jurisdiction_id tidak dikenal di sini.")


def _key(parts: Parts) -> ApiKey:
    """Whoever asks. The key stands in the form (as GeoReport has it), in the address, or in a header."""
    key = keys.shown(parts.keys, shown_key())
    if key is None:
        log.warning("a wrong API key was shown", ip=request.remote_addr)
        raise Refused(403, "api_key tidak ada atau tidak berlaku.")
    return key
