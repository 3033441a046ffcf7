"""The commands `flask --app app prompts`: are the sentences of the line fit to be heard?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ivr.prompts import BadPrompts, Prompts
from ivr.prompts.lint import faults
from launch.refuse import refuse


def prompts_commands(product: Path, city: Path) -> click.Group:
    """The group `prompts`; `product`, `city`: the product's file and the city's overrides, which need not be there."""

    @click.group("prompts", help="The sentences that the line says.")
    def group() -> None:
        pass

    @group.command("lint", help="What is hard to hear in the prompts; with FILE in place of the city's own.")
    @click.argument("file", required=False, type=click.Path(path_type=Path))
    def lint(file: Path | None) -> None:
        if file and not file.is_file():
            refuse(f"{file}: there is no such file")
        try:
            prompts = Prompts(product, file or city)
        except BadPrompts as error:
            refuse(str(error))
        found = list(faults(prompts))
        for fault in found:
            click.echo(fault)
        click.echo(f"{len(found)} faults in {len(prompts.names())} prompts")
        sys.exit(1 if found else 0)

    return group
