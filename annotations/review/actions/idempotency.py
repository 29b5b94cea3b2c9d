"""A client's key makes a stroke once, however often and however concurrently it is sent."""

import hashlib
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from annotations.review.actions.stroke import Stroke, with_names
from annotations.review.models import Decision, Span
from corpusapp.refusals import Conflict, Invalid
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

KEY_LENGTH = 100


def digest(*parts: Any) -> bytes:
    """SHA-256 by which a repeated key is known to carry the same request."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def once(user: "User", client_key: str | None, request: bytes, act: Callable[[], Stroke]) -> Stroke:
    """Run `act` in a transaction, or return the stroke that this key made before.

    Refuses a key that made another request (`Conflict`).
    """
    with transaction.atomic():
        if client_key is None:
            return act()
        check_key(client_key)
        _hold(user, client_key)
        decision = Decision.objects.filter(user=user, client_key=client_key).first()
        return _earlier(decision, request) if decision else act()


def check_key(client_key: str) -> None:
    """Refuse a key that cannot be kept."""
    reason = fault(client_key)
    if reason or not 0 < len(client_key) <= KEY_LENGTH:
        reason = reason or f"has {len(client_key)} characters: use 1 to {KEY_LENGTH}"
        raise Invalid(f"the idempotency key {reason}", field="idempotency_key")


def _hold(user: "User", client_key: str) -> None:
    """A second request with this key waits here until the first has ended."""
    number = int.from_bytes(digest("key", user.pk, client_key)[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def _earlier(decision: Decision, request: bytes) -> Stroke:
    if bytes(decision.request_sha256 or b"") != request:
        raise Conflict(
            f"the idempotency key {decision.client_key!r} was used for another request: use a new key for each stroke",
            field="idempotency_key",
        )
    spans = [Span(pk=pk) for pk in decision.changes.filter(implicit=False).values_list("span_id", flat=True)]
    return Stroke(decision, with_names(spans), decision.left_out, repeated=True)
