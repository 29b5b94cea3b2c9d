"""Idempotency keys: a request with a client's key takes effect once, however often and concurrently it is sent."""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import OperationalError, connection, models, transaction
from django.db.models import Q
from django.db.models.functions import Now
from psycopg.errors import LockNotAvailable

from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.locks import Lock, lock
from corpusapp.text.wellformed import fault

KEY_LENGTH = 100
# How long a key is kept at least, and for how many seconds a repeated request waits for the first one to end.
KEPT_DAYS, WAIT_SECONDS = 7, 10
# One of so many new keys deletes the expired ones.
_SWEEP_EVERY = 200
_SWEEP = """
    DELETE FROM accounts_keyedrequest WHERE id IN (
        SELECT id FROM accounts_keyedrequest WHERE created_at < now() - make_interval(days => %s)
        FOR UPDATE SKIP LOCKED
    )
"""


class KeyedRequest(models.Model):
    """A request with an idempotency key, and the ID of what it created. Nothing of its content is stored."""

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
class Created:
    """The ID of what a request created, and the status of its response: 400 and above if it was refused."""

    pk: int
    status: int
    repeated: bool = False


def once(*, user: AbstractUser, key: str, request: Callable[[], bytes], make: Callable[[], Created]) -> Created:
    """Run `make`, and store the key with its result in the same transaction. A repeated key gets the stored result.

    `request` returns the digest of the request. It is called after `make` has read the request, or in place of `make`.
    The key of a refused request is not stored. Raises `Conflict` for a key of another request, and if the first request
    does not end within `WAIT_SECONDS`.
    """
    check_key(key)
    with transaction.atomic():
        _hold_soon(user, key)
        if earlier := KeyedRequest.objects.filter(user_id=user.pk, key=key).first():
            if bytes(earlier.request_sha256) != request():
                raise Conflict(
                    f"the idempotency key {key!r} was used for another request: use a new key for each",
                    field="idempotency_key",
                )
            return Created(earlier.made, earlier.status, repeated=True)
        created = make()
        if created.status < 400:
            KeyedRequest.objects.create(
                user_id=user.pk, key=key, request_sha256=request(), made=created.pk, status=created.status
            )
            if random.randrange(_SWEEP_EVERY) == 0:
                transaction.on_commit(sweep)
    return created


def check_key(key: str) -> None:
    """Raise `Invalid` if the key is too long, or cannot be stored."""
    reason = fault(key)
    if reason or not 0 < len(key) <= KEY_LENGTH:
        reason = reason or f"has {len(key)} characters: use 1 to {KEY_LENGTH}"
        raise Invalid(f"the idempotency key {reason}", field="idempotency_key")


def digest(*parts: Any) -> bytes:
    """The SHA-256 of a request, to compare it with others of the same key. `parts` are JSON values."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def hold(user: AbstractUser, key: str) -> None:
    """Lock the key until the transaction ends. A second request with it waits here."""
    lock(Lock.REQUEST_KEY, f"{user.pk} {key}")


def _hold_soon(user: AbstractUser, key: str) -> None:
    """As `hold`, but raises `Conflict` after `WAIT_SECONDS`, since an import may take minutes."""
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
    """Delete expired keys, except those that another process is deleting; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [KEPT_DAYS])
        return cursor.rowcount
