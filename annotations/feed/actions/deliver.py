"""Send a webhook what it has not got yet: in order, again and again with longer pauses, each request logged."""

import json
import time
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from annotations.feed.actions.number_events import number_events
from annotations.feed.actions.webhooks import ask_for_go
from annotations.feed.models import Delivery, Event, Webhook
from annotations.feed.queries import FeedPage, read_behind
from annotations.feed.webhook_client import Answer, post
from corpusapp.core.locks import Lock, tried

EVENTS = 100
# Requests to an address in one go, and seconds after which no more is begun: what is left waits for the next go, so
# that no address holds up the others of its corpus.
REQUESTS, SECONDS = 50, 10
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
# About four days of failures; then it is switched off.
GIVES_UP_AFTER = 100
LOGGED = 200


def wake_due() -> int:
    """Number what nobody has read yet, and ask for a go in each corpus where an address waits for events."""
    number_events(batches=1000)
    left = Event.objects.filter(corpus=OuterRef("corpus"), position__gt=OuterRef("position"))
    corpus_ids = _due().filter(Exists(left)).order_by("corpus").values_list("corpus", flat=True).distinct()
    return sum(ask_for_go(corpus_id=corpus_id, why="due") for corpus_id in corpus_ids)


def work_off_due(*, corpus_id: int) -> None:
    """One go in a corpus; another one where an address took long and is to get more."""
    number_events(batches=1000)
    goes = [_deliver(hook) for hook in _due().filter(corpus=corpus_id)]
    if any(go.cut_short for go in goes):
        ask_for_go(corpus_id=corpus_id, why="left")


def deliver_due(*, corpus_id: int | None = None) -> int:
    """Send to every webhook whose pause is over, of one corpus or of all; returns how many events arrived."""
    number_events(batches=1000)
    # Who listened to a corpus that is withdrawn or erased now is told of that; nothing else happens in it.
    due = _due()
    return sum(_deliver(hook).arrived for hook in (due.filter(corpus=corpus_id) if corpus_id is not None else due))


def _due() -> QuerySet[Webhook]:
    due = Webhook.objects.filter(Q(next_at=None) | Q(next_at__lte=timezone.now()), active=True)
    # One that came from a backup without secrets could sign nothing.
    return due.exclude(secret="").select_related("corpus").order_by("id")


class _Go(NamedTuple):
    """How many events arrived at an address, and whether it is to get more at once."""

    arrived: int = 0
    cut_short: bool = False


def _deliver(webhook: Webhook) -> _Go:
    """Under a lock of its own, since a second sender would break the order."""
    with tried(Lock.WEBHOOK, webhook.pk) as mine:
        if not mine:
            return _Go()
        webhook.refresh_from_db(fields=["position", "failures"])
        return _send_pages(webhook)


def _send_pages(webhook: Webhook) -> _Go:
    arrived, end = 0, time.monotonic() + SECONDS
    for _ in range(REQUESTS):
        page, last = read_behind(corpus=webhook.corpus, position=webhook.position, size=EVENTS)
        if not page.events:
            return _Go(arrived)
        if time.monotonic() > end:
            break
        answer = post(webhook.url, _body(webhook, page), webhook.secret)
        _log(webhook, page, answer)
        if not answer.taken:
            _pause(webhook)
            return _Go(arrived)
        arrived += len(page.events)
        webhook.position, webhook.failures, webhook.next_at = last, 0, None
        _keep(webhook)
    return _Go(arrived, cut_short=True)


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
