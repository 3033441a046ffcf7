"""Who gets in, who does not, and what a browser is told to do with what it gets."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from admin.access import LONGEST_S, create_first_account
from models.accounts import Account
from models.crypto import Vault
from models.db import connect
from models.recordings import Recordings
from models.tables import Base
from routing.city import City
from tests.admin.consoles import ADMINISTRATOR, OPERATOR, PASSWORD, ConsoleSettings, console_app, log_in, token
from tests.admin.samples import NUMBER, make_call

PUBLIC = {"public.home", "public.static", "security.login", "security.logout"}


def test_every_route_is_public_by_name_or_asks_for_a_login(app: Flask, visitor: FlaskClient) -> None:
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        assert rule.rule.startswith("/admin/"), f"{rule.endpoint} is neither public by name nor under /admin"
        address = rule.rule.replace("<ticket>", "1").replace("<call_id>", "1").replace("<recording_id>", "1")
        for method in rule.methods or ():
            answer = visitor.open(address, method=method)
            if method == "OPTIONS" and answer.status_code == 200:
                continue
            assert answer.status_code == 302, (rule.endpoint, method)
            assert answer.location.startswith("/masuk?next="), rule.endpoint


def test_there_is_no_way_to_register_or_to_get_a_token(app: Flask, visitor: FlaskClient) -> None:
    assert {r.endpoint for r in app.url_map.iter_rules() if r.endpoint.startswith("security.")} == {
        "security.login",
        "security.logout",
    }
    form = {"email": OPERATOR, "password": PASSWORD}
    answer = visitor.post("/masuk?include_auth_token", json=form, headers={"Accept": "application/json"})
    assert answer.status_code == 400, "no CSRF token"
    assert "authentication_token" not in answer.text


def test_an_operator_logs_in_and_out(app: Flask, visitor: FlaskClient, engine: Engine) -> None:
    assert log_in(visitor, OPERATOR.upper()) == 302, "addresses are not case sensitive"
    assert "Sari Petugas" in visitor.get("/admin/laporan").text
    with Session(engine) as session:
        account = session.scalars(select(Account).where(Account.email == OPERATOR)).one()
        assert account.login_count == 1
        assert account.current_login_ip == "127.0.0.1"
        assert account.password is not None
        assert account.password.startswith("$argon2id$")
    visitor.post("/keluar", data={"csrf_token": token(visitor.get("/admin/laporan").text)})
    assert visitor.get("/admin/laporan").status_code == 302


def test_after_login_people_land_where_they_wanted_but_never_elsewhere(app: Flask) -> None:
    def lands(wanted: str) -> str | None:
        client = app.test_client()
        page = client.get(f"/masuk?next={wanted}").text
        form = {"email": OPERATOR, "password": PASSWORD, "csrf_token": token(page)}
        return client.post(f"/masuk?next={wanted}", data=form).location

    assert lands("/admin/panggilan") == "/admin/panggilan"
    assert lands("https://jahat.example/") is None
    assert lands("//jahat.example/") is None


@pytest.mark.parametrize(
    ("email", "password"), [(OPERATOR, "salah"), ("siapa@contoh.id", PASSWORD), ("", ""), ("x", "y")]
)
def test_wrong_address_and_wrong_password_look_the_same(visitor: FlaskClient, email: str, password: str) -> None:
    page = visitor.get("/masuk").text
    answer = visitor.post("/masuk", data={"email": email, "password": password, "csrf_token": token(page)})
    assert answer.status_code == 200
    assert "Alamat email atau kata sandi tidak cocok" in answer.text
    assert answer.text.count("aria-invalid") == 2


def test_a_closed_account_cannot_enter_and_loses_its_session(
    operator: FlaskClient, visitor: FlaskClient, engine: Engine
) -> None:
    with Session(engine) as session, session.begin():
        session.scalars(select(Account).where(Account.email == OPERATOR)).one().active = False
    assert operator.get("/admin/laporan").status_code == 302
    assert log_in(visitor) == 200


def test_an_account_without_a_role_sees_nothing(operator: FlaskClient, engine: Engine) -> None:
    with Session(engine) as session, session.begin():
        session.scalars(select(Account).where(Account.email == OPERATOR)).one().roles = []
    answer = operator.get("/admin/laporan")
    assert answer.status_code == 403
    assert "tidak berhak" in answer.text


def test_the_sixth_wrong_password_in_a_minute_is_not_even_looked_at(app: Flask) -> None:
    client = app.test_client()
    assert [log_in(client, password="salah") for _ in range(5)] == [200] * 5
    page = client.get("/masuk").text
    answer = client.post("/masuk", data={"email": OPERATOR, "password": PASSWORD, "csrf_token": token(page)})
    assert answer.status_code == 429
    assert "Tunggu satu menit" in answer.text
    assert int(answer.headers["Retry-After"]) > 0
    assert log_in(client, ADMINISTRATOR) == 302, "other accounts can still enter from this address"


def test_right_passwords_are_not_counted(app: Flask) -> None:
    assert [log_in(app.test_client()) for _ in range(7)] == [302] * 7


def test_failed_logins_are_counted_in_redis_for_all_processes(
    engine: Engine, vault: Vault, recordings: Recordings, city: City, redis_url: str
) -> None:
    apps = [console_app(engine, vault, recordings, city, ConsoleSettings(redis=redis_url)) for _ in range(2)]
    for number in range(5):
        assert log_in(apps[number % 2].test_client(), password="salah") == 200
    assert log_in(apps[0].test_client()) == 429
    assert log_in(apps[1].test_client()) == 429


def test_when_redis_is_away_the_limit_and_the_login_still_work(
    engine: Engine, vault: Vault, recordings: Recordings, city: City, tmp_path: Path
) -> None:
    app = console_app(engine, vault, recordings, city, ConsoleSettings(redis=f"unix://{tmp_path}/none.sock"))
    assert log_in(app.test_client()) == 302
    assert [log_in(app.test_client(), password="salah") for _ in range(6)] == [200] * 5 + [429]


@pytest.mark.parametrize("address", ["/admin/panggilan/1/nomor", "/admin/laporan/1/nomor"])
def test_forms_without_their_token_are_refused(administrator: FlaskClient, address: str) -> None:
    for data in ({}, {"csrf_token": "made up"}):
        answer = administrator.post(address, data=data)
        assert answer.status_code == 400
        assert "kedaluwarsa" in answer.text


def test_a_login_form_without_its_token_is_refused(visitor: FlaskClient) -> None:
    assert visitor.post("/masuk", data={"email": OPERATOR, "password": PASSWORD}).status_code == 400
    assert visitor.get("/admin/laporan").status_code == 302


def test_sessions_end_after_the_longest_shift(operator: FlaskClient) -> None:
    with operator.session_transaction() as session:
        assert session["fs_paa"] <= time.time()
        session["fs_paa"] -= LONGEST_S + 1
    assert operator.get("/admin/laporan").status_code == 302
    with operator.session_transaction() as session:
        assert "_user_id" not in session


def test_the_full_number_is_for_administrators_and_is_asked_for(
    administrator: FlaskClient, operator: FlaskClient, engine: Engine, vault: Vault
) -> None:
    call = make_call(engine, vault)
    address = f"/admin/panggilan/{call.id}"
    for client in (administrator, operator):
        page = client.get(address).text
        assert "08xx-xxxx-890" in page
        assert NUMBER[3:] not in page.replace("-", "")
    assert "Tampilkan nomor lengkap" not in operator.get(address).text
    csrf = token(operator.get(address).text)
    assert operator.post(f"{address}/nomor", data={"csrf_token": csrf}).status_code == 403
    csrf = token(administrator.get(address).text)
    with capture_logs() as lines:
        shown = administrator.post(f"{address}/nomor", data={"csrf_token": csrf}).text
    assert "0812-3456-7890" in shown
    (line,) = (line for line in lines if line["event"] == "number shown")
    assert line["call"] == call.id
    assert set(line) == {"event", "log_level", "account", "call"}, "who and which call, never the number"


def test_cookies_and_headers_keep_others_out(engine: Engine, vault: Vault, recordings: Recordings, city: City) -> None:
    settings = ConsoleSettings(base_url="https://warga.example")
    client = console_app(engine, vault, recordings, city, settings).test_client()
    secure: dict[str, Any] = {
        "base_url": "https://warga.example",
        "headers": {"Referer": "https://warga.example/masuk"},
    }
    assert log_in(client, **secure) == 302
    answer = client.get("/admin/laporan", base_url="https://warga.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-suara-warga=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Expires="))
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "Strict-Transport-Security" in answer.headers


def test_plain_http_on_this_machine_keeps_its_session(operator: FlaskClient) -> None:
    assert "Secure" not in operator.get("/admin/laporan").headers["Set-Cookie"]


def test_the_first_account_is_written_where_only_its_owner_reads(
    tmp_path: Path, vault: Vault, recordings: Recordings, city: City
) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'new.db'}")
    Base.metadata.create_all(engine)
    path = create_first_account(engine, tmp_path / "var")
    assert path is not None
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    email, password = (line.split(":", 1)[1].strip() for line in path.read_text().splitlines())
    app = console_app(engine, vault, recordings, city)
    assert log_in(app.test_client(), email, password) == 302
    path.unlink()
    assert create_first_account(engine, tmp_path / "var") is None
    assert not path.exists(), "a second start makes no second account"
