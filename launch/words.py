"""The commands `flask --app app words ...`: what the recogniser knows, shown and changed by the people of a city."""

from __future__ import annotations

import getpass
import json
import logging
import time
import urllib.request
from collections.abc import Callable
from typing import NoReturn, TypeVar

import click
from babel.dates import format_date

from ivr.vocabulary import InService, Look, NotInService, Stage, Vocabulary, WordRefused, read_word
from models.store.words import NewWord
from speech.respoken import in_letters

FAILED, REFUSED = 1, 2  # exit status: the change could not be made; what was given cannot be used
KINDS = {"jalan": "street", "tempat": "place", "nama": "name", "lain": "other"}
STAGES: dict[Stage, str] = {
    "waiting": "menunggu, orang lain sedang mengubah kata",
    "building": "menyusun kosakata",
    "trying": "mencoba model baru",
    "rehearsing": "mendengarkan kata baru",
}
LINE_WAIT_S = 30.0  # a running line loads a model in 2 to 3 s
_OWN_MODEL = "Saluran ini memakai model sendiri (VOSK_MODEL_DIR), jadi kata tidak bisa ditambahkan atau dihapus."

Done = TypeVar("Done")
texts_argument = click.argument("texts", nargs=-1, required=True, metavar="TEXT...")
by_option = click.option("--oleh", "by", default="", metavar="NAME", help="Who does it; usually the login name.")
said_option = click.option(
    "--baca",
    "said",
    default="",
    metavar="SPOKEN",
    help='How one TEXT is said: "klaster di grin" for "Cluster D\'Green".',
)
area_option = click.option(
    "--kelurahan",
    "areas",
    multiple=True,
    metavar="NAME",
    help="Where they are, so that they are found in reports: a name or code; repeat it for a long street.",
)
kind_option = click.option("--jenis", "kind", type=click.Choice([*KINDS]), default="tempat", help="What they are.")


def words_commands(vocabulary: Vocabulary | None, health_url: str) -> click.Group:
    """The group `words`; with no vocabulary (a city's own model) its commands say why they do nothing.

    Args:
        health_url: of the line of this machine, asked whether it uses a change.
    """

    @click.group("words", help="Streets, places and names that the recogniser knows beside the city's files.")
    @click.pass_context
    def group(context: click.Context) -> None:
        logging.getLogger("speech").setLevel(logging.WARNING)
        context.obj = vocabulary or _fail(_OWN_MODEL, REFUSED)

    @group.command("add", help="Teach the line these words. New calls know them seconds later.")
    @texts_argument
    @said_option
    @kind_option
    @area_option
    @by_option
    @click.pass_obj
    def add(words: Vocabulary, texts: tuple[str, ...], said: str, kind: str, areas: tuple[str, ...], by: str) -> None:
        codes = _or_fail(lambda: words.codes_of(areas))
        wanted = _read(texts, KINDS[kind], said, codes)
        done = _changed(lambda progress: words.add(wanted, by or getpass.getuser(), progress))
        for text in done.passed:
            click.echo(f'  "{text}": sudah ada.')
        for text in done.hard:
            click.echo(f'  "{text}": sulit dikenali. Coba hapus, lalu tambahkan lagi dengan cara baca (--baca).')
        _finish(done, health_url)

    @group.command("remove", help="Take back words that were added.")
    @texts_argument
    @by_option
    @click.pass_obj
    def remove(words: Vocabulary, texts: tuple[str, ...], by: str) -> None:
        _finish(_changed(lambda progress: words.remove(texts, by or getpass.getuser(), progress)), health_url)

    group.add_command(list_words)
    group.add_command(check_words)
    return group


@click.command("list", help="Words that were added, oldest first.")
@click.pass_obj
def list_words(words: Vocabulary) -> None:
    """Show who added what."""
    rows = _or_fail(words.present)
    if not rows:
        click.echo('Belum ada kata tambahan. Menambahkan: words add "Jalan Haji Mencong"')
        return
    kinds = {kind: label for label, kind in KINDS.items()}
    width = max(len(row.text) for row in rows)
    for row in rows:
        day = format_date(row.added_at.astimezone().date(), "d MMM y", locale="id")
        said = f"  dibaca: {row.said}" if row.said else ""
        where = f"  kelurahan: {', '.join(words.area_names(row))}" if row.areas else ""
        click.echo(f"{row.text:<{width}}  {kinds[row.kind]:<6}  {day}, {row.added_by}{said}{where}")
    click.echo(f"{_number(len(rows))} kata tambahan.")


