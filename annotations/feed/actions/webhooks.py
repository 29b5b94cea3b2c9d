"""Create, switch and delete webhooks, for managers, and queue their deliveries."""

import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.db.models import Max

from annotations.feed.actions.number_events import number_events
from annotations.feed.models import MAX_URL, Event, Webhook
from annotations.feed.webhook_client import address_fault, url_fault
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core import jobs
from corpusapp.core.errors import AddressRefused, Conflict, Invalid
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

DELIVER = "deliver_webhooks"
QUEUE = "webhooks"
MOST = 20


def create_webhook(*, user: "User", corpus: Corpus, url: str) -> Webhook:
    """Send the events of the corpus to this URL from now on, signed with the `secret` of the webhook.

    Refuses an address that is not public, unless a setting allows it. It is checked again each time it is sent to.
    """
    require(user, corpus, Role.MANAGER)
    if len(url) > MAX_URL:
        raise Invalid("the URL is longer than 2,000 characters", field="url")
    if reason := url_fault(url):
        raise Invalid(f"cannot send to this URL: {reason}", field="url")
    # Before the transaction, since looking up a name may take seconds.
    if reason := address_fault(url):
        raise AddressRefused(f"cannot send to {urlsplit(url).hostname}: {reason}", field="url")
    return _create(user, corpus, url)


@transaction.atomic
def _create(user: "User", corpus: Corpus, url: str) -> Webhook:
    if Webhook.objects.filter(corpus=corpus).count() >= MOST:
        raise Conflict(f"the corpus has {MOST} webhooks: delete one first", field="corpus")
    number_events()
    last = Event.objects.filter(corpus=corpus).aggregate(last=Max("position"))["last"] or 0
    secret = secrets.token_urlsafe(32)
    return Webhook.objects.create(corpus=corpus, url=url, user=user, secret=secret, position=last)


@transaction.atomic
def switch_webhook(*, user: "User", webhook: Webhook, active: bool) -> Webhook:
    """Stop sending, or resume where it stopped."""
    require(user, webhook.corpus, Role.MANAGER)
    webhook.active, webhook.failures, webhook.next_at = active, 0, None
    webhook.save(update_fields=["active", "failures", "next_at"])
    if active:
        notify_webhooks(corpus_ids=[webhook.corpus_id])
    return webhook


@transaction.atomic
def remove_webhook(*, user: "User", webhook: Webhook) -> None:
    require(user, webhook.corpus, Role.MANAGER)
    webhook.delete()


_WITH_WEBHOOKS = Prepared(
    lambda corpora: (
        Webhook.objects.filter(corpus_id__any_of=corpora, active=True)
        .values_list("corpus_id", flat=True)
        .distinct()
        .order_by("corpus_id")
    ),
    corpora=list,
)


def notify_webhooks(*, corpus_ids: list[int]) -> None:
    """Have the events of this transaction sent after its commit, in corpora with webhooks."""
    for corpus_id in _WITH_WEBHOOKS.all(corpora=corpus_ids):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text")
            # One job per transaction: a waiting job might run before this commit.
            queue_delivery(corpus_id=corpus_id, reason=cursor.fetchone()[0])


def queue_delivery(*, corpus_id: int, reason: str) -> bool:
    """Queue a delivery to the webhooks of a corpus; False if one waits for the same reason.

    Jobs of one corpus run one at a time, so that other corpora are not blocked.
    """
    lock = f"{DELIVER} {corpus_id}"
    return jobs.defer(DELIVER, queue=QUEUE, queueing_lock=f"{lock} {reason}", lock=lock, corpus_id=corpus_id)
