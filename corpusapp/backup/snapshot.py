"""A consistent view of all data: the rows in one snapshot, and hard links to the files that they name."""

import fcntl
import os
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import OperationalError, ProgrammingError, connection, connections, transaction
from psycopg.errors import LockNotAvailable, UndefinedTable

from corpusapp.backup import content, registry
from corpusapp.core.errors import Conflict
from corpusapp.embedded.locks import exclusive

_STAGING, _FILES = "backup-staging", "files"
# How long a backup waits for tables that are being changed.
LOCK_SECONDS = 60
# How long pg_dump and `Hashing`, which join its snapshot, wait. Everybody else who uses the table waits as long.
JOIN_SECONDS = 5


def content_now(*, secrets_too: bool = False) -> content.Content:
    """The hashes of all rows in one snapshot, and of the files that they name."""
    with staging_folder() as staging, ExitStack() as stack:
        with registry.nothing_removed():
            stack.enter_context(exported_snapshot())
            link_named_files(staging)
        tables = content.table_digests(secrets=secrets_too)
        return content.Content(tables, {name: content.file_digest(path) for name, path in files_in(staging)})


class Hashing(threading.Thread):
    """Hashes the rows of a snapshot in a thread with its own connection. `join` raises the thread's error."""

    def __init__(self, snapshot: str, with_secrets: bool) -> None:
        super().__init__(daemon=True)
        self.digests: dict[str, str] = {}
        self._snapshot, self._with_secrets = snapshot, with_secrets
        self._error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            with _joined_snapshot(self._snapshot):
                self.digests = content.table_digests(secrets=self._with_secrets)
        except BaseException as error:
            self._error = error
        finally:
            connections.close_all()

    def join(self, timeout: float | None = None) -> None:
        super().join(timeout)
        if self._error is not None:
            raise self._error


@contextmanager
def exported_snapshot() -> Iterator[str]:
    """A transaction with one snapshot; yields the snapshot's name, by which other connections join it.

    All tables are locked against rewriting: in an older snapshot, a rewritten table is empty.
    """
    with ExitStack() as stack:
        end = time.monotonic() + LOCK_SECONDS
        while not (locked := _locked_transaction()):
            if time.monotonic() > end:
                raise Conflict("the tables are being changed, such as by an upgrade: try again when it has ended")
            time.sleep(0.2)
        stack.push(locked)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0]


def _locked_transaction() -> ExitStack | None:
    """A transaction with locks on all tables; None if one is not free.

    It does not wait while it holds locks: a migration that has the table may need the others next.
    """
    lock = _lock_statement()
    with ExitStack() as stack:
        try:
            stack.enter_context(transaction.atomic())
            cursor = stack.enter_context(connection.cursor())
            _use_one_snapshot(cursor)
            # The snapshot is taken by the first query, and LOCK is none.
            if lock:
                cursor.execute(f"{lock} NOWAIT")
        except (OperationalError, ProgrammingError) as error:
            if isinstance(error.__cause__, LockNotAvailable | UndefinedTable):
                return None
            raise
        return stack.pop_all()


@contextmanager
def _joined_snapshot(name: str) -> Iterator[None]:
    lock = _lock_statement()
    with transaction.atomic(), connection.cursor() as cursor:
        _use_one_snapshot(cursor)
        cursor.execute("SET TRANSACTION SNAPSHOT %s", [name])
        # Lock all tables now. Later, this could wait behind a migration that itself waits for the first transaction.
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{JOIN_SECONDS}s"])
        if lock:
            cursor.execute(lock)
        yield


def _lock_statement() -> str:
    """The statement that locks all tables; "" if there are none."""
    with connection.cursor() as cursor:
        cursor.execute(content.TABLES)
        tables = ", ".join(connection.ops.quote_name(name) for (name,) in cursor.fetchall())
    return f"LOCK TABLE {tables} IN ACCESS SHARE MODE" if tables else ""


def _use_one_snapshot(cursor: Any) -> None:
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    # A large backup takes hours, in which the first transaction is idle.
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")


@contextmanager
def staging_folder() -> Iterator[Path]:
    """A folder of the home for links to files, deleted at the end, as are those of killed processes."""
    home = settings.HOME.folder(_STAGING)
    folder = home / secrets.token_hex(8)
    with ExitStack() as stack:
        # Before the folder exists, since a signal may come at any time.
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        # Another process would delete a folder that is not locked yet.
        with exclusive(settings.HOME.folder("upkeep") / f"{_STAGING}.lock"):
            _sweep(home)
            (folder / _FILES).mkdir(mode=0o700, parents=True)
            lock = stack.enter_context((folder / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / _FILES


def _sweep(home: Path) -> None:
    for folder in home.iterdir():
        # Its own process may be deleting it.
        with suppress(FileNotFoundError), (folder / "lock").open("w") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def link_named_files(staging: Path) -> list[str]:
    """Link the files that rows name, as the current transaction sees them; returns those missing in the home."""
    missing = []
    for each in registry.files():
        home = settings.HOME.folder(each.folder)
        for name, required in each.paths():
            found = [home / name] if (home / name).is_file() else sorted((home / name).rglob("*"))
            linked = [_link(path, staging / each.folder / path.relative_to(home)) for path in found if path.is_file()]
            missing += [f"{each.folder}/{name}"] if required and not any(linked) else []
    return missing


def _link(path: Path, target: Path) -> bool:
    """Link a file; returns whether it exists."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(path, target)
    except FileExistsError:
        # Two rows name the file, such as two models with the same weights.
        pass
    except FileNotFoundError:
        # Such as the lock file of a folder that was completed meanwhile.
        return False
    except OSError:
        # Some file systems do not support links.
        shutil.copyfile(path, target)
    return True


def files_in(staging: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(staging.rglob("*")):
        if path.is_file():
            yield path.relative_to(staging).as_posix(), path
