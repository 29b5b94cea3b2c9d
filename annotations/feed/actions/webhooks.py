"""Make, switch and remove webhooks: for managers of their corpus."""

import secrets
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.db.models import Max

from annotations.feed.actions.number_events import number_events
from annotations.feed.models import Event, Webhook
from annotations.feed.webhook_client import url_fault
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core import jobs
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

DELIVER = "deliver_webhooks"
QUEUE = "webhooks"
MOST = 20


@transaction.atomic
def create_webhook(*, user: "User", corpus: Corpus, url: str) -> Webhook:
    """Tell this address of what happens in the corpus from now on. Its `secret` signs what is sent."""
    require(user, corpus, Role.MANAGER)
    if len(url) > Webhook._meta.get_field("url").max_length:
        raise Invalid("the URL is longer than 2,000 characters", field="url")
    if reason := url_fault(url):
        raise Invalid(f"cannot send to this URL: {reason}", field="url")
    if Webhook.objects.filter(corpus=corpus).count() >= MOST:
        raise Conflict(f"the corpus has {MOST} webhooks: delete one first", field="corpus")
    number_events()
    last = Event.objects.filter(corpus=corpus).aggregate(last=Max("position"))["last"] or 0
    secret = secrets.token_urlsafe(32)
    return Webhook.objects.create(corpus=corpus, url=url, user=user, secret=secret, position=last)


@transaction.atomic
def switch_webhook(*, user: "User", webhook: Webhook, active: bool) -> Webhook:
    """Stop sending, or go on from where it stopped."""
    require(user, webhook.corpus, Role.MANAGER)
    webhook.active, webhook.failures, webhook.next_at = active, 0, None
    webhook.save(update_fields=["active", "failures", "next_at"])
    if active:
        wake(corpus_ids=[webhook.corpus_id])
    return webhook


@transaction.atomic
def remove_webhook(*, user: "User", webhook: Webhook) -> None:
    require(user, webhook.corpus, Role.MANAGER)
    webhook.delete()


_HEARD = Prepared(
    lambda corpora: (
        Webhook.objects.filter(corpus_id__any_of=corpora, active=True)
        .values_list("corpus_id", flat=True)
        .distinct()
        .order_by("corpus_id")
    ),
    corpora=list,
)


def wake(*, corpus_ids: list[int]) -> None:
    """Have the events of this transaction sent when it is committed, where somebody listens."""
    for corpus_id in _HEARD.all(corpora=corpus_ids):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_xact_id()::text")
            # One job a transaction: one that waits already might be done before this one is committed.
            ask_for_go(corpus_id=corpus_id, why=cursor.fetchone()[0])


def ask_for_go(*, corpus_id: int, why: str) -> bool:
    """Queue a go of a corpus's webhooks, behind those of this corpus alone; False where one waits for the same reason.

    Goes of one corpus follow one another, so that they leave room for those of others.
    """
    locks = {"queueing_lock": f"{DELIVER} {corpus_id} {why}", "lock": f"{DELIVER} {corpus_id}"}
    return jobs.defer(DELIVER, queue=QUEUE, corpus_id=corpus_id, **locks)
