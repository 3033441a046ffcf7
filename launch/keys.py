"""The commands `flask --app app keys ...`: who else may use the programming interface."""

from __future__ import annotations

import datetime as dt

import click

from models.store.api_keys import ApiKeyStore
from routing.city import City
from routing.open311 import keys

REFUSED = 2


def keys_commands(store: ApiKeyStore, city: City) -> click.Group:
    """`add`, `list`, `revoke`."""

    group = click.Group("keys", help="Kunci untuk sistem lain yang melapor atau menjawab lewat Open311.")

    @group.command("add", help="Buat kunci untuk NAMA. Kunci hanya ditampilkan sekali ini.")
    @click.argument("name")
    @click.option(
        "--scope",
        "scopes",
        multiple=True,
        required=True,
        help="report: mengirim laporan; update: menambah kabar pada laporannya sendiri; answer:INSTANSI: menjawab "
        "laporan instansi itu. Boleh berulang.",
    )
    def add(name: str, scopes: tuple[str, ...]) -> None:
        try:
            key = keys.make(store, name[:80], scopes, frozenset(city.agencies))
        except keys.BadScope as error:
            click.echo(str(error), err=True)
            raise click.exceptions.Exit(REFUSED) from None
        click.echo("Simpan kunci ini sekarang; sesudah ini tidak dapat ditampilkan lagi.", err=True)
        click.echo(key)

    @group.command("list", help="Tampilkan semua kunci, tanpa isinya.")
    def show() -> None:
        for key in store.all():
            state = (
                f"dicabut {_day(key.revoked_at)}" if key.revoked_at else f"terakhir dipakai {_day(key.last_used_at)}"
            )
            click.echo(f"{key.id}  {key.name}  {' '.join(key.scopes)}  dibuat {_day(key.created_at)}, {state}")

    @group.command("revoke", help="Cabut semua kunci bernama NAMA, atau satu kunci menurut id-nya. Berlaku seketika.")
    @click.argument("name")
    def revoke(name: str) -> None:
        count = store.revoke(name)
        click.echo(f"{count} kunci dicabut." if count else "Tidak ada kunci yang berlaku dengan nama atau id itu.")
        if not count:
            raise click.exceptions.Exit(REFUSED)

    return group


def _day(moment: dt.datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "belum pernah"
