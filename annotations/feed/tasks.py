"""Background jobs: number what was committed, and send it to those who listen."""

from annotations.feed.actions.webhooks import DELIVER, QUEUE
from corpusapp.core import jobs


@jobs.task(DELIVER, queue=QUEUE)
def deliver_webhooks(corpus_id: int) -> None:
    """Send a corpus's new events to its webhooks."""
    from annotations.feed.actions.deliver import work_off_due

    work_off_due(corpus_id=corpus_id)


@jobs.every_minute("number_events", queue=QUEUE)
def number_and_deliver(timestamp: int) -> None:
    """Number what nobody has read yet, and have it sent, again where it did not arrive."""
    from annotations.feed.actions.deliver import wake_due

    wake_due()
