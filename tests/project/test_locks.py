"""Advisory locks exclude other sessions until their block or transaction ends."""

import pytest
from django.db import connection, transaction

from corpusapp.core.locks import Lock, acquire, held, lock, release, tried, unheld

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER = 2**31 + 5


@pytest.fixture
def another():
    """A cursor of another session."""
    own = connection.copy()
    with own.cursor() as cursor:
        yield cursor
    own.close()


def is_free(cursor, name, key):
    """Whether this session can take the lock. It is released again."""
    second = "hashtext(%s)" if isinstance(key, str) else "%s"
    cursor.execute(f"SELECT pg_try_advisory_lock(hashtext(%s), {second})", [name, key])
    taken = cursor.fetchone()[0]
    if taken:
        cursor.execute("SELECT pg_advisory_unlock_all()")
    return taken


@pytest.mark.parametrize("key", [5, "a sha256"])
def test_a_lock_is_held_within_its_block(another, key):
    with held(Lock.EXPORT, key):
        assert not is_free(another, Lock.EXPORT, key)
        assert is_free(another, Lock.RELEASE, key)
    assert is_free(another, Lock.EXPORT, key)


def test_a_lock_is_held_until_its_transaction_ends(another):
    with transaction.atomic():
        lock(Lock.IMPORT, 5)
        assert not is_free(another, Lock.IMPORT, 5)
    assert is_free(another, Lock.IMPORT, 5)


def test_a_lock_of_another_session_is_not_acquired(another):
    another.execute("SELECT pg_advisory_lock(hashtext('webhook'), 5)")
    with tried(Lock.WEBHOOK, 5) as acquired:
        assert not acquired
    assert unheld(Lock.WEBHOOK, [4, 5]) == [4]
    another.execute("SELECT pg_advisory_unlock_all()")
    with tried(Lock.WEBHOOK, 5) as acquired:
        assert acquired
    assert unheld(Lock.WEBHOOK, [4, 5]) == [4, 5]


def test_large_ids_are_locked_and_found():
    assert acquire(Lock.UPLOAD, NUMBER) and unheld(Lock.UPLOAD, [NUMBER, 6]) == [6]
    release(Lock.UPLOAD, NUMBER)
    assert unheld(Lock.UPLOAD, [NUMBER]) == [NUMBER] and unheld(Lock.UPLOAD, []) == []
