"""The one command: what it starts, what survives a kill, what is left behind (nothing), and what it says."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.line import ROOT, RunningLine, environment, eventually, free_port, running_line, supervise
from tests.services.postgres import Postgres

WITH_REDIS = {"redis", "intake", "worker", "clock", "web"}


@pytest.fixture(scope="module")
def line(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLine]:
    """One line for all tests that leave it running."""
    with running_line(prepared, Path("/tmp") / f"sw-var-{os.getpid()}") as started:
        yield started
    shutil.rmtree(started.var_dir, ignore_errors=True)


def well(line: RunningLine) -> bool:
    return line.health().get("status") == "ok"


def complaint(var_dir: Path, **settings: str) -> str:
    """What a start that cannot succeed says; without its first line."""
    env = {**environment(var_dir, free_port()), **settings}
    done = supervise(env)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    head, _, rest = done.stderr.strip().partition("\n")
    assert head == "Cannot start."
    return rest


def test_all_programs_run_and_the_line_says_where_it_is(line: RunningLine) -> None:
    eventually(lambda: set(line.programs()) == WITH_REDIS and well(line), "everything runs and is well")
    said = line.output.read_text()
    assert line.url in said and "first-login.txt" in said and "script/call" in said


def test_secrets_and_login_are_for_the_owner_only_and_not_shown(line: RunningLine) -> None:
    for name in ("secrets.env", "first-login.txt"):
        path = line.var_dir / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        values = [row.split("=" if "=" in row else ":", 1)[1].strip() for row in path.read_text().splitlines()]
        assert all(value not in line.output.read_text() for value in values if "@" not in value)
    assert stat.S_IMODE((line.var_dir / "run" / "supervisor.sock").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", sorted(WITH_REDIS))
def test_a_killed_program_comes_back(line: RunningLine, name: str) -> None:
    eventually(lambda: set(line.programs()) == WITH_REDIS, "everything runs")
    before = line.programs()[name]
    os.kill(before, signal.SIGKILL)
    eventually(lambda: line.programs().get(name, before) != before, f"{name} runs again")
    eventually(lambda: well(line), "all is well again")


def test_a_killed_supervisor_comes_back_with_everything(line: RunningLine) -> None:
    eventually(lambda: set(line.programs()) == WITH_REDIS, "everything runs")
    before = {line.supervisord(), *line.programs().values()}
    os.kill(line.supervisord(), signal.SIGKILL)
    eventually(lambda: set(line.programs()) == WITH_REDIS and not before & set(line.processes()), "all is new")
    eventually(lambda: well(line), "all is well again")


def test_a_second_instance_on_the_same_folder_is_refused(line: RunningLine) -> None:
    said = complaint(line.var_dir)
    assert said.startswith(f"The line runs already on {line.var_dir} (process {line.process.pid}).")
    assert "VAR_DIR" in said and len(said.splitlines()) == 1


def test_a_taken_port_is_named_with_the_way_out(line: RunningLine, var_dir: Path) -> None:
    said = complaint(var_dir, PORT=str(line.port))
    assert said.startswith(f"Port {line.port} on 127.0.0.1 is in use")
    assert f"PORT={line.port + 1} script/run" in said and len(said.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_stopping_leaves_nothing_behind_and_the_next_start_keeps_all(
    prepared: Path, var_dir: Path, number: signal.Signals
) -> None:
    with running_line(prepared, var_dir) as line:
        line.process.send_signal(number)
        eventually(line.ended, "it ends")
        assert line.process.returncode == 0
        assert line.processes() == []
    assert list((var_dir / "run").glob("*.sock")) == []
    for name in ("secrets.env", "first-login.txt"):
        assert (var_dir / name).read_bytes() == (prepared / name).read_bytes()
    again = supervise(environment(var_dir, free_port()), "--prepare")
    assert (again.returncode, again.stdout) == (0, ""), "a second start has nothing to prepare"


def test_a_killed_command_takes_everything_with_it_and_can_be_started_again(prepared: Path, var_dir: Path) -> None:
    with running_line(prepared, var_dir) as line:
        line.process.kill()
        eventually(line.ended, "it ends")
        eventually(lambda: line.processes() == [], "its processes end")
    (var_dir / "run" / "redis.sock").touch()  # as a killed Redis leaves it
    with running_line(prepared, var_dir) as line:
        eventually(lambda: well(line), "all is well")


def test_another_redis_and_a_postgres_are_used_where_they_are_named(
    prepared: Path, var_dir: Path, redis_url: str, postgres: Postgres
) -> None:
    with (
        postgres.database() as database,
        running_line(prepared, var_dir, REDIS_URL=redis_url, DATABASE_URL=database) as line,
    ):
        eventually(lambda: set(line.programs()) == WITH_REDIS - {"redis"} and well(line), "all but Redis runs")
        assert line.stop() == 0
        assert line.processes() == []


def test_all_bad_settings_are_listed_together(var_dir: Path) -> None:
    said = complaint(var_dir, PORT="99999", MAX_CALLS="many", PUBLIC_URL="ftp://example.org")
    assert [line.split(":")[0] for line in said.splitlines()] == ["PORT", "PUBLIC_URL", "MAX_CALLS"]


def test_an_unknown_city_is_told_the_known_ones(var_dir: Path) -> None:
    said = complaint(var_dir, CITY="atlantis")
    assert "CITY 'atlantis'" in said and "tangerang" in said and len(said.splitlines()) == 1


def test_bad_city_data_is_told_by_file_and_line(var_dir: Path) -> None:
    cities = var_dir / "cities"
    shutil.copytree(ROOT / "cities" / "tangerang", cities / "rusak")
    table = cities / "rusak" / "categories.csv"
    rows = table.read_text().splitlines()
    rows[3] = rows[3].replace(",dlh,", ",nobody,").replace(",dpupr,", ",nobody,").replace(",dishub,", ",nobody,")
    rows[3] = rows[3] if "nobody" in rows[3] else "x,X,nobody,0,1,2,3,x"
    table.write_text("\n".join(rows))
    said = complaint(var_dir, CITIES_DIR=str(cities), CITY="rusak")
    assert f"{table}: line 4" in said and len(said.splitlines()) == 1


def test_an_unreachable_database_is_told_without_its_password(var_dir: Path) -> None:
    url = f"postgresql+psycopg://warga:s3cret@127.0.0.1:{free_port()}/warga"
    said = complaint(var_dir, DATABASE_URL=url)
    assert said.startswith("DATABASE_URL postgresql+psycopg://warga:***@127.0.0.1")
    assert "s3cret" not in said and len(said.splitlines()) == 1


def test_what_is_no_database_url_is_told(var_dir: Path) -> None:
    assert complaint(var_dir, DATABASE_URL="nonsense").startswith("DATABASE_URL is no database URL")


def test_an_unreachable_redis_is_told_without_its_password(var_dir: Path) -> None:
    said = complaint(var_dir, REDIS_URL=f"redis://:s3cret@127.0.0.1:{free_port()}/0")
    assert said.startswith("REDIS_URL redis://***@127.0.0.1")
    assert "s3cret" not in said and "leave REDIS_URL empty" in said and len(said.splitlines()) == 1


def test_a_missing_program_is_told_with_the_command_that_installs_it(var_dir: Path) -> None:
    programs = var_dir / "bin"
    programs.mkdir()
    for name in ("espeak-ng", "fstcompile"):
        found = shutil.which(name)
        assert found
        (programs / name).symlink_to(found)
    said = complaint(var_dir, PATH=str(programs))
    assert said == "Missing: redis-server. Run: sudo apt-get install -y redis-server"


def test_a_folder_whose_name_is_too_long_for_sockets_is_told(var_dir: Path) -> None:
    assert "too long for unix sockets" in complaint(var_dir / ("x" * 90))


def test_an_address_of_another_machine_is_told(var_dir: Path) -> None:
    assert complaint(var_dir, HOST="192.0.2.1").startswith("HOST 192.0.2.1 is no address of this machine")


def test_a_database_file_that_is_none_is_told(var_dir: Path) -> None:
    (var_dir / "suara-warga.db").write_bytes(b"this is no database file, whatever its name says" * 100)
    assert complaint(var_dir) == "The database cannot be used: file is not a database"
