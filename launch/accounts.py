"""The commands `flask --app app accounts ...`: who may enter the console."""

from __future__ import annotations

import secrets

import click
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from admin.access import ROLES, add_account
from launch.refuse import refuse
from models.accounts import Account
from routing.city import City


def accounts_commands(engine: Engine, city: City) -> click.Group:
    """`add`, `list`, `close`."""

    group = click.Group("accounts", help="Akun konsol: petugas ruang kendali, petugas dinas, administrator.")

    @group.command("add", help="Buat akun untuk EMAIL. Kata sandi hanya ditampilkan sekali ini.")
    @click.argument("email")
    @click.option("--role", type=click.Choice(list(ROLES)), required=True, help="officer: petugas dinas.")
    @click.option("--agency", help="Kode instansi di agencies.csv; wajib untuk officer.")
    @click.option("--name", default="", help="Nama yang ditampilkan.")
    def add(email: str, role: str, agency: str | None, name: str) -> None:
        if agency and agency not in city.agencies:
            refuse(f"{agency}: instansi itu tidak ada. Yang ada: {', '.join(sorted(city.agencies))}")
        if agency and role != "officer":
            refuse("--agency hanya untuk officer; peran lain melihat seluruh kota")
        password = secrets.token_urlsafe(15)
        with Session(engine) as session, session.begin():
            if _known(session, email):
                refuse(f"{email}: sudah ada akun dengan alamat ini")
            try:
                add_account(session, email, password, role, name, agency)
            except ValueError as error:
                refuse(str(error))
        click.echo(
            "Sampaikan kata sandi ini langsung kepada orangnya; sesudah ini tidak dapat ditampilkan lagi.", err=True
        )
        click.echo(password)

    @group.command("list", help="Tampilkan semua akun.")
    def show() -> None:
        with Session(engine) as session:
            for account in session.scalars(select(Account).order_by(Account.email)):
                roles = ", ".join(role.name for role in account.roles)
                agency = f" ({account.agency_code})" if account.agency_code else ""
                click.echo(f"{account.email}  {roles}{agency}  {'aktif' if account.active else 'ditutup'}")

    @group.command("close", help="Tutup akun EMAIL. Berlaku pada permintaan berikutnya; catatannya tetap ada.")
    @click.argument("email")
    def close(email: str) -> None:
        with Session(engine) as session, session.begin():
            account = _known(session, email)
            if account is None:
                refuse(f"{email}: tidak ada akun dengan alamat ini")
            account.active = False
        click.echo("Akun ditutup.")

    return group


def _known(session: Session, email: str) -> Account | None:
    return session.scalar(select(Account).where(Account.email == email.strip().lower()))
