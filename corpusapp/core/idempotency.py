"""A client's key makes what its request asks for once, however often and however concurrently it is sent."""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import OperationalError, connection, models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from psycopg.errors import LockNotAvailable

from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.locks import Lock, lock
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractUser

KEY_LENGTH = 100
# How long a key is remembered at least, and for how many seconds a repeat waits for the first request to end.
KEPT_DAYS, WAIT_SECONDS = 7, 10
# One new key in so many clears away those whose time is over.
_SWEEPS = 200


class KeyedRequest(models.Model):
    """A request that was made under a key of its client, and what it made: an id, so that no word is kept here."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=100, help_text="The client's idempotency key.")
    request_sha256 = models.BinaryField(max_length=32, help_text="SHA-256 of method, URL and body.")
    made = models.BigIntegerField(help_text="ID of the created object; the URL says of which kind.")
    status = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "accounts"
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="request_once_per_key"),
            models.CheckConstraint(condition=Q(status__gte=200, status__lt=300), name="request_kept_where_taken"),
        ]
        indexes = [models.Index(fields=["created_at"], name="request_by_age")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user}"


@dataclass(frozen=True)
class Made:
    """The id of what a request made, and the status by which it is answered: 400 and more for what was refused."""

    pk: int
    status: int
    repeated: bool = False


def once(*, user: "AbstractUser", key: str, request: Callable[[], bytes], make: Callable[[], Made]) -> Made:
    """Run `make` in a transaction that keeps the key with what it made, or tell what this key made before.

    `request` gives the digest of the request; it is asked when the request was read: after `make`, or in its place. A
    request that is refused keeps no key. Refuses (`Conflict`) a key that made another request, and one whose first
    request is not done within some seconds.
    """
    check_key(key)
    with transaction.atomic():
        _hold_soon(user, key)
        if earlier := KeyedRequest.objects.filter(user=user, key=key).first():
            if bytes(earlier.request_sha256) != request():
                raise Conflict(
                    f"the idempotency key {key!r} was used for another request: use a new key for each",
                    field="idempotency_key",
                )
            return Made(earlier.made, earlier.status, repeated=True)
        made = make()
        if made.status < 400:
            KeyedRequest.objects.create(user=user, key=key, request_sha256=request(), made=made.pk, status=made.status)
            if random.randrange(_SWEEPS) == 0:
                transaction.on_commit(sweep)
    return made


def check_key(key: str) -> None:
    """Refuse a key that cannot be kept."""
    reason = fault(key)
    if reason or not 0 < len(key) <= KEY_LENGTH:
        reason = reason or f"has {len(key)} characters: use 1 to {KEY_LENGTH}"
        raise Invalid(f"the idempotency key {reason}", field="idempotency_key")


def digest(*parts: Any) -> bytes:
    """SHA-256 by which a repeated key is known to carry the same request."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def hold(user: "AbstractUser", key: str) -> None:
    """A second request with this key waits here until the first has ended."""
    lock(Lock.REQUEST_KEY, f"{user.pk} {key}")


def _hold_soon(user: "AbstractUser", key: str) -> None:
    """As `hold`; refuses where the first has not ended within some seconds: an import may take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_SECONDS}s"])
        try:
            hold(user, key)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            raise Conflict(
                f"a request with the idempotency key {key!r} is still running: retry when it has ended",
                field="idempotency_key",
            ) from error
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [before])


def sweep() -> int:
    """Forget the keys whose time is over, those that another process forgets at this moment aside; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [KEPT_DAYS])
        return cursor.rowcount


_SWEEP = """
    DELETE FROM accounts_keyedrequest WHERE id IN (
        SELECT id FROM accounts_keyedrequest WHERE created_at < now() - make_interval(days => %s)
        FOR UPDATE SKIP LOCKED
    )
"""
