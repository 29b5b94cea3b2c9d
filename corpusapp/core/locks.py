"""PostgreSQL's advisory locks, by a name and a key. All advisory locks are taken here.

`lock` and `try_lock` hold a lock until the transaction ends, the others until their block or the process ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from django.db import connection


class Lock(StrEnum):
    """The names of locks. Comments say what the lock protects, and what the key is."""

    EXPORT = "export"  # creating an export; its ID
    FEED = "feed"  # numbering events
    FILES = "files that rows name"  # deleting files
    IMPORT = "import"  # finding duplicates in a corpus; the corpus's ID
    LEARNING = "learning"  # learning from decisions in a corpus; the corpus's ID
    REGISTRY = "registry"  # the entities and links of a corpus; the corpus's ID
    LINKING = "linking"  # linking the articles of a corpus; the corpus's ID
    RELEASE = "release"  # creating a release; its ID
    RELEASE_FILE = "release file"  # a file that releases may share; its SHA-256
    REQUEST_KEY = "request key"  # an idempotency key; the user's ID and the key
    TRAINING = "training"  # a training; the ID of its model
    UPGRADE = "upgrade"
    UPLOAD = "import_upload"  # reading an import; its ID
    WEBHOOK = "webhook"  # sending to a webhook; its ID


def lock(name: Lock, key: int | str = 0, *, shared: bool = False, cursor: Any = None) -> None:
    """Wait for the lock, and hold it until the transaction ends: the current one, or that of `cursor`."""
    _execute(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}", name, key, cursor)


def try_lock(name: Lock, key: int | str = 0, *, cursor: Any = None) -> bool:
    """Take the lock until the transaction ends, if it is free; returns whether it was."""
    return _execute("SELECT pg_try_advisory_xact_lock", name, key, cursor)


@contextmanager
def held(name: Lock, key: int | str) -> Iterator[None]:
    """Wait for the lock, and hold it within the block, across transactions."""
    _execute("SELECT pg_advisory_lock", name, key)
    try:
        yield
    finally:
        release(name, key)


@contextmanager
def tried(name: Lock, key: int | str) -> Iterator[bool]:
    """Hold the lock within the block, if it is free; yields whether it was."""
    acquired = acquire(name, key)
    try:
        yield acquired
    finally:
        if acquired:
            release(name, key)


def acquire(name: Lock, key: int | str) -> bool:
    """Take the lock until `release` or the end of the process, if it is free; returns whether it was."""
    return _execute("SELECT pg_try_advisory_lock", name, key)


def release(name: Lock, key: int | str) -> None:
    _execute("SELECT pg_advisory_unlock", name, key)


def unheld(name: Lock, keys: list[int]) -> list[int]:
    """Those of the keys whose lock is free."""
    query = """
        SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = hashtext(%s)::bit(32)::bigint
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query, [name])
        held_keys = {row[0] for row in cursor.fetchall()}
    return [key for key in keys if key % 2**31 not in held_keys]


@contextmanager
def separate_transaction() -> Iterator[Any]:
    """A cursor in a transaction of its own, for locks that must outlast the thread's transactions.

    The transaction, and with it the locks, ends with the block.
    """
    own = connection.copy()
    try:
        own.set_autocommit(False)
        with own.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            yield cursor
    finally:
        own.close()


def _execute(function: str, name: Lock, key: int | str, cursor: Any = None) -> Any:
    second = "hashtext(%s)" if isinstance(key, str) else "%s"
    parameters = [name, key if isinstance(key, str) else key % 2**31]
    if cursor is not None:
        cursor.execute(f"{function}(hashtext(%s), {second})", parameters)
        return cursor.fetchone()[0]
    with connection.cursor() as own:
        return _execute(function, name, key, own)
