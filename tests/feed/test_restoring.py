"""The feed survives dump and restore, and refuses cursors that are newer than the dump."""

import os
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from annotations.review.actions.labels import add_label
from corpusapp.embedded.cluster import binary
from tests import factories
from tests.api.client import Rest, refusal
from tests.backup.cast import connected_to, execute
from tests.feed.copying import Follower, held, held_labels

pytestmark = pytest.mark.processes


def _postgres(program: str, *arguments: str, database: str) -> str:
    """Run a client program of the embedded server on a database of the tests' server."""
    given = connection.get_connection_params()
    named = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    environment = os.environ | {key: str(given[name]) for key, name in named.items() if given.get(name)}
    done = subprocess.run(
        [binary(program), *arguments, "--dbname", database], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def second(transactional_db):
    """The name of an empty database beside that of the tests."""
    name = f"{connection.settings_dict['NAME']}_restored"
    execute(f'DROP DATABASE IF EXISTS "{name}"')
    execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield name
    execute(f'DROP DATABASE "{name}"')


def test_the_feed_survives_dump_and_restore(second, tmp_path: Path):
    root = factories.make_superuser()
    corpus = factories.make_corpus()
    factories.make_article(corpus, spans=[[0, 5, "PERSON"]])
    client = Follower(Rest(root))
    client.follow()
    # Some is numbered in the dump, some waits in it.
    factories.make_article(corpus, "Another text.", spans=[[0, 7, "ORG"]])
    cursors = list(client.cursors)
    dump = str(tmp_path / "desk.dump")
    _postgres("pg_dump", "--format=custom", f"--file={dump}", database=connection.settings_dict["NAME"])
    late = Follower(Rest(root))
    add_label(user=root, corpus=corpus, name="LATER")
    late.follow()
    script = _postgres_script(dump)
    (tmp_path / "desk.sql").write_text(script)
    _postgres("psql", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={tmp_path / 'desk.sql'}", database=second)
    with connected_to(second):
        client.follow()
        assert client.cursors[: len(cursors)] == cursors and len(client.cursors) == len(cursors) + 2
        assert client.articles == held("desk") and client.labels == held_labels("desk")
        add_label(user=root, corpus=corpus, name="AFTERWARDS")
        client.follow()
        assert client.labels == held_labels("desk")
        # What was read after the dump was made is not this history: its reader has to begin anew.
        refusal(Rest(root).get("changes/", after=late.cursor), 410, "after")


def _postgres_script(dump: str) -> str:
    """The dump as SQL, without the one setting that servers before 17 do not know."""
    command = [binary("pg_restore"), "--no-owner", "--no-privileges", "--file=-", dump]
    script = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return script.replace("SET transaction_timeout = 0;\n", "")
