"""PostgreSQL's COPY, with Django's own errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection

if TYPE_CHECKING:
    from psycopg import Copy


@contextmanager
def copying(statement: str) -> Iterator["Copy"]:
    """Write the rows of `COPY … FROM STDIN` in the block, or read those of `… TO STDOUT`, over the thread's connection.

    Django wraps the errors of `execute`, but not those of psycopg's `copy`. Without this, whoever asks for Django's
    `OperationalError` would take a lost connection for a fault of the rows.
    """
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        yield copy
