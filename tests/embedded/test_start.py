"""Starts under odd conditions: stale pid files, long paths, other locales, interrupted starts."""

import subprocess
from pathlib import Path

import pytest

from tests.embedded.conftest import kill_server, postmaster, processes, until


@pytest.fixture
def other_process():
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def test_a_stale_pid_file_with_the_pid_of_another_process(home, client, other_process):
    first = client(home)
    first.ask("ensure")
    kill_server(home)
    first.kill()
    pid_file = home / "postgres/data/postmaster.pid"
    rest = pid_file.read_text().partition("\n")[2]
    pid_file.write_text(f"{other_process.pid}\n{rest}")

    second = client(home)
    assert second.ask("ensure") == "up"
    second.end()
    until(lambda: not processes(home))
    assert other_process.poll() is None


def test_a_home_with_a_long_path_uses_a_short_socket_folder_and_deletes_it(place, client):
    home = place / ("deep" * 40)
    assert len(str(home)) > 150
    one = client(home)
    assert one.ask("ensure") == "up"
    folder = Path((home / "postgres/socket_folder").read_text())
    assert (folder / ".s.PGSQL.5432").is_socket()
    assert folder.stat().st_mode & 0o777 == 0o700
    one.end()
    until(lambda: not processes(home))
    assert not folder.exists()


def test_a_deleted_short_socket_folder_is_created_again(place, client):
    home = place / ("deep" * 40)
    first = client(home)
    first.ask("ensure")
    folder = Path((home / "postgres/socket_folder").read_text())
    kill_server(home)
    first.kill()
    subprocess.run(["rm", "-r", folder], check=True)
    assert client(home).ask("ensure") == "up"


def test_a_home_with_spaces_quotes_and_commas(place, client):
    assert client(place / "an 'odd', \"home\" é").ask("ensure") == "up"


def test_text_is_utf8_in_the_c_locale(home, client):
    one = client(home, LC_ALL="C", PYTHONUTF8="1")
    one.ask("ensure")
    assert one.ask("select lower('É')") == "é"
    assert one.ask("select upper('straße żółć')") == "STRAßE ŻÓŁĆ"


def test_an_interrupted_initialisation_is_deleted(home, client):
    abandoned = home / "postgres/initialising-broken"
    (home / "secrets").mkdir(parents=True)
    (abandoned / "data").mkdir(parents=True)
    assert client(home).ask("ensure") == "up"
    assert not abandoned.exists()


def test_the_error_of_a_server_that_cannot_start_is_one_line_with_the_reason(home, client):
    (home / "secrets").mkdir(parents=True)
    (home / "postgres").mkdir()
    (home / "postgres/postgresql.local.conf").write_text("shared_bufers = 1GB\n")
    answer = client(home).ask("ensure")
    assert answer.startswith(f"refused: PostgreSQL in {home}/postgres does not start")
    assert "shared_bufers" in answer or "configuration file" in answer


def test_data_of_another_version_is_refused(home, client):
    first = client(home)
    first.ask("ensure")
    first.end()
    (home / "postgres/data/PG_VERSION").write_text("17\n")
    answer = client(home).ask("ensure")
    assert "is from PostgreSQL 17" in answer
    assert "run `manage.py upgrade_server`" in answer


def test_secrets_and_sockets_are_closed_to_other_users(home, client):
    one = client(home)
    one.ask("ensure")
    assert postmaster(home)
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "postgres/socket").stat().st_mode & 0o777 == 0o700
    assert (home / "postgres/data/pg_hba.conf").read_text() == "local all all scram-sha-256\n"
    secrets = list((home / "secrets").iterdir())
    assert {path.name for path in secrets} == {"postgres_role", "postgres_superuser"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in secrets)
