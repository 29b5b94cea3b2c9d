"""A client's key makes a stroke once, however often and however concurrently it is sent."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db import transaction

from annotations.review.actions.stroke import Stroke, with_names
from annotations.review.models import Decision, Span, Verb
from corpusapp.core.errors import Conflict
from corpusapp.core.idempotency import check_key, digest, hold

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

__all__ = ["check_key", "digest", "once"]


def once(user: "User", client_key: str | None, request: bytes, act: Callable[[], Stroke]) -> Stroke:
    """Run `act` in a transaction, or return the stroke that this key made before.

    Refuses a key that made another request (`Conflict`).
    """
    with transaction.atomic():
        if client_key is None:
            return act()
        check_key(client_key)
        hold(user, client_key)
        decision = Decision.objects.filter(user=user, client_key=client_key).first()
        return _earlier(decision, request) if decision else act()


def _earlier(decision: Decision, request: bytes) -> Stroke:
    if bytes(decision.request_sha256 or b"") != request:
        raise Conflict(
            f"the idempotency key {decision.client_key!r} was used for another request: use a new key for each stroke",
            field="idempotency_key",
        )
    changes = decision.changes.order_by("id")
    if decision.verb not in (Verb.UNDO, Verb.REDO):
        changes = changes.filter(implicit=False)
    spans = [Span(pk=pk) for pk in changes.values_list("span_id", flat=True)]
    return Stroke(decision, with_names(spans), decision.left_out, repeated=True)
