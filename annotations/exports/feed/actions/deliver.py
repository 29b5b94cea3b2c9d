"""Send a webhook what it has not got yet: in order, again and again with longer pauses, each request logged."""

import json
from datetime import datetime, timedelta

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from annotations.exports.feed.actions.number import number_events
from annotations.exports.feed.models import Delivery, Webhook
from annotations.exports.feed.post import Answer, post
from annotations.exports.feed.queries import FeedPage, read_behind

EVENTS = 100
# Requests in one go: what is left waits for the next, so that no address holds the queue.
REQUESTS = 50
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
# About four days of failures; then it is switched off.
GIVES_UP_AFTER = 100
LOGGED = 200


def deliver_due(*, corpus_id: int | None = None) -> int:
    """Send to every webhook whose pause is over, of one corpus or of all; returns how many events arrived."""
    number_events(batches=1000)
    # Who listened to a corpus that is withdrawn or erased now is told of that; nothing else happens in it.
    due = Webhook.objects.filter(Q(next_at=None) | Q(next_at__lte=timezone.now()), active=True)
    due = due.select_related("corpus").order_by("id")
    return sum(_deliver(hook) for hook in (due.filter(corpus=corpus_id) if corpus_id is not None else due))


def _deliver(webhook: Webhook) -> int:
    """Under a lock of its own, since a second sender would break the order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('webhook'), %s)", [webhook.pk % 2**31])
        if not cursor.fetchone()[0]:
            return 0
        try:
            webhook.refresh_from_db(fields=["position", "failures"])
            return _send_pages(webhook)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('webhook'), %s)", [webhook.pk % 2**31])


def _send_pages(webhook: Webhook) -> int:
    arrived = 0
    for _ in range(REQUESTS):
        page, last = read_behind(corpus=webhook.corpus, position=webhook.position, size=EVENTS)
        if not page.events:
            break
        answer = post(webhook.url, _body(webhook, page), webhook.secret)
        _log(webhook, page, answer)
        if not answer.taken:
            _pause(webhook)
            break
        arrived += len(page.events)
        webhook.position, webhook.failures, webhook.next_at = last, 0, None
        _keep(webhook)
    return arrived


def _body(webhook: Webhook, page: FeedPage) -> bytes:
    body = {"webhook": webhook.pk, "corpus": webhook.corpus.slug, "results": page.events, "cursor": page.cursor}
    return json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False).encode()


def _pause(webhook: Webhook) -> None:
    webhook.failures += 1
    webhook.next_at = pause_until(timezone.now(), webhook.failures)
    if webhook.failures >= GIVES_UP_AFTER:
        webhook.active = False
    _keep(webhook)


def pause_until(now: datetime, failures: int) -> datetime:
    """Half a minute, doubled with each failure, up to an hour."""
    return now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 20))


def _keep(webhook: Webhook) -> None:
    # Whether it is active is a manager's to say meanwhile, except where this gives up.
    columns = {"position": webhook.position, "failures": webhook.failures, "next_at": webhook.next_at}
    if not webhook.active:
        columns["active"] = False
    Webhook.objects.filter(pk=webhook.pk).update(**columns)


def _log(webhook: Webhook, page: FeedPage, answer: Answer) -> None:
    delivery = Delivery.objects.create(
        webhook=webhook,
        events=len(page.events),
        attempt=webhook.failures + 1,
        status=answer.status,
        error=answer.error[:300],
        milliseconds=answer.milliseconds,
    )
    kept = Delivery.objects.filter(webhook=webhook, pk__lte=delivery.pk).order_by("-pk").values_list("pk", flat=True)
    if oldest := kept[LOGGED : LOGGED + 1].first():
        Delivery.objects.filter(webhook=webhook, pk__lte=oldest).delete()
