"""The system user that runs the server, and users that are refused. Only root can test most of it."""

import os
import pwd
import subprocess
import sys

import pytest

from tests.embedded.conftest import processes, until

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
ORDINARY, OTHER = (pwd.getpwnam(name).pw_uid for name in ("daemon", "bin"))


@as_root
def test_for_root_a_system_user_runs_the_server(home, client):
    one = client(home)
    assert one.ask("ensure") == "up"
    owner = pwd.getpwuid((home / "postgres/data").stat().st_uid).pw_name
    assert owner in {"postgres", "nobody"}
    assert home.owner() == owner
    assert all(path.owner() == "root" for path in (home / "secrets").iterdir())


@as_root
def test_for_root_a_variable_names_the_system_user(home, client):
    assert client(home, CORPUSAPP_POSTGRES_USER="daemon").ask("ensure") == "up"
    assert (home / "postgres/data").owner() == "daemon"


@as_root
@pytest.mark.parametrize(("name", "reason"), [("nosuchuser", "has no such user"), ("root", "does not run as root")])
def test_for_root_an_unusable_system_user_is_refused(home, client, name, reason):
    assert reason in client(home, CORPUSAPP_POSTGRES_USER=name).ask("ensure")


@as_root
def test_an_ordinary_user_runs_the_server(place, client):
    os.chown(place, ORDINARY, ORDINARY)
    one = client(place / "home", ORDINARY)
    assert one.ask("ensure") == "up"
    assert one.ask("select lower('É')") == "é"
    assert (place / "home/postgres/data").stat().st_uid == ORDINARY
    one.end()
    until(lambda: not processes(place / "home"))


@as_root
@pytest.mark.parametrize("uid", [None, OTHER])
def test_the_home_of_an_ordinary_user_is_refused_to_others(place, client, uid):
    os.chown(place, ORDINARY, ORDINARY)
    owner = client(place / "home", ORDINARY)
    owner.ask("ensure")
    owner.end()
    if uid is None:
        assert "belongs to the user daemon" in client(place / "home").ask("ensure")
    else:
        refused = client(place / "home", uid)
        refused.send("ensure")
        assert "Permission denied" in refused.end()


@as_root
def test_another_user_cannot_connect_to_the_socket(home, client):
    client(home).ask("ensure")
    path = str(home / "postgres/socket/.s.PGSQL.5432")
    script = f"import os, socket, sys; os.setuid({OTHER}); socket.socket(socket.AF_UNIX).connect(sys.argv[1])"
    tried = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True)
    assert "PermissionError" in tried.stderr


@as_root
def test_a_home_that_the_system_user_cannot_enter_is_refused(place, client):
    closed = place / "closed"
    closed.mkdir(mode=0o700)
    answer = client(closed / "home").ask("ensure")
    assert answer.startswith("refused: the system user")
    assert f"cannot enter {closed} " in answer
    assert "CORPUSAPP_HOME" in answer
    assert (closed.stat().st_mode & 0o777, closed.stat().st_uid) == (0o700, 0)
