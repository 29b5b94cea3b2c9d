"""DATABASE_URL, read; and Debian's PostgreSQL behind it, where this machine has one."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from corpusapp.embedded.account import server_account
from corpusapp.embedded.databases import configure
from corpusapp.home import Home

_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def test_without_an_address_it_is_the_embedded_server(tmp_path):
    assert configure("", Home(tmp_path))["ENGINE"] == "corpusapp.embedded"


def test_an_address_with_everything(tmp_path):
    url = "postgresql://desk:p%40ss@db.example:6543/news?sslmode=require"
    database = configure(url, Home(tmp_path))
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert [database[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")] == [
        "db.example", "6543", "desk", "p@ss", "news",
    ]  # fmt: skip
    assert database["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://desk:hunter2@db/news", "postgresql://desk:hunter2@db", "hunter2"])
def test_a_wrong_address_is_refused_without_its_password(tmp_path, url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refused:
        configure(url, Home(tmp_path))
    assert "hunter2" not in str(refused.value)


@pytest.fixture
def own_server():
    """A throw-away cluster of the machine's own PostgreSQL; yields its DATABASE_URL."""
    if not _INSTALLED:
        pytest.skip("no PostgreSQL of Debian's in /usr/lib/postgresql: apt-get install postgresql")
    run = Path(os.environ["CORPUSAPP_HOME"]).parent
    folder = run / f"own-{uuid.uuid4().hex[:8]}"
    folder.mkdir(mode=0o700)
    account = server_account(folder)
    account.give(folder)

    def command(name: str, *arguments: str) -> None:
        line = [str(_INSTALLED[-1] / name), "-D", str(folder / "data"), *arguments]
        subprocess.run(line, cwd="/", check=True, stdout=subprocess.DEVNULL, **account.popen_options())

    command("initdb", "--username=desk", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    command("pg_ctl", "start", "--wait", "--silent", "--log", str(folder / "log"), "--options", options)
    yield f"postgresql://desk@/postgres?host={folder}"
    command("pg_ctl", "stop", "--wait", "--silent", "--mode=fast")


def test_the_desk_migrates_and_works_on_the_machines_own_server(own_server):
    def manage(*arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        environ = os.environ | {"DATABASE_URL": own_server}
        return subprocess.run(
            command, cwd=settings.BASE_DIR, env=environ, check=True, stdout=subprocess.PIPE, text=True
        ).stdout

    manage("migrate", "--no-input", "--verbosity=0")
    script = (
        "from django.contrib.auth import get_user_model; from corpusapp import jobs; "
        "get_user_model().objects.create_user('editor'); "
        "print(get_user_model().objects.filter(username='editor').count(), jobs.worker_is_alive(), "
        "jobs.defer('builtin:procrastinate.builtin_tasks.remove_old_jobs', max_hours=1))"
    )
    assert manage("shell", "--verbosity=0", "-c", script).split() == ["1", "False", "True"]
    manage("run_worker", "--until-idle")
    manage("migrate", "--check")
