"""Advisory locks of PostgreSQL, each by a name and the number or text of what it protects. Nobody else takes any.

Those of a transaction end with it. Those of a session end with their block, or with the process.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from django.db import connection


class Lock(StrEnum):
    """What is locked, and by the number or text of what."""

    EXPORT = "export"  # making one, by its id
    FEED = "feed"  # giving positions to events
    FILES = "files that rows name"  # deleting them
    IMPORT = "import"  # looking for duplicates in a corpus, by its id
    LEARNING = "learning"  # learning from decisions in a corpus, by its id
    RELEASE = "release"  # making one, by its id
    RELEASE_FILE = "release file"  # one that releases may share, by its SHA-256
    REQUEST_KEY = "request key"  # the idempotency key of a user
    TRAINING = "training"  # one, by the id of its model
    UPGRADE = "upgrade"
    UPLOAD = "import_upload"  # reading an import, by its id
    WEBHOOK = "webhook"  # sending to one, by its id


def lock(name: Lock, key: int | str = 0, *, shared: bool = False, cursor: Any = None) -> None:
    """Wait for the lock, and hold it until the transaction ends; the cursor's, where one is given."""
    _execute(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}", name, key, cursor)


def try_lock(name: Lock, key: int | str = 0, *, cursor: Any = None) -> bool:
    """Take the lock until the transaction ends, if nobody has it."""
    return _execute("SELECT pg_try_advisory_xact_lock", name, key, cursor)


@contextmanager
def held(name: Lock, key: int | str) -> Iterator[None]:
    """Wait for the lock, and hold it within the block, whatever transactions come and go."""
    _execute("SELECT pg_advisory_lock", name, key)
    try:
        yield
    finally:
        release(name, key)


@contextmanager
def tried(name: Lock, key: int | str) -> Iterator[bool]:
    """Hold the lock within the block, if nobody has it; yields whether."""
    mine = acquire(name, key)
    try:
        yield mine
    finally:
        if mine:
            release(name, key)


def acquire(name: Lock, key: int | str) -> bool:
    """Take the lock until `release` or the end of the process, if nobody has it."""
    return _execute("SELECT pg_try_advisory_lock", name, key)


def release(name: Lock, key: int | str) -> None:
    _execute("SELECT pg_advisory_unlock", name, key)


def unheld(name: Lock, keys: list[int]) -> list[int]:
    """Those of the numbers whose lock no process holds, as the database's table of locks says."""
    query = """
        SELECT objid FROM pg_locks WHERE locktype = 'advisory' AND classid = hashtext(%s)::bit(32)::bigint
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
    if not keys:
        return []
    with connection.cursor() as cursor:
        cursor.execute(query, [name])
        holding = {row[0] for row in cursor.fetchall()}
    return [key for key in keys if key % 2**31 not in holding]


def _execute(function: str, name: Lock, key: int | str, cursor: Any = None) -> Any:
    second = "hashtext(%s)" if isinstance(key, str) else "%s"
    parameters = [name, key if isinstance(key, str) else key % 2**31]
    if cursor is not None:
        cursor.execute(f"{function}(hashtext(%s), {second})", parameters)
        return cursor.fetchone()[0]
    with connection.cursor() as own:
        return _execute(function, name, key, own)
