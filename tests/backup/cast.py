"""A corpus with all kinds of data, and an empty home and database to restore into."""

import io
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings as django_settings
from django.db import connection

from annotations.feed.actions.webhooks import create_webhook
from annotations.review.models import Span
from corpusapp.articles.actions.uploads import receive_upload
from corpusapp.core.home import Home
from tests import factories
from tests.exports import cast as exports
from tests.releases import cast as releases


def execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def connected_to(name: str):
    """Connect to another database of the server within the block."""
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = own


@contextmanager
def in_schema(name: str):
    """Use this schema within the block."""
    own = connection.settings_dict["OPTIONS"]
    path = 'search_path="{}"'.format(name.replace(" ", r"\ "))
    connection.settings_dict["OPTIONS"] = {**own, "options": f"-c {path}"}
    try:
        yield
    finally:
        connection.settings_dict["OPTIONS"] = own


def make_desk():
    """Create decided spans, an export, a release, a waiting upload and a webhook."""
    corpus = exports.make_desk()
    root = factories.make_superuser()
    exports.made(corpus, "jsonl")
    releases.make(corpus)
    create_webhook(user=root, corpus=corpus, url="http://1.1.1.1/hook")
    lines = [("a.jsonl", io.BytesIO(b'{"text": "A text that waits."}'))]
    receive_upload(user=root, corpus=corpus, files=lines, origin="form", suggest=False)
    assert Span.objects.count() > 3
    return corpus


class Target:
    """An empty database and an empty home."""

    def __init__(self, database: str, home: Path) -> None:
        self.database, self.home = database, Home(home)

    @contextmanager
    def entered(self):
        """Use this database and home within the block."""
        # Settings that a test changes within the block are put over these, and taken away after it.
        own, holder = django_settings.HOME, django_settings._wrapped
        with connected_to(self.database):
            django_settings.HOME = self.home
            try:
                yield self
            finally:
                holder.HOME = django_settings.HOME = own


@contextmanager
def empty_target(home: Path, name: str = "target", options: str = ""):
    """A target, whose database is dropped at the end."""
    name = f"{connection.settings_dict['NAME']}_{name}"
    execute(f'DROP DATABASE IF EXISTS "{name}"')
    execute(f'CREATE DATABASE "{name}" TEMPLATE template0 {options}')
    yield Target(name, home)
    execute(f'DROP DATABASE "{name}" WITH (FORCE)')
