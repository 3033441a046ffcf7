"""GeoReport v2 as other systems see it: both formats, every filter, every refusal a document."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import Any

import pytest

from models.base import utcnow
from models.crypto import Vault
from routing.cases import act_on, open_case, status
from routing.life import Act
from routing.places import PlaceFinder
from tests.routing.open311.conftest import REPORT, Interface, xml
from tests.routing.test_cases import DRAFT

KARAWACI = "36.71.05.1001"


def ids(answer: Any) -> list[str]:
    return [one["service_request_id"] for one in answer.json]


# -- what there is


def test_discovery_names_the_endpoint_in_both_formats(interface: Interface) -> None:
    told = interface.get("discovery.json")
    assert told.content_type == "application/json; charset=utf-8"
    assert told.json["endpoints"][0]["url"] == "https://line.example/open311/v2"
    formats = xml(interface.get("discovery.xml")).findall("endpoints/endpoint/formats/format")
    assert [one.text for one in formats] == ["text/xml", "application/json"]


def test_services_are_the_citys_categories(interface: Interface) -> None:
    listed = interface.get("services.json").json
    assert [one["service_code"] for one in listed] == list(interface.city.categories)
    assert listed[0]["metadata"] is True
    first = xml(interface.get("services.xml")).find("service")
    assert first is not None
    assert (first.findtext("service_code"), first.findtext("metadata")) == ("pju", "true")


def test_a_definition_says_what_is_promised_and_what_may_be_added(interface: Interface) -> None:
    told = interface.get("services/pju.json").json
    assert [one["code"] for one in told["attributes"]] == ["janji", "patokan", "keterbukaan", "fixmystreet_id"]
    assert "3 hari kerja" in told["attributes"][0]["description"]
    values = xml(interface.get("services/pju.xml")).findall("attributes/attribute/values/value/key")
    assert [one.text for one in values] == ["open", "confidential", "anonymous"]


# -- reporting


def test_a_report_becomes_a_case_like_any_other(interface: Interface) -> None:
    ticket = interface.report(
        lat="-6.1783", long="106.6319", phone="0812 1111 2222", **{"attribute[patokan]": "masjid"}
    )
    case = interface.case(ticket)
    assert (case.channel, case.category_code, case.agency_code) == ("open311", "pju", "dishub")
    assert case.landmark == f"masjid. {REPORT['address_string']}"
    assert case.events[-1].details["lat"] == -6.1783
    told = status(interface.cases, interface.city, ticket)
    assert told is not None
    assert (told.stage, told.agency_spoken) == ("pengaduan", "Dinas Perhubungan")


def test_the_telephone_finds_the_reports_of_its_number(interface: Interface, vault: Vault) -> None:
    case = interface.case(interface.report(phone="0812 1111 2222"))
    assert case.reporter_lookup == vault.lookup("+6281211112222")
    assert vault.open_text(str(case.reporter_sealed)) == "+6281211112222"


def test_the_place_is_found_by_code_or_in_the_address(interface: Interface, city: Any) -> None:
    code = city.kelurahan[0].code
    assert interface.case(interface.report(address_id=code)).area_code == code
    found = PlaceFinder(city).find(REPORT["address_string"])[0].area.code
    assert interface.case(interface.report()).area_code == found
    assert interface.case(interface.report(address_string="Jalan Entah")).area_code is None


def test_sent_again_with_the_same_number_it_is_the_same_case(interface: Interface) -> None:
    key = {"Idempotency-Key": "a-1"}
    first = interface.post("requests.json", headers=key, **REPORT).json
    assert interface.post("requests.json", headers=key, **REPORT).json == first
    by_form = {"attribute[fixmystreet_id]": "77"}
    assert interface.report(**by_form) == interface.report(**by_form)
    assert interface.report() != interface.report()
    other = interface.make_key("report")
    assert interface.post("requests.json", other, key, **REPORT).json != first, "another system's numbers are its own"


def test_xml_is_answered_in_xml_and_a_multipart_form_is_read(interface: Interface) -> None:
    told = xml(interface.post("requests.xml", headers={"Content-Type": "multipart/form-data"}, **REPORT))
    assert told.tag == "service_requests"
    assert re.fullmatch(r"\d{8}", told.findtext("request/service_request_id") or "")


def test_an_emergency_waits_for_a_person_and_its_definition_says_to_call(interface: Interface) -> None:
    code = next(c.code for c in interface.city.categories.values() if c.emergency)
    assert interface.case(interface.report(service_code=code)).review == "darurat"
    assert "telepon" in interface.get(f"services/{code}.json").json["attributes"][0]["description"]


# -- what is wrong is told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"service_code": "entah"}, "service_code tidak dikenal"),
        ({"service_code": ""}, "service_code wajib diisi"),
        ({"description": "x" * 100_000}, "description terlalu panjang, paling banyak 4000 huruf"),
        ({"address_string": ""}, "Tempat kejadian wajib diisi"),
        ({"lat": "1"}, "lat dan long harus diisi bersama"),
        ({"lat": "utara", "long": "1"}, "lat harus berupa angka"),
        ({"lat": "nan", "long": "1"}, "lat harus berupa angka"),
        ({"lat": "91", "long": "1"}, "lat paling besar 90"),
        ({"phone": "abc"}, "phone bukan nomor telepon"),
        ({"media_url": "file:///etc/passwd"}, "media_url harus alamat http"),
        ({"attribute[keterbukaan]": "semua"}, "attribute[keterbukaan] harus salah satu"),
        ({"address_id": "99", "address_string": ""}, "address_id harus kode resmi"),
    ],
)
def test_a_wrong_report_is_refused_with_a_reason_in_both_formats(
    interface: Interface, changed: dict[str, str], told: str
) -> None:
    answer = interface.post("requests.json", **(REPORT | changed))
    assert (answer.status_code, answer.json[0]["code"]) == (400, 400)
    assert told in " ".join(one["description"] for one in answer.json)
    document = xml(interface.post("requests.xml", **(REPORT | changed)))
    assert (document.tag, document.findtext("error/code")) == ("errors", "400")
    assert interface.get("requests.json").json == []


def test_every_mistake_is_told_at_once(interface: Interface) -> None:
    answer = interface.post("requests.json", service_code="", lat="x", long="200")
    assert len(answer.json) == 3


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "services/entah.json", 404),
        ("GET", "requests/12345678.json", 404),
        ("GET", "tokens/12345678.json", 404),
        ("GET", "entah.json", 404),
        ("GET", "services.pdf", 404),
        ("DELETE", "requests.json", 404),
        ("GET", "services.json?jurisdiction_id=entah", 404),
        ("GET", "requests.json?start_date=kemarin", 400),
        ("GET", "requests.json?start_date=0001-01-01T00:00:00Z", 400),
        ("GET", "requests.json?start_date=2026-01-01&end_date=2026-11-01", 400),
        ("GET", "requests.json?start_date=2026-11-02&end_date=2026-11-01", 400),
        ("GET", "requests.json?status=baru", 400),
        ("GET", "requests.json?page=0", 400),
        ("GET", "requests.json?page_size=1001", 400),
        ("GET", "servicerequestupdates.json?end_date=1", 400),
    ],
)
def test_refusals_are_documents_in_both_formats(interface: Interface, method: str, path: str, code: int) -> None:
    answer = interface.client.open(f"/open311/v2/{path}", method=method)
    assert answer.status_code == code
    if ".json" in path:
        assert answer.json[0]["code"] == code
        document = xml(interface.client.open(f"/open311/v2/{path.replace('.json', '.xml')}", method=method))
        assert document.findtext("error/code") == str(code)
        assert document.findtext("error/description")


def test_a_body_that_is_too_large_is_refused(interface: Interface) -> None:
    answer = interface.post("requests.json", **(REPORT | {"description": "x" * 200_000}))
    assert (answer.status_code, answer.json[0]["code"]) == (413, 413)


def test_signs_that_no_database_or_xml_holds_are_taken_out(interface: Interface) -> None:
    ticket = interface.report(description="lampu\x00 mati \x0b<b>&", **{"attribute[patokan]": "\x00"})
    assert interface.case(ticket).description == "lampu mati <b>&"
    assert xml(interface.get(f"requests/{ticket}.xml")).findtext("request/description") == "lampu mati <b>&"


# -- asking


def test_a_case_is_shown_with_status_agency_and_promise(interface: Interface) -> None:
    ticket = interface.report(lat="-6.1783", long="106.6319")
    act_on(
        interface.cases, interface.city, interface.case(ticket).id, Act("solve", "petugas", "console", text="Sudah.")
    )
    (told,) = interface.get(f"requests/{ticket}.json").json
    assert (told["status"], told["status_notes"]) == ("closed", "Laporan sudah selesai ditangani. Sudah.")
    assert (told["agency_responsible"], told["service_name"]) == ("Dinas Perhubungan", "Lampu jalan")
    assert (told["lat"], told["long"], told["description"]) == (-6.1783, 106.6319, REPORT["description"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00", told["requested_datetime"])
    assert told["address"].endswith("Kota Tangerang")
    assert interface.get(f"tokens/{ticket}.json").json == [{"service_request_id": ticket, "token": ticket}]


def test_cases_are_filtered(interface: Interface) -> None:
    first, second = interface.report(), interface.report(service_code="sampah")
    act_on(interface.cases, interface.city, interface.case(second).id, Act("withdraw", "caller", "open311"))
    get = interface.get
    assert ids(get("requests.json", service_code="pju,jalan")) == [first]
    assert ids(get("requests.json", status="closed")) == [second]
    assert set(ids(get("requests.json", status="open,closed"))) == {first, second}
    assert ids(get("requests.json", service_request_id=f"{first},00000000", status="closed")) == [first]
    assert ids(get("requests.json", end_date="2026-01-01T00:00:00Z")) == []
    soon = (utcnow() + dt.timedelta(hours=1)).isoformat(timespec="seconds")
    assert ids(get("requests.json", updated_after=soon)) == []
    assert len(ids(get("requests.json", updated_before=soon))) == 2
    pages = [ids(get("requests.json", page_size=1, page=page)) for page in (1, 2, 3)]
    assert sorted(pages[0] + pages[1]) == sorted([first, second])
    assert pages[2] == []


def test_by_default_the_last_90_days_are_shown(interface: Interface) -> None:
    old = utcnow() - dt.timedelta(days=91)
    open_case(interface.cases, interface.city, replace(DRAFT, origin="old", channel="open311"), old)
    assert ids(interface.get("requests.json")) == []
    since = (old - dt.timedelta(days=1)).isoformat()
    assert len(ids(interface.get("requests.json", start_date=since))) == 1


def test_a_plus_sign_that_was_not_encoded_is_understood(interface: Interface) -> None:
    interface.report()
    assert len(interface.client.get("/open311/v2/requests.json?end_date=2090-01-01T00:00:00+07:00").json) == 0
    assert interface.client.get("/open311/v2/requests.json?start_date=2026-01-01T00:00:00+07:00").status_code == 200
