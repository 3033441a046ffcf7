"""Other services are asked over real connections; what is not understood is never spoken, and nobody waits long."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from models.crypto import Vault
from routing.city import City
from routing.city_files import CityDataError
from routing.lookups import LookUp, Slot, read_lookups, sentence
from routing.lookups.ask import Answer, LookUps
from routing.lookups.cache import RedisCache

BILL = {"data": {"tagihan": 150000, "jatuh_tempo": "2026-09-30", "status": "B", "nama": "Rumah <b>Biru</b>"}}
SAID = "Pajak 150000 rupiah, jatuh tempo 30 September 2026, belum lunas."


@dataclass
class Owner:
    """Stands for the owner's system, on a real socket."""

    url: str = ""
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    wait: Callable[[], object] = lambda: None
    asked: list[tuple[str, str]] = field(default_factory=list)


@pytest.fixture
def owner() -> Iterator[Owner]:
    owner = Owner(body=json.dumps(BILL).encode())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            owner.asked.append((self.path, self.headers.get("Authorization", "")))
            owner.wait()
            self.send_response(owner.status)
            for name, value in owner.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(owner.body)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    owner.url = f"http://127.0.0.1:{server.server_port}"
    yield owner
    server.shutdown()
    server.server_close()


@pytest.fixture
def service(owner: Owner) -> LookUp:
    return LookUp(
        code="pbb",
        title="pajak",
        number="nomor pajak",
        digits=(6,),
        url=f"{owner.url}/pbb/{{number}}",
        slots={
            "amount": Slot(("data", "tagihan"), "rupiah"),
            "due": Slot(("data", "jatuh_tempo"), "date"),
            "state": Slot(("data", "status"), words={"L": "lunas", "B": "belum lunas"}),
        },
        says="Pajak {amount}, jatuh tempo {due}, {state}.",
        headers={"Authorization": "PBB_TOKEN"},
        private=True,
        timeout_s=2.0,
    )


def asking(service: LookUp, **parts: Any) -> LookUps:
    return LookUps({"pbb": service}, lambda name: f"the value of {name}", **parts)


def test_an_answer_is_a_sentence(owner: Owner, service: LookUp) -> None:
    assert asking(service).ask("pbb", "123456") == Answer("found", SAID)
    assert owner.asked == [("/pbb/123456", "the value of PBB_TOKEN")]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"status": 404}, "missing"),
        ({"status": 500}, "away"),
        ({"status": 302, "headers": {"Location": "http://127.0.0.1:1/else"}}, "away"),
        ({"status": 401}, "away"),
        ({"body": b"<html>"}, "unreadable"),
        ({"body": b"[" * 50_000}, "unreadable"),
        ({"body": b'{"data": {"tagihan": 1}}'}, "unreadable"),
        ({"body": json.dumps({"data": {**BILL["data"], "status": "X"}}).encode()}, "unreadable"),
        ({"body": b" " * 70_000}, "away"),
    ],
)
def test_what_is_not_understood_is_not_spoken(
    owner: Owner, service: LookUp, change: dict[str, Any], outcome: str
) -> None:
    for name, value in change.items():
        setattr(owner, name, value)
    assert asking(service).ask("pbb", "123456") == Answer(outcome, "")  # type: ignore[arg-type]
    assert len(owner.asked) == 1  # no redirect was followed, nothing asked again


def test_nobody_waits_for_a_slow_owner(owner: Owner, service: LookUp) -> None:
    free = threading.Event()
    owner.wait = lambda: free.wait(30)
    began = time.monotonic()
    assert asking(replace(service, timeout_s=0.3)).ask("pbb", "123456").outcome == "away"
    assert time.monotonic() - began < 10  # not 30
    free.set()


def test_an_owner_that_is_not_there_is_away(service: LookUp) -> None:
    assert asking(replace(service, url="http://127.0.0.1:1/{number}")).ask("pbb", "123456").outcome == "away"


def test_our_own_network_is_not_asked_unless_told(owner: Owner, service: LookUp) -> None:
    assert asking(replace(service, private=False)).ask("pbb", "123456").outcome == "away"
    assert owner.asked == []


