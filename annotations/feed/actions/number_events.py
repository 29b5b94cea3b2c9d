"""Assigns positions to committed events, which defines the order of the feed."""

from django.db import connection, transaction

from annotations.feed.queries import NUMBER_DIGITS
from corpusapp.core.locks import Lock, lock

BATCH = 5000


def number_events(*, batches: int = 4) -> int:
    """Number waiting events, in at most `batches` batches of 5,000 rows. Returns how many rows got a position.

    A lock for the transaction makes every assigned position visible to the next caller. Only committed rows are
    visible, so that events of an open transaction get later positions. One statement makes a batch visible at once, so
    that no reader sees a position without those before it.
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
        # A separate statement, so that the snapshot of the next one is later than the lock.
        lock(Lock.FEED, cursor=cursor)
        cursor.execute(_NUMBER, [BATCH])
        return cursor.rowcount


# The key of a row that stands for several events ends in zeros, which make room for their numbers.
_NUMBER = f"""
    WITH moved AS (
        DELETE FROM feed_waiting WHERE id IN (SELECT id FROM feed_waiting ORDER BY id LIMIT %s) RETURNING *
    )
    INSERT INTO feed_event (position, key, kind, corpus_id, article_id, change_id, decision_id, events, user_id, at,
                            data)
    SELECT last.position + sum(events) OVER (ORDER BY moved.id),
           CASE events WHEN 1 THEN gen_random_uuid()
               ELSE (left(gen_random_uuid()::text, -{NUMBER_DIGITS}) || '{"0" * NUMBER_DIGITS}')::uuid END,
           kind, corpus_id, article_id, change_id, decision_id, events, user_id, at, data
    FROM moved CROSS JOIN (SELECT coalesce(max(position), 0) AS position FROM feed_event) last
    ORDER BY moved.id
"""
