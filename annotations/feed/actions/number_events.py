"""Give positions to what was committed. The one place where the order of the feed is made."""

from django.db import connection, transaction

from corpusapp.core.locks import Lock, lock

BATCH = 5000


def number_events(*, batches: int = 4) -> int:
    """Number what waits, at most so many batches of 5,000; returns how many events got a position.

    Under one lock, which goes with its transaction: whoever takes it next sees every position that was given. Only
    committed rows are seen, so a transaction that is still open gets its positions later, behind all given ones; and
    one statement makes a batch visible at once, so that no reader sees a position without those before it.
    """
    numbered = 0
    for _ in range(batches):
        moved = _number_batch() if _anything_waits() else 0
        numbered += moved
        if moved < BATCH:
            break
    return numbered


def _anything_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM feed_waiting)")
        return cursor.fetchone()[0]


@transaction.atomic
def _number_batch() -> int:
    with connection.cursor() as cursor:
        # A statement of its own: the next one's snapshot is then younger than the lock.
        lock(Lock.FEED, cursor=cursor)
        cursor.execute(_NUMBER, [BATCH])
        return cursor.rowcount


_NUMBER = """
    WITH moved AS (
        DELETE FROM feed_waiting WHERE id IN (SELECT id FROM feed_waiting ORDER BY id LIMIT %s) RETURNING *
    )
    INSERT INTO feed_event (position, key, kind, corpus_id, article_id, change_id, user_id, at, data)
    SELECT last.position + row_number() OVER (ORDER BY moved.id), gen_random_uuid(), kind, corpus_id, article_id,
           change_id, user_id, at, data
    FROM moved CROSS JOIN (SELECT coalesce(max(position), 0) AS position FROM feed_event) last
    ORDER BY moved.id
"""