@pytest.mark.parametrize("number", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦x", "../../"])
def test_only_a_number_of_the_right_form_is_asked(owner: Owner, service: LookUp, number: str) -> None:
    assert asking(service).ask("pbb", number).outcome == "missing"
    assert asking(service).ask("else", "123456").outcome == "missing"
    assert owner.asked == []


def test_an_answer_is_kept_for_all_processes_and_shows_nobodys_number(
    owner: Owner, service: LookUp, redis_url: str, vault: Vault
) -> None:
    redis = Redis.from_url(redis_url)
    redis.flushall()
    parts = {"hidden": vault.lookup, "seal": vault.seal_text, "open_sealed": vault.open_text}
    for _ in range(2):
        assert asking(service, cache=RedisCache(redis_url), **parts).ask("pbb", "123456").text == SAID
    assert len(owner.asked) == 1
    [key] = redis.keys("lookup:*")
    assert b"123456" not in key and b"rupiah" not in (redis.get(key) or b"")
    assert 0 < redis.ttl(key) <= service.cache_s
    redis.flushall()
    asking(service, cache=RedisCache(redis_url), **parts).ask("pbb", "123456")
    assert len(owner.asked) == 2


def test_without_redis_the_owner_is_asked_each_time(owner: Owner, service: LookUp) -> None:
    lookups = asking(service, cache=RedisCache("redis://127.0.0.1:1"))
    assert [lookups.ask("pbb", "123456").outcome for _ in range(2)] == ["found", "found"]
    assert len(owner.asked) == 2


def test_what_went_wrong_is_not_kept(owner: Owner, service: LookUp, redis_url: str) -> None:
    Redis.from_url(redis_url).flushall()
    lookups = asking(service, cache=RedisCache(redis_url))
    owner.status = 500
    assert lookups.ask("pbb", "123456").outcome == "away"
    owner.status = 200
    assert lookups.ask("pbb", "123456").outcome == "found"


def test_an_example_or_one_without_its_secret_is_not_offered(service: LookUp) -> None:
    assert LookUps({"pbb": replace(service, status="contoh")}, lambda name: "x").services == {}
    assert LookUps({"pbb": service}, lambda name: "").services == {}
    assert asking(service).services.keys() == {"pbb"}


def test_tags_and_signs_are_not_spoken(service: LookUp) -> None:
    told = replace(service, slots={"name": Slot(("data", "nama"))}, says="Atas nama {name}.")
    assert sentence(told, json.dumps(BILL).encode()) == "Atas nama Rumah b Biru /b."
    assert sentence(told, json.dumps({"data": {"nama": "x" * 81}}).encode()) is None


GOOD = """
pbb:
  title: pajak
  number: nomor pajak
  digits: [6]
  url: "https://pajak.example/{number}"
  fields: {state: {path: status}}
  says: "Statusnya {state}."
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  title: pajak\n", "", "needs title"),
        ("digits: [6]", "digits: [0]", "digits is how many"),
        ("https://pajak", "http://pajak", "https://"),
        ("/{number}", "/", "url holds"),
        ("pajak.example", "{number}.example", "url holds"),
        ("{state}.", "{other}.", "uses other"),
        ("{path: status}", "{path: status, kind: face}", "kind of text"),
        ("says:", "timeout_s: 60\n  says:", "a caller waits"),
        ("says:", "headers: {Authorization: rahasia123}\n  says:", "do not hold the value"),
        ("says:", "colour: red\n  says:", "knows besides"),
        ("says:", "status: mungkin\n  says:", "status is contoh"),
    ],
)
def test_mistakes_in_the_citys_file_are_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    path = tmp_path / "lookups.yaml"
    path.write_text(GOOD)
    assert read_lookups(path)["layanan-pbb"].digits == (6,)
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(CityDataError, match=r"lookups\.yaml: pbb") as refused:
        read_lookups(path)
    assert told in str(refused.value)


def test_the_first_citys_services_are_examples(city: City) -> None:
    assert {"layanan-pbb", "layanan-izin", "layanan-sabakota"} <= set(city.lookups)
    assert all(one.status == "contoh" for one in city.lookups.values())
