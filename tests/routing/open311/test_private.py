"""What must never come out, and who must never come in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from models.base import utcnow
from routing.cases import act_on, open_case
from routing.life import Act
from routing.open311 import keys
from routing.open311.routes import WRITES
from tests.routing.open311.conftest import REPORT, Interface
from tests.routing.test_cases import DRAFT

SECRET = "ceritaku sendiri"


def everything(interface: Interface) -> str:
    paths = ("requests", "servicerequestupdates")
    return "".join(interface.get(f"{path}.{form}").text for path in paths for form in ("json", "xml"))


@pytest.mark.parametrize(
    "draft",
    [
        replace(DRAFT, description=SECRET, landmark=SECRET),  # by telephone
        replace(DRAFT, channel="open311", disclosure="confidential", description=SECRET, landmark=SECRET),
        replace(DRAFT, channel="open311", disclosure="anonymous", description=SECRET, landmark=SECRET),
        replace(DRAFT, channel="open311", review="belum jelas", description=SECRET, landmark=SECRET),
    ],
)
def test_words_that_are_not_for_everybody_stay_here(interface: Interface, draft: object) -> None:
    opened = open_case(interface.cases, interface.city, draft, utcnow())  # type: ignore[arg-type]
    act_on(interface.cases, interface.city, opened.case_id, Act("answer", "petugas", "console", text=SECRET))
    act_on(interface.cases, interface.city, opened.case_id, Act("note", "petugas", "console", text=SECRET))
    told = everything(interface) + interface.get(f"requests/{opened.ticket}.json").text
    assert SECRET not in told
    assert "Kelurahan" in told, "the area is public"
    assert "pju" in told


def test_a_ticket_of_a_telephones_case_is_not_listed_but_opens_its_case(interface: Interface) -> None:
    opened = open_case(interface.cases, interface.city, DRAFT, utcnow())
    act_on(interface.cases, interface.city, opened.case_id, Act("accept", "petugas", "console"))
    assert opened.ticket not in everything(interface)
    assert interface.get(f"requests/{opened.ticket}.json").json[0]["service_request_id"] == opened.ticket
    asked = interface.get("requests.json", service_request_id=opened.ticket).json
    assert [one["service_request_id"] for one in asked] == [opened.ticket]
    listed = interface.get("requests.json").json[0]["service_request_id"]
    assert interface.get(f"requests/{listed}.json").status_code == 200


def test_nothing_of_the_reporter_is_published_or_kept(interface: Interface) -> None:
    person = {"first_name": "Sriwahyuni", "email": "sri@warga.invalid", "phone": "081211112222", "device_id": "abc-77"}
    described = "Telepon saya 0812-1111-2222, NIK 3671012345678901, surel sri@warga.invalid"
    ticket = interface.report(**person, description=described)
    told = everything(interface)
    for what in ("Sriwahyuni", "sri@warga", "2222", "3671012345678901", "abc-77"):
        assert what not in told
    case = interface.case(ticket)
    kept = " ".join(map(str, [*vars(case).values(), *(event.details for event in case.events)]))
    assert "Sriwahyuni" not in kept
    assert "abc-77" not in kept


def test_log_lines_hold_no_words_of_citizens(interface: Interface) -> None:
    with capture_logs() as lines:
        interface.report(description=SECRET, phone="081211112222")
        interface.post("requests.json", "sw_wrong", **REPORT)
    assert len(lines) == 2
    assert SECRET not in str(lines)
    assert interface.key not in str(lines)
    assert "sw_wrong" not in str(lines)


# -- keys


@pytest.mark.parametrize("key", ["", "x", "sw_" + "A" * 43, "sw_" + "A" * 500])
@pytest.mark.parametrize("form", ["json", "xml"])
def test_without_a_valid_key_nothing_is_taken(interface: Interface, key: str, form: str) -> None:
    for path in ("requests", "servicerequestupdates"):
        answer = interface.post(f"{path}.{form}", key, **REPORT)
        assert answer.status_code == 403
        assert "api_key tidak ada atau tidak berlaku" in answer.text
    assert interface.get("requests.json").json == []


def test_a_revoked_key_is_refused_at_once(interface: Interface) -> None:
    interface.report()
    assert interface.keys.revoke("aplikasi warga") == 1
    assert interface.post("requests.json", **REPORT).status_code == 403
    assert interface.keys.revoke("aplikasi warga") == 0


def test_a_key_does_only_what_its_scopes_say(interface: Interface) -> None:
    ticket = interface.report()
    update = {"service_request_id": ticket, "update_id": "1", "status": "OPEN", "description": "Masih gelap"}
    assert interface.post("requests.json", interface.make_key("update"), **REPORT).status_code == 403
    assert interface.post("servicerequestupdates.json", interface.make_key("report"), **update).status_code == 403
    foreign = interface.post("servicerequestupdates.json", interface.make_key("update"), **update)
    assert foreign.status_code == 403, "another key's case"
    other_agency = interface.post("servicerequestupdates.json", interface.make_key("answer:dlh"), **update)
    assert other_agency.status_code == 403
    assert interface.post("servicerequestupdates.json", **update).status_code == 200


@pytest.mark.parametrize("scopes", [(), ("all",), ("answer:entah",), ("report", "answer:")])
def test_a_key_with_a_wrong_scope_is_not_made(interface: Interface, scopes: tuple[str, ...]) -> None:
    before = len(interface.keys.all())
    with pytest.raises(keys.BadScope):
        interface.make_key(*scopes)
    assert len(interface.keys.all()) == before


def test_the_store_holds_no_key(interface: Interface) -> None:
    (kept,) = interface.keys.all()
    assert interface.key not in str(vars(kept))
    assert kept.key_hash == keys.hashed(interface.key)
    assert kept.last_used_at is None
    interface.report()
    assert interface.keys.all()[0].last_used_at is not None


def test_a_key_may_stand_in_a_header(interface: Interface) -> None:
    assert interface.post("requests.json", "", {"X-Api-Key": interface.key}, **REPORT).status_code == 200


def test_too_many_requests_are_refused_with_a_document(interface: Interface) -> None:
    for _ in range(int(WRITES.split()[0])):
        interface.post("requests.json", "")
    answer = interface.post("requests.json", "")
    assert (answer.status_code, answer.json[0]["code"]) == (429, 429)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_failure_of_ours_is_a_document_too(interface: Interface, sqlite: Engine) -> None:
    with sqlite.begin() as connection:
        connection.exec_driver_sql('ALTER TABLE "case" RENAME TO away')
    with capture_logs() as lines:
        answer = interface.get("requests.json")
    assert lines[0]["failure"] == "OperationalError"
    assert (answer.status_code, answer.json[0]["code"]) == (500, 500)
    assert "SELECT" not in answer.text
