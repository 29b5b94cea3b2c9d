"""Start and end imports: queue the job, claim a batch, cancel, end imports whose process is gone."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from corpusapp.articles.models import ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.articles.ports import subscribers
from corpusapp.core import jobs, locks
from corpusapp.core.errors import Conflict
from corpusapp.core.job_states import UNENDED, JobState
from corpusapp.core.locks import Lock

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from corpusapp.accounts.models import User


IMPORT_UPLOAD = "import_upload"
QUEUE = "imports"


# Maximum number of waiting imports of a corpus that lower the priority of the next.
_MAX_PRIORITY_LOSS = 100


# How long a request waits for the worker to import its list, and how often it looks. In each process one at a time
# waits, so that others find a thread.
_WAIT_SECONDS, _LOOK_SECONDS = 20.0, 0.04
_waiting = threading.Semaphore(1)


class Cancelled(Conflict):
    """The import was cancelled by a manager."""


def end_import(batch: ImportBatch, state: JobState, reason: str = "") -> bool:
    """Set the final state of an import; returns False if it had already ended."""
    unended = ImportBatch.objects.filter(pk=batch.pk, state__in=UNENDED)
    ended = bool(unended.update(state=state, reason=reason[:2000], finished_at=timezone.now()))
    if ended:
        notify_ended(batch)
    return ended


def notify_ended(batch: ImportBatch) -> None:
    """Tell the subscribers that no more articles of the import come for now."""
    for subscriber in subscribers():
        subscriber.import_ended(batch=batch)


def wait_until_done(batch: ImportBatch) -> bool:
    """Wait some seconds for the worker to import the batch; returns whether it did, with the batch reloaded.

    Does not wait if no worker is running, or if another request of this process waits already.
    """
    if not jobs.worker_is_alive() or not _waiting.acquire(blocking=False):
        return False
    try:
        end = time.monotonic() + _WAIT_SECONDS
        while not batch.ended and time.monotonic() < end:
            time.sleep(_LOOK_SECONDS)
            batch.refresh_from_db()
    finally:
        _waiting.release()
    return batch.state == JobState.DONE


@transaction.atomic
def cancel_import(*, user: "User", batch: ImportBatch) -> ImportBatch:
    """Stop an import; imported articles stay. Waits for the chunk that is being stored.

    Raises `Conflict` if it has ended. Suggestions for its articles are a separate run, which can be cancelled too.
    """
    require(user, batch.corpus, Role.MANAGER)
    locked = ImportBatch.objects.select_for_update(of=("self",)).select_related("corpus", "user").get(pk=batch.pk)
    if locked.ended:
        raise Conflict(f"import {batch.pk} has ended: it is {locked.state}", field="state")
    end_import(locked, JobState.CANCELLED, f"cancelled by {user.username}; articles imported until then stay")
    locked.refresh_from_db()
    return locked


def queue_reading(batch: ImportBatch) -> None:
    """Queue the job that reads the batch's files: one import of a corpus at a time, corpora in turns."""
    waiting = ImportBatch.objects.filter(corpus=batch.corpus_id, state=JobState.WAITING).exclude(pk=batch.pk)
    jobs.defer(
        IMPORT_UPLOAD,
        queue=QUEUE,
        queueing_lock=f"{IMPORT_UPLOAD} {batch.pk}",
        lock=f"{QUEUE} {batch.corpus_id}",
        priority=-min(waiting.count(), _MAX_PRIORITY_LOSS),
        batch_id=batch.pk,
    )


def claim(batch: ImportBatch) -> bool:
    """Claim the batch for this process until `release` or its end; returns False if another process has it."""
    return locks.acquire(Lock.UPLOAD, batch.pk)


def release(batch: ImportBatch) -> None:
    locks.release(Lock.UPLOAD, batch.pk)


@contextmanager
def claimed(batch: ImportBatch) -> Iterator[bool]:
    """Claim the batch for the block; yields False if another process has it."""
    with locks.tried(Lock.UPLOAD, batch.pk) as is_claimed:
        yield is_claimed


def end_lost_imports() -> int:
    """End imports that no process reads; returns how many.

    An import from the command line, or of records over REST, is interrupted. An upload whose job was lost is queued
    again if it has made progress since the last time; else it has failed.
    """
    lost = 0
    unended = ImportBatch.objects.filter(state__in=UNENDED, corpus__withdrawn_at=None)
    for batch in unended.filter(files=[], pk__in=_unclaimed(unended.filter(files=[]))):
        reason = f"its process ended after {batch.items} items: start the same import again, it continues there"
        lost += end_import(batch, JobState.INTERRUPTED, reason)
    uploads = list(unended.exclude(files=[]))
    unfinished = jobs.unfinished_arguments(IMPORT_UPLOAD, "batch_id") if uploads else set()
    # A worker that lost its connection to the queue still reads in its thread, although its job counts as done.
    unclaimed = set(_unclaimed(unended.exclude(files=[]))) if uploads else set()
    return lost + sum(_resume(batch) for batch in uploads if batch.pk in unclaimed - unfinished)


def _unclaimed(batches: "QuerySet[ImportBatch]") -> list[int]:
    """The ids of the batches that no process has claimed."""
    return locks.unheld(Lock.UPLOAD, list(batches.values_list("pk", flat=True)))


@transaction.atomic
def _resume(batch: ImportBatch) -> bool:
    """Queue the upload again, or end it as failed; returns whether it was ended."""
    if batch.items > batch.options.get("taken_up_at", -1):
        batch.options["taken_up_at"] = batch.items
        batch.save(update_fields=["options"])
        queue_reading(batch)
        return False
    reason = f"the worker crashed repeatedly on item {batch.items + 1} of {', '.join(batch.files)[:300]}"
    return end_import(batch, JobState.FAILED, f"{reason}: what came before it came in; take it out and send the rest")