@click.command("check", help="Tell how words will be pronounced and whether the line knows them. Changes nothing.")
@texts_argument
@said_option
@click.pass_obj
def check_words(words: Vocabulary, texts: tuple[str, ...], said: str) -> None:
    """Show the readings of every word."""
    for word in _read(texts, "place", said):
        _show(_or_fail(lambda word=word: words.look(word)))  # type: ignore[misc]


def _show(look: Look) -> None:
    where = (
        "sudah ditambahkan" if look.present else "sudah ada di data kota" if look.of_the_city else "belum ditambahkan"
    )
    click.echo(f"{look.word.text}: {where}")
    width = max(len(word) for word in look.readings)
    for word, readings in look.readings.items():
        ways = " atau ".join(dict.fromkeys(in_letters(reading) for reading in readings))
        known = "belum dikenal" if word in look.unknown else "sudah dikenal"
        click.echo(f"  {word:<{width}}  {known}, dibaca {ways}")


def _read(texts: tuple[str, ...], kind: str, said: str, areas: tuple[str, ...] = ()) -> list[NewWord]:
    """Every mistake is told at once."""
    if said and len(texts) > 1:
        _fail("Cara baca (--baca) hanya untuk satu kata atau nama setiap kali.", REFUSED)
    read, mistakes = [], []
    for text in texts:
        try:
            read.append(read_word(text, kind, said, areas))
        except WordRefused as error:
            mistakes.append(str(error))
    if mistakes:
        _fail("\n".join(mistakes), REFUSED)
    return read


def _or_fail(act: Callable[[], Done]) -> Done:
    try:
        return act()
    except WordRefused as error:
        _fail(str(error), REFUSED)
    except NotInService as error:
        _fail(str(error), FAILED)


def _fail(message: str, status: int) -> NoReturn:
    click.echo(message, err=True)
    raise click.exceptions.Exit(status)


class _Progress:
    """A line a stage, with its seconds once it is over."""

    def __init__(self) -> None:
        self._began: float | None = None

    def __call__(self, stage: Stage) -> None:
        self.close()
        self._began = time.monotonic()
        click.echo(f"  {STAGES[stage]} ... ", nl=False)

    def close(self) -> None:
        if self._began is not None:
            click.echo(f"{_seconds(time.monotonic() - self._began)}")
            self._began = None


def _changed(change: Callable[[_Progress], InService]) -> InService:
    progress = _Progress()
    try:
        return _or_fail(lambda: change(progress))
    finally:
        progress.close()


def _finish(done: InService, health_url: str) -> None:
    click.echo(f"Selesai dalam {_seconds(done.seconds)}. Saluran sekarang mengenal {_number(done.words)} kata.")
    deadline = time.monotonic() + LINE_WAIT_S
    while (uses := _recogniser_of_line(health_url)) is not None and uses != done.recogniser:
        if time.monotonic() > deadline:
            click.echo("Saluran yang berjalan belum memakainya; alasannya ada di var/log/web.log.", err=True)
            return
        time.sleep(0.2)
    if uses is None:
        click.echo("Saluran sedang tidak berjalan di sini; kata-kata ini dipakai begitu saluran dijalankan.")
    else:
        click.echo("Telepon baru sudah memakainya; telepon yang sedang berlangsung tidak terganggu.")


def _recogniser_of_line(health_url: str) -> str | None:
    """Which model new calls use; asking has the line look for a new one. None when no line answers."""
    try:
        with urllib.request.urlopen(health_url, timeout=5) as answer:  # noqa: S310 (our own)
            return str(json.load(answer).get("recogniser", ""))
    except (OSError, ValueError):
        return None


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} detik".replace(".", ",")


def _number(count: int) -> str:
    return f"{count:,}".replace(",", ".")
