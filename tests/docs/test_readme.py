"""Every command of the README and of docs does what it says, in a checkout of its own, one after the other.

Those of the recipes, and `make test`, are run by `test_recipes.py`.
"""

import os
import re
import shutil
import subprocess
import urllib.request
import uuid
from pathlib import Path

import psycopg
import pytest

from corpusapp.embedded.account import server_account
from tests.docs.pages import PAGES, blocks_of
from tests.docs.test_recipes import RECIPES
from tests.processes import wait_until

BLOCKS = [block for page in PAGES if page != RECIPES for block in blocks_of(page)]
_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def block(beginning: str) -> str:
    """What begins so: one block, or, where a command is shown more than once, all in the order of the pages."""
    found = [text for _, text in BLOCKS if text.startswith(beginning)]
    assert found, f"no block of the pages begins with {beginning!r}"
    return "".join(found)


# How the blocks of docs/python-client.md begin, in their order.
CLIENT = ("reviewed = ", "corpus.finish", "mine = ", "damascus = ", "from corpusapp_client import SQLiteStore")


def python(code: str) -> str:
    """A command that runs this code."""
    return f".venv/bin/python - <<'END'\n{code}\nEND\n"


@pytest.mark.slow
def test_the_two_commands_the_tour_the_data_and_ones_own_pipeline(checkout):
    with checkout.desk(block("make run")) as said:
        assert re.search(r"Sign in as admin with the password \S{12,}", said)
        with urllib.request.urlopen(f"http://127.0.0.1:{checkout.port}/sign-in/") as page:
            assert page.status == 200
        assert "1 added" in checkout.run(block(".venv/bin/python manage.py import_articles"))
        assert "1 added" in checkout.run(block("printf 'name,label,"))
        assert "micro" in checkout.run(block(".venv/bin/python manage.py evaluate"))
        assert "0 read again" in checkout.run(block(".venv/bin/python manage.py reread_originals"))
        token = block("export TOKEN")
        checkout.run(token + block("curl") + python(block("import json, os, urllib.request")))
        follower = python(block("import json, os, time, urllib.error")).replace(".venv", "timeout 10 .venv", 1)
        assert " span " in checkout.run(f"{token} {{ {follower} }} || test $? = 124")
        checkout.run(python(block("import hashlib") + "assert not is_genuine('secret', {}, b'{}')\n"))
        client = [block("from corpusapp_client import Desk"), *map(block, CLIENT)]
        checkout.run(
            block("pip install http")
            .replace("pip", ".venv/bin/python -m pip")
            # Beside the virtual environment, which other tests share.
            .replace("install", "install --quiet --no-deps --target client")
            + token
            + block("export CORPUSAPP_URL")
            + "export PYTHONPATH=client PATH=client/bin:$PATH\n"
            + python("".join(client) + "assert article and outcome.applied and len(table) == 14\n")
            + block("corpusapp-client")
        )
        assert (checkout.folder / "confirmed.jsonl").read_text().count("\n") == 14
        assert "14 added" in checkout.run(block(".venv/bin/python manage.py export_corpus"))
        checkout.settle()
        content = checkout.run(block(".venv/bin/python manage.py content_hash")).strip()
        restored = checkout.run(block("make backup"))
        assert restored.count(f"content {content}") == 2
        shutil.rmtree(checkout.folder / "var-restored")
        (checkout.folder / "my-desk.tar").unlink()
        assert content in checkout.run(block(".venv/bin/python manage.py backup"))
        assert content in checkout.run(block("CORPUSAPP_HOME=var-restored"))
    with checkout.desk(block(".venv/bin/python -m pip install")) as said:
        assert "with the password" not in said
        assert "changepassword admin" in said
    assert "already from the installed version" in checkout.run(block(".venv/bin/python manage.py upgrade_server"))


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


@pytest.mark.slow
def test_ones_own_postgresql(checkout, own_server):
    with checkout.desk(
        block("DATABASE_URL=").replace("postgresql://desk:secret@localhost/desk", f"'{own_server}'")
    ) as said:
        assert "Sign in as admin with" in said
        assert not (checkout.folder / "var" / "postgres").exists()
        with psycopg.connect(own_server) as database:
            wait_until(lambda: database.execute("SELECT count(*) FROM procrastinate_workers").fetchone()[0] >= 2)
            assert database.execute("SELECT count(*) FROM articles_article").fetchone()[0] >= 12


def test_every_block_is_run_here():
    source = Path(__file__).read_text()
    run = [*re.findall(r"block\([\"'](.+?)[\"']\)", source), *CLIENT, "make test"]
    assert all(any(text.startswith(beginning) for beginning in run) for _, text in BLOCKS)
    assert {kind for kind, _ in BLOCKS} == {"sh", "python"}
