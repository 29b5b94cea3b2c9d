"""An import continues after the database was killed, and imports each article once."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings

from corpusapp.core.home import Home
from corpusapp.embedded.server import Server
from tests.embedded.conftest import client, kill_server, place  # noqa: F401
from tests.processes import wait_until

ARTICLES = 1000
SECONDS = 180
SAFE = {"CORPUSAPP_POSTGRES_HASTY": "false"}
_UPLOAD = """
from pathlib import Path
from corpusapp.accounts.models import User
from corpusapp.articles.actions.corpora import create_corpus
from corpusapp.articles.actions.uploads import receive_upload
user = User.objects.create_superuser(username="boss", password="x")
corpus = create_corpus(user=user, slug="killed", name="Killed")
with Path({path!r}).open("rb") as file:
    receive_upload(user=user, corpus=corpus, files=[("all.jsonl", file)], origin="form", suggest=False)
"""


class Running:
    """A home, and commands that run on it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        outside = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self._environment = outside | SAFE | {"CORPUSAPP_HOME": str(path)}

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(command, cwd=settings.BASE_DIR, env=self._environment, start_new_session=True)

    def manage(self, *arguments: str) -> None:
        assert self.start(*arguments).wait(timeout=SECONDS) == 0

    def row(self, what: str) -> tuple[Any, ...]:
        """The first row of a SELECT."""
        with psycopg.connect(dbname="corpusapp", **Server(Home(self.path)).address()) as connection:
            return connection.execute(f"SELECT {what}").fetchone()

    def number(self, what: str) -> int:
        """The first value of a SELECT; 0 while the server is down."""
        try:
            return self.row(what)[0]
        except psycopg.OperationalError:
            return 0


@pytest.fixture
def home(place, client):  # noqa: F811
    path = place / "articles.jsonl"
    with path.open("w") as file:
        for number in range(ARTICLES):
            text = f"Headline {number}\n\n" + f"The report has the number {number} and goes on. " * 20
            file.write(json.dumps({"text": text, "external_id": f"a{number}"}) + "\n")
    # Keeps the server up until the test has read its data.
    assert client(place / "home", **SAFE).ask("ensure") == "up"
    home = Running(place / "home")
    home.manage("migrate", "--verbosity=0")
    home.manage("shell", "--verbosity=0", "-c", _UPLOAD.format(path=str(path)))
    return home


@pytest.mark.slow
def test_the_worker_continues_the_import_when_the_database_is_back(home):
    worker = home.start("run_worker", "--queues", "imports")
    try:
        wait_until(lambda: home.number("count(*) FROM articles_article") >= 200, SECONDS)
        assert home.number("count(*) FROM articles_importbatch WHERE finished_at IS NULL") == 1
        kill_server(home.path)
        wait_until(lambda: home.number("count(finished_at) FROM articles_importbatch") == 1, SECONDS)
    finally:
        worker.terminate()
        worker.wait(timeout=SECONDS)
    assert home.row("state, reason FROM articles_importbatch") == ("done", "")
    for what in ("added", "items", "added + duplicates + failed + changed"):
        assert home.number(f"{what} FROM articles_importbatch") == ARTICLES
    for table in ("articles_article", "articles_original", "articles_sketch", "review_review"):
        assert home.number(f"count(*) FROM {table}") == ARTICLES
    assert home.number("count(DISTINCT external_id) FROM articles_article") == ARTICLES
