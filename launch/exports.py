"""The command `flask --app app export`: tables of cases and of officers' work."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import Engine

from launch.refuse import refuse
from models.base import utcnow
from models.store.exports import ExportStore
from routing import exports
from routing.city import City


def export_command(engine: Engine, city: City) -> click.Command:
    @click.command("export", help="Write a table of a time: cases, work (for e-kinerja) or lapor (for SP4N-LAPOR!).")
    @click.argument("what", type=click.Choice(exports.TABLES))
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day; usually of this month.")
    @click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; usually today.")
    def export(what: str, file: Path, since: dt.datetime | None, until: dt.datetime | None) -> None:
        zone, now = ZoneInfo(city.time_zone), utcnow()
        today = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = since.replace(tzinfo=zone) if since else today.replace(day=1)
        end = (until.replace(tzinfo=zone) if until else today) + dt.timedelta(days=1)
        rows = exports.table(what, ExportStore(engine), city, begin, end, now)
        try:
            count = exports.write(rows, file)
        except (exports.UnknownFormat, OSError) as error:
            refuse(str(error))
        click.echo(f"{count} rows in {file}")

    return export
