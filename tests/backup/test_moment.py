"""A backup reads one snapshot while migrations change tables, and they do not deadlock."""

import threading

import psycopg
import pytest
from django.db import connection

from corpusapp.backup import snapshot
from corpusapp.backup.snapshot import content_now
from corpusapp.core.errors import Conflict
from tests.backup.test_backup import backup
from tests.processes import database_url, wait_until

CHANGE = "LOCK TABLE review_label IN ACCESS EXCLUSIVE MODE"


@pytest.fixture
def other(desk):
    """Another connection, such as a migration's."""
    with psycopg.connect(database_url()) as found:
        yield found
        found.rollback()


def test_no_table_is_rewritten_during_a_snapshot(other):
    """In an older snapshot, a rewritten table is empty."""
    other.execute("SET lock_timeout = '300ms'")
    with snapshot.exported_snapshot(), pytest.raises(psycopg.errors.LockNotAvailable):
        other.execute("ALTER TABLE review_label ALTER COLUMN name TYPE text")


def test_a_locked_table_is_waited_for_with_a_limit(other, monkeypatch):
    monkeypatch.setattr(snapshot, "LOCK_SECONDS", 1)
    other.execute(CHANGE)
    with pytest.raises(Conflict, match="the tables are being changed"):
        content_now()
    ending = threading.Timer(0.4, other.rollback)
    ending.start()
    assert content_now()
    ending.join()


def test_a_backup_and_a_migration_do_not_deadlock(other, tmp_path, monkeypatch):
    monkeypatch.setattr(snapshot, "JOIN_SECONDS", 1)
    link, changing = snapshot.link_named_files, threading.Thread(target=other.execute, args=[CHANGE])

    def link_meanwhile(staging):
        # The migration waits for the snapshot's transaction, and later locks wait behind the migration.
        changing.start()
        wait_until(is_waited_for)
        return link(staging)

    monkeypatch.setattr(snapshot, "link_named_files", link_meanwhile)
    with pytest.raises(Exception, match="lock timeout"):
        backup(tmp_path / "one.tar")
    changing.join(30)
    assert not changing.is_alive()
    assert list(tmp_path.glob("*one.tar*")) == []


def is_waited_for():
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))")
        return bool(cursor.rowcount)
