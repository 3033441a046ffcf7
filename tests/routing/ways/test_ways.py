"""One contract for all ways: sent once, found again, a failure told apart from a refusal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from models.base import utcnow
from routing.notify import NotSent, Way
from routing.ways.mail import MailWay
from routing.ways.twilio import CallWay, MessageWay
from tests.routing.ways.provider import MailServer, Provider, mail_server, provider

OURS = "+622155000000"
BASE = "https://line.example"


@dataclass
class Tried:
    """A way, somebody whom it reaches, somebody whom it never will, and how to put its provider out of order."""

    way: Way
    to: str
    refuse: Callable[[], str]
    break_it: Callable[[], None]
    count: Callable[[], int]
    remembers: bool


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def twilio() -> Iterator[Provider]:
    with provider() as known:
        yield known


@pytest.fixture(params=["mail", "sms", "whatsapp", "call"])
def tried(request: pytest.FixtureRequest, mail: MailServer, twilio: Provider) -> Tried:
    if request.param == "mail":
        mail.letters.clear()
        way = MailWay(mail.url, "laporan@kota.invalid")

        def away() -> None:
            way._port = 1

        return Tried(way, "kepala@dinas.invalid", lambda: "gone@dinas.invalid", away, lambda: len(mail.letters), False)

    def refuse() -> str:
        twilio.fails = (400, 21211)
        return "+62000"

    def overloaded() -> None:
        twilio.fails = (503, 20503)

    client = twilio.client()
    ways: dict[str, Way] = {
        "sms": MessageWay(client, OURS),
        "whatsapp": MessageWay(client, OURS, "whatsapp:"),
        "call": CallWay(client, OURS, BASE),
    }
    return Tried(ways[request.param], "+628123456789", refuse, overloaded, lambda: len(twilio.made), True)


def test_what_is_sent_has_the_providers_identifier(tried: Tried) -> None:
    first = tried.way.send(tried.to, "Laporan", "Laporan selesai.", "n1")
    assert first
    assert tried.count() == 1
    assert tried.way.send(tried.to, "Laporan", "Laporan lain selesai.", "n2") != first


def test_what_was_sent_is_found_again_and_what_was_not_is_not(tried: Tried) -> None:
    began = utcnow()
    assert tried.way.find(tried.to, "Laporan selesai.", "n1", began) is None
    sent = tried.way.send(tried.to, "Laporan", "Laporan selesai.", "n1")
    assert tried.way.find(tried.to, "Laporan selesai.", "n1", began) == (sent if tried.remembers else None)


def test_a_refusal_is_final(tried: Tried) -> None:
    with pytest.raises(NotSent) as error:
        tried.way.send(tried.refuse(), "Laporan", "Laporan selesai.", "n1")
    assert error.value.final
    assert tried.count() == 0


def test_a_provider_that_is_out_of_order_is_not(tried: Tried) -> None:
    tried.break_it()
    with pytest.raises(NotSent) as error:
        tried.way.send(tried.to, "Laporan", "Laporan selesai.", "n1")
    assert not error.value.final


def test_a_failure_names_nobody(tried: Tried) -> None:
    tried.break_it()
    with pytest.raises(NotSent) as error:
        tried.way.send(tried.to, "Laporan", "kata warga", "n1")
    assert tried.to not in str(error.value)
    assert "kata warga" not in str(error.value)


# -- each by itself


def test_a_letter_is_plain_and_the_same_when_sent_twice(mail: MailServer) -> None:
    mail.letters.clear()
    way = MailWay(mail.url, "laporan@kota.invalid")
    for _ in range(2):
        way.send("kepala@dinas.invalid", "3 laporan", "Selamat pagi,\n- 123", "n7")
    one, two = mail.letters
    assert one["Message-ID"] == two["Message-ID"] == "<n7@kota.invalid>"
    assert (one["Subject"], one["Auto-Submitted"], one.get_content_type()) == (
        "3 laporan",
        "auto-generated",
        "text/plain",
    )


@pytest.mark.parametrize(("url", "sender"), [("http://x", "a@b"), ("smtp://", "a@b"), ("smtp://host", "nobody")])
def test_a_wrong_mail_setting_is_refused(url: str, sender: str) -> None:
    with pytest.raises(ValueError, match="mail needs"):
        MailWay(url, sender)


def test_a_call_asks_our_own_webhook_what_to_say(twilio: Provider) -> None:
    CallWay(twilio.client(), OURS, BASE).send("+628123456789", "", "Laporan selesai.", "n1")
    made = twilio.made[0]
    assert (made["Url"], made["From"]) == (f"{BASE}/twilio/notice?notice=n1", OURS)
    assert made["StatusCallback"] == f"{BASE}/twilio/notice-over?notice=n1"
    assert "selesai" not in str(made)


def test_whatsapp_is_said_so_on_both_numbers(twilio: Provider) -> None:
    MessageWay(twilio.client(), OURS, "whatsapp:").send("+628123456789", "", "Laporan selesai.", "n1")
    assert (twilio.made[0]["To"], twilio.made[0]["From"]) == ("whatsapp:+628123456789", f"whatsapp:{OURS}")


def test_another_message_of_that_time_is_not_taken_for_ours(twilio: Provider) -> None:
    way = MessageWay(twilio.client(), OURS)
    way.send("+628123456789", "", "Laporan lain.", "n1")
    assert way.find("+628123456789", "Laporan selesai.", "n2", utcnow() - dt.timedelta(minutes=5)) is None
