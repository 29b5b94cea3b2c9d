"""`upgrade_server` moves the data of an older PostgreSQL to the installed version."""

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings as django_settings

from corpusapp.backup.actions import newer_server
from corpusapp.core.home import Home
from corpusapp.embedded.account import server_account
from corpusapp.embedded.cluster import binary, major, version_of
from corpusapp.embedded.errors import ServerError
from corpusapp.embedded.server import NEXT, WHOLE, Server
from tests.embedded.conftest import Client, new_place, processes

pytestmark = pytest.mark.slow

# Debian's programs, which CI installs.
_OLDER = sorted(path for path in Path("/usr/lib/postgresql").glob("*/bin") if 15 <= int(path.parent.name) < 18)


@pytest.fixture
def place():
    with new_place() as found:
        yield found


@pytest.fixture
def older(place):
    """A home with data of an older server, and that server's programs."""
    if not _OLDER:
        pytest.skip("no older PostgreSQL is installed: apt-get install postgresql")
    home, programs = Home(place / "home"), _OLDER[0]
    password, account = home.secret("postgres_superuser"), server_account(home.path)
    for folder in (home.path, home.folder("postgres"), home.folder("logs")):
        account.give(folder)
    file = place / "password"
    file.write_text(password)
    account.give(file)
    subprocess.run(
        [programs / "initdb", "-D", home.path / "postgres/data", "--username=postgres", f"--pwfile={file}",
         "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
        cwd="/", check=True, stdout=subprocess.DEVNULL, **account.popen_options(),
    )  # fmt: skip
    return home, programs


def manage(home, *command, **variables):
    outside = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=django_settings.BASE_DIR,
        env={**outside, "CORPUSAPP_HOME": str(home.path), **variables},
        capture_output=True,
        text=True,
    )


def url(server, database="corpusapp"):
    address = server.address()
    host = quote(address["host"], safe="")
    return f"postgresql://{address['user']}:{quote(address['password'])}@/{database}?host={host}&port={address['port']}"


def test_data_of_an_older_server_is_upgraded(older):
    home, programs = older
    old = Server(home, hasty=True, programs=programs)
    old.ensure()
    try:
        for command in ("upgrade", "load_sample"):
            assert manage(home, command, DATABASE_URL=url(old)).returncode == 0
        before = manage(home, "content_hash", DATABASE_URL=url(old)).stdout
    finally:
        old.leave()
    refused = manage(home, "content_hash")
    assert "run `manage.py upgrade_server`" in refused.stderr
    wrong = manage(home, "upgrade_server", "--programs", str(home.path))
    assert wrong.stderr == f"ServerError: {home.path}/postgres cannot be run: set the folder of PostgreSQL's programs\n"
    assert version_of(home.path / "postgres/data") == int(programs.parent.name)
    _refuses_a_home_in_use(home, programs)
    done = manage(home, "upgrade_server", "--programs", str(programs))
    assert done.returncode == 0, done.stderr
    assert manage(home, "content_hash").stdout == before != ""
    assert version_of(home.path / "postgres/data") == 18
    assert len(list((home.path / "postgres").glob(f"data-{programs.parent.name}-*"))) == 1
    assert not (home.path / NEXT).exists()
    assert "already from the installed version" in manage(home, "upgrade_server").stdout


def _refuses_a_home_in_use(home, programs):
    """Its writes would be missing in the new data."""
    desk = Server(home, hasty=True, programs=programs)
    desk.ensure()
    try:
        refused = manage(home, "upgrade_server", "--programs", str(programs))
        assert "is in use: stop corpusapp" in refused.stderr and not (home.path / NEXT).exists()
        with psycopg.connect(url(desk)) as connection:
            connection.execute("SELECT count(*) FROM articles_article")
    finally:
        desk.leave()


def test_files_of_a_killed_upgrade_are_deleted(older):
    home, programs = older
    assert manage(home, "upgrade_server", "--programs", str(programs)).returncode == 0
    # The server of a killed upgrade still runs.
    killed = Client(home.path / NEXT)
    assert killed.ask("ensure") == "up"
    killed.kill()
    assert processes(home.path / NEXT)
    assert "already from the installed version" in manage(home, "upgrade_server").stdout
    assert not (home.path / NEXT).exists() and not processes(home.path / NEXT)


def test_backups_are_restored_into_the_same_and_newer_versions(older, place):
    home, programs = older
    old, again, newer = Server(home, hasty=True, programs=programs), Home(place / "again"), Home(place / "newer")
    old.ensure()
    try:
        for command in (["upgrade"], ["load_sample"], ["backup", str(place / "old.tar")]):
            assert manage(home, *command, DATABASE_URL=url(old)).returncode == 0
        with psycopg.connect(url(old), autocommit=True) as connection:
            connection.execute("CREATE DATABASE again")
        assert manage(again, "restore", str(place / "old.tar"), DATABASE_URL=url(old, "again")).returncode == 0
        assert manage(newer, "restore", str(place / "old.tar")).returncode == 0
        before = manage(home, "content_hash", DATABASE_URL=url(old)).stdout
        assert manage(again, "content_hash", DATABASE_URL=url(old, "again")).stdout == before != ""
        assert manage(newer, "content_hash").stdout == before
        assert manage(newer, "backup", str(place / "new.tar")).returncode == 0
        with psycopg.connect(url(old), autocommit=True) as connection:
            connection.execute("CREATE DATABASE third")
        refused = manage(Home(place / "third"), "restore", str(place / "new.tar"), DATABASE_URL=url(old, "third"))
        assert f"the backup is from PostgreSQL 18, and the target is {programs.parent.name}" in refused.stderr
    finally:
        old.stop()


def test_an_interrupted_swap_is_refused_and_completed(place):
    home = Home(place / "home")
    assert manage(home, "upgrade").returncode == 0
    before = manage(home, "content_hash").stdout
    # Between the two steps: the old data is renamed, and the new data not yet.
    made = Home(home.path / NEXT).folder("postgres") / "data"
    (home.path / "postgres/data").rename(made)
    (home.path / NEXT / WHOLE).touch()
    (home.path / "postgres" / "data-17-2026-01-01T00-00-00").mkdir()
    assert "was interrupted: run `manage.py upgrade_server`" in manage(home, "content_hash").stderr
    assert manage(home, "upgrade_server").returncode == 0
    assert manage(home, "content_hash").stdout == before != ""


def test_programs_from_a_wheel_can_be_run_by_the_servers_user(place):
    home = Home(place / "home")
    assert manage(home, "upgrade").returncode == 0
    try:
        programs = newer_server._installed(home, major(binary("postgres")), print)
    except ServerError as error:
        pytest.skip(str(error))
    server = Server(home, hasty=True, programs=programs)
    server.ensure()
    server.leave()


def test_a_home_without_data_is_refused(place):
    reported = manage(Home(place / "home"), "upgrade_server").stderr
    assert "has no data of an embedded server" in reported
