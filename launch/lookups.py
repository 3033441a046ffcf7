"""The command `flask --app app lookups check`: do the other services answer?"""

from __future__ import annotations

import click

from launch.refuse import REFUSED
from routing.city import City
from routing.lookups.ask import LookUps

OUTCOMES = {
    "missing": "nomor uji tidak ditemukan di sana",
    "away": "tidak terjangkau, terlalu lama, atau menolak",
    "unreadable": "menjawab, tetapi isinya tidak dikenali (periksa fields di lookups.yaml)",
}


def lookups_commands(lookups: LookUps, city: City) -> click.Group:
    """`check`."""

    group = click.Group("lookups", help="Layanan lain yang dapat ditanya lewat telepon (lookups.yaml).")

    @group.command("check", help="Tanyakan nomor uji (test_number) ke setiap layanan, dan tampilkan jawabannya.")
    def check() -> None:
        failed = False
        for code, service in city.lookups.items():
            if code not in lookups.services:
                why = (
                    "ditandai contoh" if service.status else f"rahasia belum ada: {', '.join(service.headers.values())}"
                )
                click.echo(f"{code}: tidak ditawarkan, {why}")
            elif not service.test_number:
                click.echo(f"{code}: ditawarkan, tetapi tidak punya test_number")
            else:
                answer = lookups.ask(code, service.test_number)
                failed |= answer.outcome != "found"
                click.echo(f"{code}: {answer.text or OUTCOMES[answer.outcome]}")
        if not city.lookups:
            click.echo("Kota ini tidak punya lookups.yaml.")
        if failed:
            raise click.exceptions.Exit(REFUSED)

    return group
