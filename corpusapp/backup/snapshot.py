"""One moment of the desk: its rows in one snapshot, and the files that they name, held by links."""

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
# How long a backup waits for a table that is being changed.
LOCK_SECONDS = 60
# And those who join its moment, for whoever waits to change one: for so long all others wait for that table, too.
JOIN_SECONDS = 5


def content_now(*, secrets_too: bool = False) -> content.Content:
    """The content of this desk: its rows in one snapshot, and the files that they name."""
    with staging_folder() as staging, ExitStack() as stack:
        with registry.nothing_removed():
            stack.enter_context(one_moment())
            link_named_files(staging)
        tables = content.table_digests(secrets=secrets_too)
        return content.Content(tables, {name: content.file_digest(path) for name, path in files_in(staging)})


class Hashing(threading.Thread):
    """Hashes the rows of a snapshot over a connection of its own. `join` raises what went wrong."""

    def __init__(self, snapshot: str, with_secrets: bool) -> None:
        super().__init__(daemon=True)
        self.digests: dict[str, str] = {}
        self._snapshot, self._with_secrets, self._error = snapshot, with_secrets, None
        self.start()

    def run(self) -> None:
        try:
            with _moment_of(self._snapshot):
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
def one_moment() -> Iterator[str]:
    """A transaction that sees one moment; yields its name, by which others join it.

    No table is rewritten within it: to whoever looks at a moment before, a rewritten table is empty.
    """
    with ExitStack() as stack:
        end = time.monotonic() + LOCK_SECONDS
        while not (begun := _begun()):
            if time.monotonic() > end:
                raise Conflict("the tables are being changed, such as by an upgrade: try again when it has ended")
            time.sleep(0.2)
        stack.push(begun)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0]


def _begun() -> ExitStack | None:
    """The transaction, with its locks; None where a table is not to be had. It never waits for one with others in hand,
    which whoever changes it may want next."""
    lock = _lock_of_tables()
    with ExitStack() as stack:
        try:
            stack.enter_context(transaction.atomic())
            cursor = stack.enter_context(connection.cursor())
            _see_one_moment(cursor)
            # The moment begins with the first query, which this is not.
            if lock:
                cursor.execute(f"{lock} NOWAIT")
        except (OperationalError, ProgrammingError) as error:
            if isinstance(error.__cause__, LockNotAvailable | UndefinedTable):
                return None
            raise
        return stack.pop_all()


@contextmanager
def _moment_of(another: str) -> Iterator[None]:
    lock = _lock_of_tables()
    with transaction.atomic(), connection.cursor() as cursor:
        _see_one_moment(cursor)
        cursor.execute("SET TRANSACTION SNAPSHOT %s", [another])
        # Now, and not each table when its turn comes: whoever waits to change one would have this wait behind them,
        # while they wait for the transaction whose moment it is.
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{JOIN_SECONDS}s"])
        if lock:
            cursor.execute(lock)
        yield


def _lock_of_tables() -> str:
    """The statement; empty where there are no tables."""
    with connection.cursor() as cursor:
        cursor.execute(content.TABLES)
        tables = ", ".join(connection.ops.quote_name(name) for (name,) in cursor.fetchall())
    return f"LOCK TABLE {tables} IN ACCESS SHARE MODE" if tables else ""


def _see_one_moment(cursor: Any) -> None:
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    # A large desk takes hours, in which the first of these transactions does nothing.
    cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0")


@contextmanager
def staging_folder() -> Iterator[Path]:
    """A folder of the home for links to files; gone at the end. Those that killed processes left behind go too."""
    home = settings.HOME.folder(_STAGING)
    folder = home / secrets.token_hex(8)
    with ExitStack() as stack:
        # Before it is there: a signal may come at any time.
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        # One that is not locked yet would be taken for one that was left.
        with exclusive(settings.HOME.folder("upkeep") / f"{_STAGING}.lock"):
            _sweep(home)
            (folder / _FILES).mkdir(mode=0o700, parents=True)
            lock = stack.enter_context((folder / "lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / _FILES


def _sweep(home: Path) -> None:
    for left in home.iterdir():
        # Its own process may be at deleting it.
        with suppress(FileNotFoundError), (left / "lock").open("w") as lock, suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left, ignore_errors=True)


def link_named_files(staging: Path) -> list[str]:
    """Link what the running transaction's rows name; returns what is not in the home."""
    missing = []
    for each in registry.files():
        home = settings.HOME.folder(each.folder)
        for name, required in each.paths():
            found = [home / name] if (home / name).is_file() else sorted((home / name).rglob("*"))
            linked = [_link(path, staging / each.folder / path.relative_to(home)) for path in found if path.is_file()]
            missing += [f"{each.folder}/{name}"] if required and not any(linked) else []
    return missing


def _link(path: Path, target: Path) -> bool:
    """Returns whether it was there to be linked."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        os.link(path, target)
    except FileExistsError:
        # Two rows name it, such as two models of the same weights.
        pass
    except FileNotFoundError:
        # Such as the lock of a folder that was completed in this moment.
        return False
    except OSError:
        # Some file systems have no links.
        shutil.copyfile(path, target)
    return True


def files_in(staging: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(staging.rglob("*")):
        if path.is_file():
            yield path.relative_to(staging).as_posix(), path
