"""What a backup holds beside the database: the files that its rows name. Apps register theirs in `AppConfig.ready`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection

from corpusapp.core.locks import Lock, lock

# Rows that are no part of the content: who is signed in, the queue, caches, and what Django makes of the code itself.
LEFT_OUT = (
    "django_session", "django_migrations", "django_content_type", "auth_permission", "accounts_ratecount",
    "accounts_keyedrequest", "review_presence",
)  # fmt: skip
LEFT_OUT_PREFIXES = ("procrastinate_",)
# Of these, the backup does not even hold the rows.
NEVER_KEPT = ("django_session", "accounts_ratecount", "review_presence")


@dataclass(frozen=True)
class Files:
    """The files of one folder of the home, each with `mode`. `named` is a query of what rows name: paths within the
    folder, of files or of folders with all that is in them, and whether they have to be there.

    SQL over columns that stay, and no models: a database is saved before it is upgraded, too. One that does not have
    `table` with `column` yet is older than these files, and names none.
    """

    folder: str
    table: str
    column: str
    named: str
    mode: int

    def paths(self) -> list[tuple[str, bool]]:
        """(path, whether it has to be there), as the running transaction sees the rows."""
        if not has_column(self.table, self.column):
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.named)
            return cursor.fetchall()


@dataclass(frozen=True)
class SecretColumn:
    """A column that is left empty in a backup without secrets. After such a backup was restored, `todo` says what its
    operator has to do; empty for nothing."""

    table: str
    column: str
    todo: Callable[[], str]


_files: dict[str, Files] = {}
_secrets: dict[str, SecretColumn] = {}


def register_files(folder: str, table: str, column: str, named: str, mode: int = 0o600) -> None:
    _files[folder] = Files(folder, table, column, named, mode)


def register_secret(column: SecretColumn) -> None:
    _secrets[column.table] = column


def files() -> list[Files]:
    return list(_files.values())


def secrets() -> list[SecretColumn]:
    """Those that the database has: an older one may not have them yet."""
    return [each for each in _secrets.values() if has_column(each.table, each.column)]


def has_column(table: str, column: str) -> bool:
    query = """
        SELECT EXISTS (
            SELECT FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = %s AND NOT attisdropped
        )
    """
    with connection.cursor() as cursor:
        cursor.execute(query, [connection.ops.quote_name(table), column])
        return cursor.fetchone()[0]


@contextmanager
def nothing_removed() -> Iterator[None]:
    """No file that a row names, or named a moment ago, is deleted within the block: see `content_store.removing`."""
    # Beside it: the lock comes before the caller's transaction, and goes in the middle of it.
    with beside() as cursor:
        lock(Lock.FILES, cursor=cursor)
        yield


@contextmanager
def beside() -> Iterator[Any]:
    """A cursor of another transaction than the thread's, for locks: it ends with the block, and they go with it."""
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield cursor
    finally:
        own.close()
