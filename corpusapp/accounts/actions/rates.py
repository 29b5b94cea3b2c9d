"""Rate limits: counters with a time window, in the database, so that all processes share them."""

import random
from dataclasses import dataclass

from django.db import connection

# One of so many new keys deletes the expired ones.
_SWEEP_EVERY = 200


@dataclass(frozen=True)
class Rate:
    """A count and its limit, in a window that ends in `seconds`."""

    count: int
    limit: int
    seconds: int

    @property
    def left(self) -> int:
        return max(0, self.limit - self.count)

    @property
    def exceeded(self) -> bool:
        return self.count > self.limit


def count(*, key: str, limit: int, seconds: int) -> Rate:
    """Add one to the counter of this key. Its window starts with the first count."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "seconds": seconds})
        counted, left = cursor.fetchone()
    return rate_of(counted, left, limit)


def rate_of(counted: int, left: float, limit: int) -> Rate:
    """The rate of a counter that was just counted, with the seconds left of its window."""
    if counted == 1 and random.randrange(_SWEEP_EVERY) == 0:
        with connection.cursor() as cursor:
            cursor.execute(_SWEEP)
    return Rate(counted, limit, max(1, round(left)))


def counting(keys: str) -> str:
    """A statement that adds one to the counters of `keys`, a query with a column `key`, for windows of `%(seconds)s`.

    It returns each count, and the seconds left of its window: `rate_of` takes both.
    """
    return f"""
        INSERT INTO accounts_ratecount AS known (key, count, ends_at)
        SELECT key, 1, clock_timestamp() + make_interval(secs => %(seconds)s) FROM ({keys}) counted
        ON CONFLICT (key) DO UPDATE SET
            count = CASE WHEN known.ends_at <= clock_timestamp() THEN 1 ELSE known.count + 1 END,
            ends_at = CASE WHEN known.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE known.ends_at END
        RETURNING count, extract(epoch FROM ends_at - clock_timestamp())::float AS left
    """


def peek(*, key: str, limit: int) -> Rate:
    """The counter of this key, unchanged."""
    with connection.cursor() as cursor:
        cursor.execute(_PEEK, {"key": key})
        counted, left = cursor.fetchone() or (0, 1)
    return Rate(counted, limit, max(1, round(left)))


def reset(*, key: str) -> None:
    """Set the counter of this key to 0."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_ratecount WHERE key = %s", [key])


_COUNT = counting("SELECT %(key)s::text AS key")
_PEEK = """
    SELECT count, extract(epoch FROM ends_at - clock_timestamp())::float FROM accounts_ratecount
    WHERE key = %(key)s AND ends_at > clock_timestamp()
"""
_SWEEP = "DELETE FROM accounts_ratecount WHERE ends_at < now() - interval '1 hour'"
