"""What a command says instead of a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management.base import CommandError
from django.db import DatabaseError

from corpusapp.core import disk, jobs
from corpusapp.core.errors import Refusal


@contextmanager
def command_errors(again: str) -> Iterator[None]:
    """Raise refusals, a full disk and a lost database as `CommandError`; `again` says what a second start does."""
    try:
        yield
    except CommandError:
        # It says already what to do, such as one of the embedded server, which is an error of the database too.
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
