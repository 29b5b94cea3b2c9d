"""Files of releases come and go under a lock: equal releases share one, and it stays as long as one of them does."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from annotations.releases import store
from annotations.releases.models import Release


@contextmanager
def holding(sha256: str) -> Iterator[None]:
    """Between a file's coming to its place and its release's naming it, nobody deletes it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('release file'), hashtext(%s))", [sha256])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('release file'), hashtext(%s))", [sha256])


def discard_unless_named(sha256: str) -> None:
    """Delete a file, unless a release of this database names it; a home may serve another one, whose are not known."""
    with holding(sha256):
        if not Release.objects.filter(sha256=sha256).exists():
            store.discard(sha256)
