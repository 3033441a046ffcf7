"""`flask --app app words` as people type it: processes of their own, a prepared folder, a running line."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from models.db import connect
from models.store.words import WordStore
from speech.graph import known_words
from tests.services.line import ROOT, environment, free_port, running_line, supervise

SMALLEST_FILE = 2 * 1024 * 1024  # bytes; the acoustic model alone has 13 MB, the whole database less than this


@pytest.fixture
def folder(prepared: Path, var_dir: Path) -> Path:
    """A VAR_DIR that was prepared, of this test's own; no line runs on it."""
    shutil.copytree(prepared, var_dir, symlinks=True, dirs_exist_ok=True)
    return var_dir


def words(
    env: dict[str, str], *arguments: str, before: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "flask", "--app", "app", "words", *arguments]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, preexec_fn=before)


def store(folder: Path) -> WordStore:
    return WordStore(connect(f"sqlite:///{folder / 'suara-warga.db'}"))


def keys(folder: Path) -> set[str]:
    return {row.key for row in store(folder).present()}


def full_disk() -> None:
    """Every file beyond this size fails to be written, as on a disk without room."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALLEST_FILE, SMALLEST_FILE))


def test_a_running_line_takes_added_words_into_use(prepared: Path, var_dir: Path) -> None:
    with running_line(prepared, var_dir) as line:
        before, pids = line.health()["recogniser"], line.programs()
        done = words(
            line.env, "add", "Jalan Prangdimeja", "--jenis", "jalan", "--kelurahan", "Cikokol", "--oleh", "Sari"
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        assert "Telepon baru sudah memakainya; telepon yang sedang berlangsung tidak terganggu." in done.stdout
        after = line.health()
        assert after["recogniser"] not in ("", before) and after["status"] == "ok"
        assert line.programs() == pids  # nothing was started anew
    listed = words(line.env, "list").stdout
    assert "Jalan Prangdimeja" in listed and "Sari" in listed and "1 kata tambahan." in listed
    assert "kelurahan: Cikokol" in listed

    model = (var_dir / "speech" / "model").resolve()
    assert supervise(line.env, "--prepare").returncode == 0
    assert (var_dir / "speech" / "model").resolve() == model  # the next start keeps them


def test_two_people_may_add_at_once_and_undo(folder: Path) -> None:
    env = environment(folder, free_port())
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda text: words(env, "add", text), ["Jalan Prangdimeja", "Gang Zwolfingo"]))
    assert [done.returncode for done in both] == [0, 0], [done.stderr for done in both]
    assert sum("menunggu" in done.stdout for done in both) == 1
    assert all("Saluran sedang tidak berjalan di sini" in done.stdout for done in both)
    assert keys(folder) == {"jalan prangdimeja", "gang zwolfingo"}
    assert {"prangdimeja", "zwolfingo"} <= known_words(folder / "speech" / "model")

    first, second = ("Prangdimeja", "Zwolfingo") if "menunggu" in both[1].stdout else ("Zwolfingo", "Prangdimeja")
    later = "Gang Zwolfingo" if second == "Zwolfingo" else "Jalan Prangdimeja"
    assert words(env, "remove", later).returncode == 0  # the model before it is still there: nothing is built
    assert len(keys(folder)) == 1
    assert known_words(folder / "speech" / "model") & {"prangdimeja", "zwolfingo"} == {first.lower()}


def test_a_full_disk_leaves_the_old_words_in_service(folder: Path) -> None:
    before = (folder / "speech" / "model").resolve()
    done = words(environment(folder, free_port()), "add", "Jalan Prangdimeja", before=full_disk)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("Kosakata tidak diubah; saluran tetap memakai yang lama.")
    assert keys(folder) == set() and (folder / "speech" / "model").resolve() == before
    assert [path.name for path in (folder / "speech").iterdir() if path.name.startswith(".building")] == []


def test_a_check_changes_nothing_and_shows_how_words_are_said(folder: Path) -> None:
    before = (folder / "speech" / "model").resolve()
    env = environment(folder, free_port())
    done = words(env, "check", "Cluster D'Xgreen", "--baca", "klaster di grin")
    assert "dxgreen  belum dikenal, dibaca digrin" in done.stdout
    assert "Cipondoh: sudah ada di data kota" in words(env, "check", "Cipondoh").stdout
    assert keys(folder) == set() and (folder / "speech" / "model").resolve() == before


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    done = words(environment(folder, free_port()), "add", "", "北京", "Jalan Prangdimeja")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 2
    assert "Kata kosong" in done.stderr and "北京" in done.stderr
    assert keys(folder) == set()


def test_a_kelurahan_that_is_none_is_told_with_the_nearest(folder: Path) -> None:
    done = words(environment(folder, free_port()), "add", "Jalan Prangdimeja", "--kelurahan", "Cikokoll")
    assert done.returncode == 2 and 'Maksudnya "Cikokol"' in done.stderr
    assert keys(folder) == set()


def test_a_spoken_form_is_for_one_phrase(folder: Path) -> None:
    done = words(environment(folder, free_port()), "add", "Satu", "Dua", "--baca", "tiga")
    assert done.returncode == 2 and "hanya untuk satu" in done.stderr


def test_a_city_with_a_model_of_its_own_is_told_so(folder: Path) -> None:
    model = str((folder / "speech" / "model").resolve())
    done = words(environment(folder, free_port(), VOSK_MODEL_DIR=model), "add", "Jalan Prangdimeja")
    assert done.returncode == 2 and "VOSK_MODEL_DIR" in done.stderr


def test_wrong_settings_are_one_clear_line(folder: Path) -> None:
    env = {**environment(folder, 1), "PORT": "none"}
    done = words(env, "list")
    assert done.returncode != 0 and "PORT" in done.stderr and "Traceback" not in done.stderr


def test_a_line_that_was_never_started_is_told_so(var_dir: Path) -> None:
    done = words(environment(var_dir, free_port()), "add", "Jalan Prangdimeja")
    assert done.returncode == 1 and "Jalankan script/run" in done.stderr
