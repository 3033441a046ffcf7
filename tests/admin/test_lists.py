"""The two lists: order, pages, filters, and what they say when there is nothing."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from models.base import utcnow
from models.calls import HandOver
from models.crypto import Vault
from models.db import connect
from models.store.console import CaseFilter, ConsoleStore, Cursor
from models.tables import Base
from routing.city import City, store_city
from tests.admin.samples import make_call, make_case


def tickets(page: str) -> list[str]:
    """Tickets of a page's rows, in their order."""
    rows = page.split("<tbody")[1].split("</tbody>")[0] if "<tbody" in page else ""
    return re.findall(r'class="ticket" href="/admin/laporan/(\d+)"', rows)


def test_empty_lists_say_so_kindly(operator: FlaskClient) -> None:
    assert "Belum ada laporan" in operator.get("/admin/laporan").text
    assert "Belum ada panggilan" in operator.get("/admin/panggilan").text
    assert "Tidak ada laporan yang cocok" in operator.get("/admin/laporan?tahap=selesai").text
    assert "Tidak ada panggilan yang cocok" in operator.get("/admin/panggilan?jenis=live").text


@pytest.fixture
def many(engine: Engine) -> list[str]:
    """60 tickets, newest first; three at each moment."""
    begun = utcnow() - dt.timedelta(days=1)
    for number in range(60):
        make_case(engine, f"{10000000 + number}", begun + dt.timedelta(minutes=number // 3))
    return [str(10000000 + number) for number in range(60)]


def test_pages_show_every_case_once_newest_first_and_lead_back(operator: FlaskClient, many: list[str]) -> None:
    seen, address, pages = [], "/admin/laporan?tahap=pengaduan", []
    while address:
        page = operator.get(address).text
        pages.append(tickets(page))
        seen += pages[-1]
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address, last = (older[1].replace("&amp;", "&") if older else ""), page
        assert not address or "tahap=pengaduan" in address, "the filter stays"
    assert sorted(seen) == many
    assert [len(p) for p in pages] == [25, 25, 10]
    back = re.search(r'rel="prev" href="([^"]+)"', last)
    assert back
    page = operator.get(back[1].replace("&amp;", "&")).text
    assert tickets(page) == pages[1]


def test_an_unknown_place_in_the_list_is_the_first_page(operator: FlaskClient, many: list[str]) -> None:
    first = tickets(operator.get("/admin/laporan").text)
    assert tickets(operator.get("/admin/laporan?sebelum=nowhere").text) == first
    assert tickets(operator.get("/admin/laporan?sesudah=nowhere").text) == first


def test_cases_are_narrowed(operator: FlaskClient, engine: Engine) -> None:
    today = utcnow().date()
    make_case(engine, "11111111", stage="proses", agency_code="pupr", category_code="jalan")
    make_case(engine, "22222222", review="telepon terputus")
    make_case(engine, "33333333", due_on=today - dt.timedelta(days=2))
    make_case(engine, "44444444", due_on=today - dt.timedelta(days=2), stage="selesai", review="telepon terputus")

    def found(query: str) -> set[str]:
        return set(tickets(operator.get(f"/admin/laporan?{query}").text))

    assert found("tahap=proses") == {"11111111"}
    assert found("instansi=pupr") == {"11111111"}
    assert found("tinjau=1") == {"22222222"}, "a closed case needs no review"
    assert found("terlambat=1") == {"33333333"}, "a closed case is never late"
    assert found("tiket=333+333") == {"33333333"}
    assert found("tiket=9") == set()
    assert found("tahap=karangan&instansi=karangan&tiket=%25") == {"11111111", "22222222", "33333333", "44444444"}


def test_the_numbers_at_the_top_count_what_their_links_show(
    operator: FlaskClient, engine: Engine, vault: Vault
) -> None:
    make_case(engine, "22222222", review="telepon terputus")
    make_case(engine, "33333333", due_on=utcnow().date() - dt.timedelta(days=3))
    make_call(engine, vault, ended_at=None, heard_at=utcnow(), started_at=utcnow())
    page = operator.get("/admin/laporan").text
    shown = re.findall(r"<b>(\d+)</b> <span>([^<]+)</span>", page)
    assert {words: int(n) for n, words in shown} == {
        "perlu ditinjau": 1,
        "lewat jatuh tempo": 1,
        "laporan hari ini": 2,
        "panggilan hari ini": 1,
        "sedang berlangsung": 1,
    }


def test_calls_show_what_became_of_them_and_are_narrowed(operator: FlaskClient, engine: Engine, vault: Vault) -> None:
    hour = dt.timedelta(hours=1)
    report = make_call(engine, vault, started_at=utcnow() - 3 * hour)
    make_case(engine, "22222222", call_id=report.id, review="telepon terputus")
    live = make_call(engine, vault, started_at=utcnow(), ended_at=None, end_reason=None, heard_at=utcnow())
    urgent = make_call(engine, vault, started_at=utcnow() - 5 * hour)
    with Session(engine) as session, session.begin():
        session.add(HandOver(call_id=urgent.id, number=1, target="emergency"))

    def found(query: str) -> list[str]:
        return re.findall(r'href="/admin/panggilan/([0-9a-f]{32})"', operator.get(f"/admin/panggilan?{query}").text)

    assert found("") == [live.id, report.id, urgent.id]
    assert found("jenis=live") == [live.id]
    assert found("jenis=no-case") == [live.id, urgent.id]
    assert found("jenis=hand-over") == [urgent.id]
    assert found("jenis=review") == [report.id]
    assert found("tiket=222") == [report.id]
    page = operator.get("/admin/panggilan").text
    assert tickets(page) == ["22222222"]
    assert "Darurat" in page
    assert "sedang berlangsung" in page


def test_the_console_reads_while_somebody_writes(operator: FlaskClient, engine: Engine) -> None:
    make_case(engine, "11111111")
    with engine.begin():  # holds SQLite's one write lock
        assert tickets(operator.get("/admin/laporan").text) == ["11111111"]


def test_lists_are_the_same_on_both_databases(database_url: str, city: City, vault: Vault) -> None:
    engine = connect(database_url)
    Base.metadata.create_all(engine)
    store_city(engine, city)
    begun = utcnow() - dt.timedelta(days=2)
    for number in range(30):
        make_case(engine, f"{10000000 + number}", begun)  # all at one moment: the id decides
    make_call(engine, vault)
    store, today = ConsoleStore(engine), utcnow().date()
    first = store.cases(CaseFilter(), Cursor(), today)
    second = store.cases(CaseFilter(), Cursor(first.older), today)
    back = store.cases(CaseFilter(), Cursor(second.newer, newer=True), today)
    assert [len(first.rows), len(second.rows)] == [25, 5]
    assert {row.case.id for row in first.rows}.isdisjoint(row.case.id for row in second.rows)
    assert [row.case.id for row in back.rows] == [row.case.id for row in first.rows]
    assert (first.newer, second.older, back.newer) == ("", "", "")
    assert store.counts(today, begun).cases_today == 30
    engine.dispose()
