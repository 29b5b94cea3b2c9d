"""What a start may meet: strangers, deep folders, other locales, leavings of a broken-off start."""

import subprocess
from pathlib import Path

import pytest

from tests.embedded.conftest import kill_server, postmaster, processes, until


@pytest.fixture
def stranger():
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()


def test_a_stale_pid_file_that_names_a_living_stranger(home, client, stranger):
    first = client(home)
    first.ask("ensure")
    kill_server(home)
    first.kill()
    pid_file = home / "postgres/data/postmaster.pid"
    rest = pid_file.read_text().partition("\n")[2]
    pid_file.write_text(f"{stranger.pid}\n{rest}")

    second = client(home)
    assert second.ask("ensure") == "up"
    second.end()
    until(lambda: not processes(home))
    assert stranger.poll() is None


def test_a_home_of_150_characters_uses_a_short_socket_folder_and_removes_it(place, client):
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


def test_a_short_socket_folder_that_was_cleared_away_is_made_again(place, client):
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


def test_texts_are_utf8_under_the_c_locale(home, client):
    one = client(home, LC_ALL="C", PYTHONUTF8="1")
    one.ask("ensure")
    assert one.ask("select lower('É')") == "é"
    assert one.ask("select upper('straße żółć')") == "STRAßE ŻÓŁĆ"


def test_a_broken_off_initialisation_is_cleared_away(home, client):
    leavings = home / "postgres/initialising-broken"
    (home / "secrets").mkdir(parents=True)
    (leavings / "data").mkdir(parents=True)
    assert client(home).ask("ensure") == "up"
    assert not leavings.exists()


def test_a_server_that_cannot_start_says_why_in_one_line(home, client):
    (home / "secrets").mkdir(parents=True)
    (home / "postgres").mkdir()
    (home / "postgres/postgresql.local.conf").write_text("shared_bufers = 1GB\n")
    answer = client(home).ask("ensure")
    assert answer.startswith(f"refused: PostgreSQL in {home}/postgres does not start")
    assert "shared_bufers" in answer or "configuration file" in answer


def test_data_of_another_version_are_left_alone(home, client):
    first = client(home)
    first.ask("ensure")
    first.end()
    (home / "postgres/data/PG_VERSION").write_text("17\n")
    answer = client(home).ask("ensure")
    assert "is from PostgreSQL 17" in answer
    assert "run `manage.py upgrade_server`" in answer


def test_secrets_and_sockets_are_for_nobody_else(home, client):
    one = client(home)
    one.ask("ensure")
    assert postmaster(home)
    assert home.stat().st_mode & 0o777 == 0o700
    assert (home / "postgres/socket").stat().st_mode & 0o777 == 0o700
    assert (home / "postgres/data/pg_hba.conf").read_text() == "local all all scram-sha-256\n"
    secrets = list((home / "secrets").iterdir())
    assert {path.name for path in secrets} == {"postgres_role", "postgres_superuser"}
    assert all(path.stat().st_mode & 0o777 == 0o600 for path in secrets)
