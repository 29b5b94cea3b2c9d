"""Delivers events to webhooks in order, retries with growing pauses, and logs each request."""

import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from annotations.feed.actions.number_events import number_events
from annotations.feed.actions.webhooks import queue_delivery
from annotations.feed.models import Delivery, Event, Webhook
from annotations.feed.queries import cursor_at, read_after
from annotations.feed.webhook_client import Answer, post
from corpusapp.accounts.actions.rates import count
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, TooOften
from corpusapp.core.locks import Lock, tried

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

EVENTS = 100
# Limits of one delivery: requests, and seconds after which none is started. The rest waits for the next delivery, so
# that no webhook blocks the others of its corpus.
REQUESTS, SECONDS = 50, 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
# About four days of failures, after which a webhook is switched off.
GIVES_UP_AFTER = 100
LOGGED = 200
PING = "ping"
TEST_SECONDS, TESTS_PER_MINUTE = 5, 10


def queue_due() -> int:
    """Number waiting events, and queue a delivery in each corpus with an undelivered event. Returns how many."""
    number_events(batches=1000)
    undelivered = Event.objects.filter(corpus=OuterRef("corpus"), position__gt=OuterRef("position"))
    corpus_ids = _due().filter(Exists(undelivered)).order_by("corpus").values_list("corpus", flat=True).distinct()
    return sum(queue_delivery(corpus_id=corpus_id, reason="due") for corpus_id in corpus_ids)


def deliver_due(*, corpus_id: int) -> int:
    """Send to every webhook of a corpus that is not pausing. Returns how many events arrived.

    Queues another delivery if one of them is to get more.
    """
    number_events(batches=1000)
    # Withdrawn and erased corpora too, because their webhooks get that event.
    outcomes = [_deliver(webhook) for webhook in _due().filter(corpus=corpus_id)]
    if any(outcome.cut_short for outcome in outcomes):
        queue_delivery(corpus_id=corpus_id, reason="left")
    return sum(outcome.arrived for outcome in outcomes)


def _due() -> QuerySet[Webhook]:
    due = Webhook.objects.filter(Q(next_at=None) | Q(next_at__lte=timezone.now()), active=True)
    # After a restore without secrets, nothing can be signed.
    return due.exclude(secret="").select_related("corpus").order_by("id")


class _Outcome(NamedTuple):
    """How many events arrived at a webhook, and whether there are more to send."""

    arrived: int = 0
    cut_short: bool = False


def _deliver(webhook: Webhook) -> _Outcome:
    """Send under the lock of the webhook, because a second sender would break the order."""
    with tried(Lock.WEBHOOK, webhook.pk) as mine:
        if not mine:
            return _Outcome()
        webhook.refresh_from_db(fields=["position", "failures"])
        return _send_pages(webhook)


def _send_pages(webhook: Webhook) -> _Outcome:
    arrived, end = 0, time.monotonic() + SECONDS
    for _ in range(REQUESTS):
        corpora = {webhook.corpus_id: webhook.corpus.slug}
        page = read_after(corpora=corpora, position=webhook.position, size=EVENTS)
        if not page.events:
            return _Outcome(arrived)
        if time.monotonic() > end:
            break
        answer = post(webhook.url, _body(webhook, page.events, page.cursor), webhook.secret)
        _log(webhook, answer, events=len(page.events), attempt=webhook.failures + 1)
        if not answer.is_success:
            _pause(webhook)
            return _Outcome(arrived)
        arrived += len(page.events)
        webhook.position, webhook.failures, webhook.next_at = page.position, 0, None
        _store(webhook)
    return _Outcome(arrived, cut_short=True)


def send_test(*, user: "User", webhook: Webhook) -> Delivery:
    """Send a signed `ping`, once; returns the delivery. The webhook stays as it is, whatever the response.

    Refuses more than some a minute: each may hold a thread of the web server for seconds.
    """
    require(user, webhook.corpus, Role.MANAGER)
    if not webhook.secret:
        raise Conflict("the webhook has no secret since a restore: delete it and create it again", field="secret")
    rate = count(key=f"webhook test {webhook.pk}", limit=TESTS_PER_MINUTE, seconds=60)
    if rate.exceeded:
        raise TooOften(f"{TESTS_PER_MINUTE} tests of a webhook a minute: try again later", seconds=rate.seconds)
    event = {"type": PING, "corpus": webhook.corpus.slug, "user": user.username, "at": timezone.now()}
    # The cursor of the last delivery: whoever stores it stores nothing new.
    body = _body(webhook, [event], cursor_at(webhook.position))
    return _log(webhook, post(webhook.url, body, webhook.secret, TEST_SECONDS), events=0, attempt=1)


def _body(webhook: Webhook, events: Sequence[dict[str, Any]], cursor: str) -> bytes:
    body = {"webhook": webhook.pk, "corpus": webhook.corpus.slug, "results": events, "cursor": cursor}
    return json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False).encode()


def _pause(webhook: Webhook) -> None:
    webhook.failures += 1
    webhook.next_at = pause_until(timezone.now(), webhook.failures)
    if webhook.failures >= GIVES_UP_AFTER:
        webhook.active = False
    _store(webhook)


def pause_until(now: datetime, failures: int) -> datetime:
    """The end of the pause: half a minute, doubled with each failure, up to an hour."""
    return now + min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(failures - 1, 20))


def _store(webhook: Webhook) -> None:
    # A manager may have switched it meanwhile, so `active` is only written when giving up.
    columns = {"position": webhook.position, "failures": webhook.failures, "next_at": webhook.next_at}
    if not webhook.active:
        columns["active"] = False
    Webhook.objects.filter(pk=webhook.pk).update(**columns)


def _log(webhook: Webhook, answer: Answer, *, events: int, attempt: int) -> Delivery:
    delivery = Delivery.objects.create(
        webhook=webhook,
        events=events,
        attempt=attempt,
        status=answer.status,
        error=answer.error[:300],
        milliseconds=answer.milliseconds,
    )
    kept = Delivery.objects.filter(webhook=webhook, pk__lte=delivery.pk).order_by("-pk").values_list("pk", flat=True)
    if oldest := kept[LOGGED : LOGGED + 1].first():
        Delivery.objects.filter(webhook=webhook, pk__lte=oldest).delete()
    return delivery
