"""Errors of management commands as one line, without a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management.base import CommandError
from django.db import DatabaseError

from corpusapp.core import disk, jobs
from corpusapp.core.errors import Refusal


@contextmanager
def command_errors(again: str) -> Iterator[None]:
    """Raise refusals, a full disk and a lost database as `CommandError`. `again` is the advice after the last."""
    try:
        yield
    except CommandError:
        # The embedded server's errors are also database errors, and say what to do.
        raise
    except Refusal as refusal:
        raise CommandError(refusal.detail) from refusal
    except (OSError, DatabaseError, *jobs.TRY_AGAIN) as error:
        if disk.is_full(error):
            raise CommandError(disk.FULL) from error
        if isinstance(error.__cause__, psycopg.errors.InsufficientPrivilege):
            raise CommandError(
                f"the database does not allow it ({str(error).strip()}): the user of DATABASE_URL must own the tables"
            ) from error
        if isinstance(error, jobs.TRY_AGAIN):
            raise CommandError(f"the database did not answer ({' '.join(str(error).split())}): {again}") from error
        raise
