"""Background jobs of the change feed: number events, and deliver them to webhooks."""

from annotations.feed.actions.webhooks import DELIVER, QUEUE
from corpusapp.core import jobs


@jobs.task(DELIVER, queue=QUEUE)
def deliver_webhooks(corpus_id: int) -> None:
    """Send the new events of a corpus to its webhooks."""
    from annotations.feed.actions.deliver import deliver_due

    deliver_due(corpus_id=corpus_id)


@jobs.every_minute("number_events", queue=QUEUE)
def number_and_deliver(timestamp: int) -> None:
    """Number events that no request has numbered, and queue their delivery and retries."""
    from annotations.feed.actions.deliver import queue_due

    queue_due()
