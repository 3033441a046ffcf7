"""One contract for all gateways, and what each has of its own: taken once, told apart, nothing of the reporter."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from models.base import utcnow
from routing.gateways import Gateway, Handed, NotDelivered
from routing.gateways.http import MOST_BYTES, Http, _public
from routing.gateways.mail import Mail
from routing.gateways.open311 import Open311, Server
from routing.gateways.webhook import Webhook
from routing.ways.mail import MailWay
from tests.routing.gateways.conftest import Agency
from tests.routing.gateways.systems import Receiver
from tests.routing.ways.provider import MailServer

SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes for these tests").decode()
CASE = Handed(
    event_id="e1",
    case_id="c1",
    ticket="14711256",
    agency="dishub",
    agency_name="Dinas Perhubungan",
    city_name="Kota Tangerang",
    category="pju",
    category_name="Lampu jalan",
    severity="ringan",
    area="36.71.01.1005",
    place="depan masjid, Kelurahan Cikokol",
    description="lampu mati, gelap & licin – “tiga malam”",
    opened_at=dt.datetime(2026, 11, 23, 3, 0, tzinfo=dt.UTC),
    promised=dt.date(2026, 11, 26),
    lat=-6.1783,
    long=106.6319,
)


@dataclass
class Tried:
    """A gateway; how many different cases its system has; how to have it refuse, and how to put it out of order."""

    gateway: Gateway
    count: Callable[[], int]
    refuse: Callable[[], Gateway]
    break_it: Callable[[], None]


@pytest.fixture(params=["open311-xml", "open311-json", "webhook", "email"])
def tried(request: pytest.FixtureRequest) -> Tried:
    if request.param == "webhook":
        hook: Receiver = request.getfixturevalue("hook")
        gateway = Webhook(Http(private=True), hook.url, SECRET)

        def answer(status: int) -> Gateway:
            hook.status = status
            return gateway

        return Tried(
            gateway,
            lambda: len({headers["webhook-id"] for headers, _ in hook.got}),
            lambda: answer(410),
            lambda: setattr(hook, "status", 503),
        )
    if request.param == "email":
        mail: MailServer = request.getfixturevalue("mail")
        mail.letters.clear()
        way = MailWay(mail.url, "laporan@kota.invalid")

        def away() -> None:
            way._port = 1

        gone = Mail(way, "gone@dinas.invalid")
        count = lambda: len({letter["Message-ID"] for letter in mail.letters})  # noqa: E731
        return Tried(Mail(way, "aduan@dinas.invalid"), count, lambda: gone, away)
    agency: Agency = request.getfixturevalue("agency")

    def out_of_order() -> None:
        agency.remote.fails = 500

    form = request.param.partition("-")[2]
    return Tried(
        agency.gateway(form),
        lambda: len(agency.cases.undelivered()),
        lambda: agency.gateway(form, "sw_" + "A" * 43),
        out_of_order,
    )


def test_a_case_is_taken_once_however_often_it_is_sent(tried: Tried) -> None:
    first = tried.gateway.send(CASE)
    assert tried.gateway.send(CASE).remote_id == first.remote_id
    assert tried.count() == 1
    tried.gateway.send(replace(CASE, event_id="e2", ticket="14711264"))
    assert tried.count() == 2


def test_what_did_not_arrive_is_not_found(tried: Tried) -> None:
    assert tried.gateway.find(CASE, utcnow()) is None


def test_a_refusal_is_final(tried: Tried) -> None:
    with pytest.raises(NotDelivered) as error:
        tried.refuse().send(CASE)
    assert error.value.final


def test_a_system_out_of_order_is_tried_again(tried: Tried) -> None:
    tried.break_it()
    with pytest.raises(NotDelivered) as error:
        tried.gateway.send(CASE)
    assert not error.value.final
    assert "lampu mati" not in str(error.value)


# -- Open311


@pytest.mark.parametrize("form", ["xml", "json"])
def test_what_open311_sends_arrives_whole_and_is_found_again(agency: Agency, form: str) -> None:
    gateway = agency.gateway(form)
    sent = gateway.send(CASE)
    case = agency.cases.by_ticket(sent.remote_id)
    assert case is not None
    assert case.description.endswith(CASE.description)
    assert (case.category_code, case.landmark, case.events[-1].details["lat"]) == ("pju", CASE.place, CASE.lat)
    assert gateway.find(CASE, utcnow()) == sent
    assert gateway.number_of(sent.remote_id) == sent.remote_id
    assert gateway.number_of("../requests/1") == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[1, 2]",
        b"[" * 100_000,
        b'<!DOCTYPE a [<!ENTITY b "bb">]><service_requests><request>&b;</request></service_requests>',
        b"[]",
    ],
)
def test_an_answer_that_says_nothing_is_no_delivery(hook: Receiver, body: bytes) -> None:
    hook.body = body
    with pytest.raises(NotDelivered):
        Open311(Http(private=True), Server(hook.url, "k")).send(CASE)


# -- webhooks


def test_a_webhook_is_signed_as_standard_webhooks_has_it(hook: Receiver) -> None:
    assert Webhook(Http(private=True), hook.url, SECRET, lambda: 1_700_000_000.4).send(CASE).remote_id == "R-1"
    headers, body = hook.got[0]
    signed = b"e1.1700000000." + body
    mac = hmac.new(b"thirty-two bytes for these tests", signed, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(mac.digest()).decode()
    assert (headers["webhook-id"], headers["webhook-timestamp"]) == ("e1", "1700000000")
    told = json.loads(body)
    assert (told["type"], told["data"]["ticket"], told["data"]["promised"]) == (
        "case.delivered",
        "14711256",
        "2026-11-26",
    )
    assert "reporter" not in str(told)


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_!!", "whsec_" + base64.b64encode(b"short").decode(), SECRET[6:]]
)
def test_a_weak_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        Webhook(Http(), "https://dinas.example", secret)


@pytest.mark.parametrize("body", [b"", b"ok", b"[]", b'{"id": {}}'])
def test_a_webhooks_answer_may_be_anything(hook: Receiver, body: bytes) -> None:
    hook.body = body
    assert Webhook(Http(private=True), hook.url, SECRET).send(CASE).remote_id == ""


# -- where requests may go


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/x",
        "https://localhost/x",
        "https://10.0.0.8/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://0.0.0.0/x",
        "https://2130706433/x",
        "http://93.184.215.14/x",  # not ours, but open
        "file:///etc/passwd",
        "https:///x",
    ],
)
def test_addresses_of_our_own_house_are_refused_at_once(url: str) -> None:
    with pytest.raises(NotDelivered) as error:
        Http().get(url, {})
    assert error.value.final


def test_public_addresses_are_known_from_others() -> None:
    assert all(map(_public, ("93.184.215.14", "2606:4700::1111")))
    assert not any(map(_public, ("100.64.0.1", "192.168.1.1", "fe80::1%eth0", "224.0.0.1", "fd00::1", "::")))


def test_a_redirect_is_not_followed(hook: Receiver) -> None:
    hook.status, hook.headers = 302, {"Location": hook.url}
    with pytest.raises(NotDelivered, match="302"):
        Webhook(Http(private=True), hook.url, SECRET).send(CASE)
    assert len(hook.got) == 1


def test_an_endless_answer_is_cut_off(hook: Receiver) -> None:
    hook.body = b" " * (MOST_BYTES + 1)
    with pytest.raises(NotDelivered, match="terlalu besar"):
        Webhook(Http(private=True), hook.url, SECRET).send(CASE)


def test_a_name_that_nobody_knows_is_tried_again() -> None:
    with pytest.raises(NotDelivered) as error:
        Http().get("https://tidak-ada.invalid/", {})
    assert not error.value.final


# -- letters


def test_a_letter_names_its_list_and_is_plain_indonesian(mail: MailServer) -> None:
    mail.letters.clear()
    gateway = Mail(MailWay(mail.url, "laporan@kota.invalid"), "aduan@dinas.invalid")
    for _ in range(2):
        gateway.send(CASE)
    one, two = mail.letters
    assert one["Message-ID"] == two["Message-ID"] == "<e1@kota.invalid>"
    assert one["List-Id"].endswith("<laporan.dishub.kota.invalid>")
    assert one["Subject"] == "Laporan warga 147 112 56: Lampu jalan"
    assert one.get_content_type() == "text/plain"
    text = one.get_payload(decode=True).decode()  # type: ignore[union-attr]
    for what in ("depan masjid, Kelurahan Cikokol", "26-11-2026", "“tiga malam”"):
        assert what in text
