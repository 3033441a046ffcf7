"""Accounts are made on the command line; wrong wishes are told, and a closed account stays out."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from launch.accounts import accounts_commands
from models.accounts import Account
from routing.city import City
from tests.admin.consoles import console_engine


@pytest.fixture
def engine(tmp_path: Path, city: City) -> Engine:
    return console_engine(tmp_path, city)


def run(engine: Engine, city: City, *arguments: str) -> Result:
    return CliRunner().invoke(accounts_commands(engine, city), arguments)


def test_an_officer_gets_an_agency_and_a_password(engine: Engine, city: City) -> None:
    done = run(engine, city, "add", "Ani@Dlh.example", "--role", "officer", "--agency", "dlh", "--name", "Ani")
    assert done.exit_code == 0 and len(done.stdout.strip().splitlines()[-1]) == 20
    with Session(engine) as session:
        account = session.scalars(select(Account).where(Account.email == "ani@dlh.example")).one()
        assert (account.agency_code, [role.name for role in account.roles]) == ("dlh", ["officer"])
        assert str(account.password).startswith("$argon2id$")
    assert "ani@dlh.example  officer (dlh)  aktif" in run(engine, city, "list").stdout
    assert run(engine, city, "close", "ani@dlh.example").exit_code == 0
    assert "ani@dlh.example  officer (dlh)  ditutup" in run(engine, city, "list").stdout


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("add", "a@b.c", "--role", "officer"), "needs an agency"),
        (("add", "a@b.c", "--role", "officer", "--agency", "atlantis"), "Yang ada: "),
        (("add", "a@b.c", "--role", "operator", "--agency", "dlh"), "hanya untuk officer"),
        (("add", "petugas@dishub.contoh.id", "--role", "operator"), "sudah ada akun"),
        (("close", "nobody@b.c"), "tidak ada akun"),
    ],
)
def test_wrong_wishes_are_told(engine: Engine, city: City, arguments: tuple[str, ...], told: str) -> None:
    done = run(engine, city, *arguments)
    assert done.exit_code == 2 and told in done.output
