"""What a backup contains: files that rows name, and secret columns. Apps register theirs in `AppConfig.ready`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from corpusapp.core.locks import Lock, lock, separate_transaction

# Tables that the hash of the content leaves out: sessions, jobs, caches, and what Django derives from the code.
NOT_HASHED = (
    "django_session", "django_migrations", "django_content_type", "auth_permission", "accounts_ratecount",
    "accounts_keyedrequest", "review_presence",
)  # fmt: skip
NOT_HASHED_PREFIXES = ("procrastinate_",)
# Tables whose rows are not even in the backup.
WITHOUT_ROWS = ("django_session", "accounts_ratecount", "review_presence")


@dataclass(frozen=True)
class Files:
    """The files of one folder of the home that rows name. They are restored with `mode`.

    `named` is an SQL query of (path within the folder, whether it must exist); a path is a file, or a folder with all
    that is in it. It uses no models and only columns that never change, since a database is also backed up before an
    upgrade. A database without this `column` of `table` names no files.
    """

    folder: str
    table: str
    column: str
    named: str
    mode: int

    def paths(self) -> list[tuple[str, bool]]:
        """(path, whether it must exist), as the current transaction sees the rows."""
        if not has_column(self.table, self.column):
            return []
        with connection.cursor() as cursor:
            cursor.execute(self.named)
            return cursor.fetchall()


@dataclass(frozen=True)
class SecretColumn:
    """A text column that is empty in a backup without secrets.

    `todo` returns what the operator has to do after restoring such a backup; "" for nothing.
    """

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
    """The registered columns that this database has. An older one may lack some."""
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
    """Block the deletion of files within this block, see `content_store.removing`."""
    # The lock is taken before the caller's transaction begins, and released in the middle of it.
    with separate_transaction() as cursor:
        lock(Lock.FILES, cursor=cursor)
        yield
