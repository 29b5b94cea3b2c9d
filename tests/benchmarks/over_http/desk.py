"""A desk of the benchmark's own, as `make run` starts it: web server, worker and clerk, with rate limits on."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.economy.desk import CORPUS, running_desk

SETTINGS = "tests.benchmarks.over_http.settings"
LABELS = ("PERSON", "GPE", "ORG", "EVENT")
# As good as none, but counted in the database for every request.
REQUESTS_PER_MINUTE = 10_000_000
_FIRST_IDS = {
    "articles_article": 1_000_000, "review_span": 20_000_000, "review_decision": 3_000_000_000,
    "review_change": 400_000_000_000,
}  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """Where the desk is, and the token of a superuser. Its database is Django's in this process."""

    url: str
    token: str
    corpus: str = CORPUS


@contextlib.contextmanager
def measured_desk() -> Iterator[Desk]:
    """Django is set up for it within."""
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    os.environ["REQUESTS_PER_MINUTE"] = str(REQUESTS_PER_MINUTE)
    with running_desk(LABELS, nesting=True) as client:
        import django

        django.setup()
        from django.db import connections

        try:
            _begin_ids_high()
            yield Desk(client.url, client.token)
        finally:
            connections.close_all()


def _begin_ids_high() -> None:
    """So that the bare view tells an id from any other number; see there."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table, first in _FIRST_IDS.items():
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, first])
