"""Count what somebody does within a while, in the database: all processes count together."""

import random
from dataclasses import dataclass

from django.db import connection

# One new key in so many clears away those whose time is over.
_SWEEPS = 200


@dataclass(frozen=True)
class Rate:
    """How often it was done, of how often it may be, until `seconds` from now."""

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
    """Count once more under this key, in a window that begins with its first count. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": key, "seconds": seconds})
        counted, left = cursor.fetchone()
        if counted == 1 and random.randrange(_SWEEPS) == 0:
            cursor.execute(_SWEEP)
    return Rate(counted, limit, max(1, round(left)))


def look(*, key: str, limit: int) -> Rate:
    """As `count`, without counting."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, {"key": key})
        counted, left = cursor.fetchone() or (0, 1)
    return Rate(counted, limit, max(1, round(left)))


def forget(*, key: str) -> None:
    """Begin anew under this key."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_ratecount WHERE key = %s", [key])


_COUNT = """
    INSERT INTO accounts_ratecount AS standing (key, count, ends_at)
    VALUES (%(key)s, 1, clock_timestamp() + make_interval(secs => %(seconds)s))
    ON CONFLICT (key) DO UPDATE SET
        count = CASE WHEN standing.ends_at <= clock_timestamp() THEN 1 ELSE standing.count + 1 END,
        ends_at = CASE WHEN standing.ends_at <= clock_timestamp() THEN excluded.ends_at ELSE standing.ends_at END
    RETURNING count, extract(epoch FROM ends_at - clock_timestamp())::float
"""
_LOOK = """
    SELECT count, extract(epoch FROM ends_at - clock_timestamp())::float FROM accounts_ratecount
    WHERE key = %(key)s AND ends_at > clock_timestamp()
"""
_SWEEP = "DELETE FROM accounts_ratecount WHERE ends_at < now() - interval '1 hour'"
