"""PostgreSQL's COPY over Django's connection."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from psycopg import Copy


@contextmanager
def copying(statement: str) -> Iterator[Copy]:
    """Run a COPY statement: write the rows of `FROM STDIN` in the block, or read those of `TO STDOUT`.

    Raises Django's errors, such as `OperationalError` for a lost connection. Django itself does not wrap the errors of
    psycopg's `copy`.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        yield copy
