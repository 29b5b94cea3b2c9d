"""How an import ends: done, failed with the reason, cancelled by a manager, or interrupted."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from corpusapp.articles.models import ImportBatch, Role
from corpusapp.articles.permissions import require
from corpusapp.core import jobs, locks
from corpusapp.core.errors import Conflict
from corpusapp.core.job_states import UNENDED, JobState
from corpusapp.core.locks import Lock

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from corpusapp.accounts.models import User


IMPORT_UPLOAD = "import_upload"
QUEUE = "imports"


# More imports of a corpus that wait already do not set a further one back.
_FURTHEST_BACK = 100


class Cancelled(Conflict):
    """A manager ended the import meanwhile."""


def end_import(batch: ImportBatch, state: JobState, reason: str = "") -> bool:
    """Whether the import had not ended before."""
    mine = ImportBatch.objects.filter(pk=batch.pk, state__in=UNENDED)
    return bool(mine.update(state=state, reason=reason[:2000], finished_at=timezone.now()))


@transaction.atomic
def cancel_import(*, user: "User", batch: ImportBatch) -> ImportBatch:
    """Stop reading; what came in stays. Waits for the items that are being stored. Refuses `Conflict` after the end.

    Suggestions for what came in are a run of their own, which can be cancelled too.
    """
    require(user, batch.corpus, Role.MANAGER)
    locked = ImportBatch.objects.select_for_update(of=("self",)).select_related("corpus", "user").get(pk=batch.pk)
    if locked.ended:
        raise Conflict(f"import {batch.pk} has ended: it is {locked.state}", field="state")
    end_import(locked, JobState.CANCELLED, f"cancelled by {user.username}; articles imported until then stay")
    locked.refresh_from_db()
    return locked


def ask_for_reading(batch: ImportBatch) -> None:
    """Have a worker read the batch's files: one import of a corpus at a time, and corpora take turns."""
    waiting = ImportBatch.objects.filter(corpus=batch.corpus_id, state=JobState.WAITING).exclude(pk=batch.pk)
    jobs.defer(
        IMPORT_UPLOAD,
        queue=QUEUE,
        queueing_lock=f"{IMPORT_UPLOAD} {batch.pk}",
        lock=f"{QUEUE} {batch.corpus_id}",
        priority=-min(waiting.count(), _FURTHEST_BACK),
        batch_id=batch.pk,
    )


def hold(batch: ImportBatch) -> bool:
    """Say that this process reads the batch, until `release` or the process's end. False where another one does."""
    return locks.acquire(Lock.UPLOAD, batch.pk)


def release(batch: ImportBatch) -> None:
    locks.release(Lock.UPLOAD, batch.pk)


@contextmanager
def held(batch: ImportBatch) -> Iterator[bool]:
    """Whether this process has the batch to itself within the block."""
    with locks.tried(Lock.UPLOAD, batch.pk) as mine:
        yield mine


def end_lost_imports() -> int:
    """End the imports that nobody reads any more; returns how many.

    One by the command line, or of records over REST, is interrupted. An upload whose job was given up is asked for
    again where it came further since the last time, and has failed where it did not.
    """
    lost = 0
    unended = ImportBatch.objects.filter(state__in=UNENDED, corpus__withdrawn_at=None)
    for batch in unended.filter(files=[], pk__in=_unheld(unended.filter(files=[]))):
        reason = f"its process ended after {batch.items} items: start the same import again, it continues there"
        lost += end_import(batch, JobState.INTERRUPTED, reason)
    uploads = list(unended.exclude(files=[]))
    in_hand = jobs.unfinished_arguments(IMPORT_UPLOAD, "batch_id") if uploads else set()
    # A worker that lost its connection to the queue reads on in its thread, while its job counts as done.
    unheld = set(_unheld(unended.exclude(files=[]))) if uploads else set()
    return lost + sum(_take_up(batch) for batch in uploads if batch.pk in unheld - in_hand)


def _unheld(batches: "QuerySet[ImportBatch]") -> list[int]:
    """Which of the batches no process holds."""
    return locks.unheld(Lock.UPLOAD, list(batches.values_list("pk", flat=True)))


@transaction.atomic
def _take_up(batch: ImportBatch) -> bool:
    """Whether the upload was ended."""
    if batch.items > batch.options.get("taken_up_at", -1):
        batch.options["taken_up_at"] = batch.items
        batch.save(update_fields=["options"])
        ask_for_reading(batch)
        return False
    reason = f"the worker crashed repeatedly on item {batch.items + 1} of {', '.join(batch.files)[:300]}"
    return end_import(batch, JobState.FAILED, f"{reason}: what came before it came in; take it out and send the rest")
