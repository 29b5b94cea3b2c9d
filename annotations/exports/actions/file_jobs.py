"""Jobs that make a file of a corpus: an export or a release.

A row waits, a worker makes its file, and the row ends: done, failed with a reason, or cancelled. The file is complete
or absent. One process at a time makes it, and after a crash another one starts again.
"""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from django.db import connection, transaction
from django.utils import timezone

from annotations.exports import store
from annotations.exports.models import FileJob, FileJobQuerySet
from corpusapp.articles.models import Corpus
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Refusal
from corpusapp.core.job_states import JobState
from corpusapp.core.locks import Lock, held

logger = logging.getLogger(__name__)
Item = TypeVar("Item")
Row = TypeVar("Row", bound=FileJob)
PROGRESS_SECONDS = 1.0


class Stopped(Exception):
    """The row is no longer being made: it was cancelled or deleted."""


class Attempt(Generic[Row]):
    """One attempt to make the file of a row. Stores the progress over a connection of its own, because the file is read
    from one read-only snapshot."""

    def __init__(self, row: Row, rows: FileJobQuerySet[Row]) -> None:
        self.row = row
        self._rows = rows.filter(pk=row.pk, state=FileJob.MAKING)
        self._stored_at = time.monotonic()
        self._last: object = None

    def __enter__(self) -> Self:
        # Within a caller's transaction, the row is not visible from outside.
        self._connection, self._visible = connection.copy(), not connection.in_atomic_block
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.close()

    def count(self, items: Iterator[Item]) -> Iterator[Item]:
        """The items, records or tuples that begin with one, counted as the row's progress.

        Raises `Stopped`, and `NoRoom` if the disk is nearly full.
        """
        for number, item in enumerate(items):
            self._last = item[0] if type(item) is tuple else item
            if time.monotonic() - self._stored_at >= PROGRESS_SECONDS:
                self._store(number)
            yield item

    def expect(self, total: int) -> None:
        """Store how many articles the file will have."""
        self._rows.update(total=total)

    def end(self, state: str, **values: Any) -> None:
        """End the row in this state. Raises `Stopped`."""
        if not self._rows.update(state=state, finished_at=timezone.now(), **values):
            raise Stopped

    def fail(self, error: Exception) -> None:
        """End the row as failed, with the reason. Raises the error if the job is to be tried again."""
        if isinstance(error, jobs.TRY_AGAIN) and not disk.is_full(error):
            raise error
        self._rows.update(state=JobState.FAILED, reason=self._reason(error), finished_at=timezone.now())

    def _reason(self, error: Exception) -> str:
        if isinstance(error, Refusal):
            return error.detail
        if disk.is_full(error):
            return f"{disk.FULL} ({error})"
        if isinstance(error, OSError):
            return f"the file cannot be written ({error.strerror or error}): tell your administrator"
        pk = getattr(self._last, "id", None)
        place = "" if pk is None else f" at article {pk}"
        logger.error("a file cannot be made%s", place, exc_info=error)
        message = " ".join(str(error).split())[:300]
        return f"the worker failed{place} ({type(error).__name__}: {message}): see its log"

    def _store(self, number: int) -> None:
        self._stored_at = time.monotonic()
        disk.require_room()
        table = self.row._meta.db_table
        statement = f"UPDATE {table} SET articles = %s WHERE id = %s AND state = '{FileJob.MAKING}'"
        with self._connection.cursor() as cursor:
            cursor.execute(statement, [number, self.row.pk])
            if not cursor.rowcount and self._visible:
                raise Stopped


@dataclass(frozen=True)
class FileJobs(Generic[Row]):
    """The jobs of one model. `argument` is the parameter of the task that takes a row's id.

    With `fair`, a job runs later the more jobs of its corpus wait already; else jobs run in the order of their rows.
    """

    rows: FileJobQuerySet[Row]
    task: str
    queue: str
    argument: str
    lock: Lock
    fair: bool = False

    def defer(self, row: Row) -> None:
        """Queue the job of a row. Jobs of one corpus run one at a time."""
        waiting = self.rows.filter(corpus=row.corpus_id, state=row.WAITING).exclude(pk=row.pk)
        priority = -min(waiting.count(), 100) if self.fair else 0
        lock = f"{self.queue} {row.corpus_id}"
        arguments: dict[str, Any] = {self.argument: row.pk}
        jobs.defer(self.task, queue=self.queue, lock=lock, priority=priority, **arguments)

    @transaction.atomic
    def resume(self, *, corpus: Corpus) -> None:
        """Queue again what did not run while the corpus was withdrawn."""
        for row in self.rows.filter(corpus=corpus).open():
            self.defer(row)

    def fail_lost(self) -> int:
        """Fail the rows whose job is gone; returns how many."""
        return jobs.fail_lost_rows(self.rows.filter(corpus__withdrawn_at=None).open(), self.task, self.argument)

    def make(self, pk: int, write: Callable[[Attempt[Row], Path], None], **started: Any) -> Row | None:
        """Make the file of an open row with `write`, which gets an empty folder and ends the row.

        `started` are columns to set at the start. Waits while another process makes the same file. Returns the row;
        None if there is nothing to make: it has ended, or its corpus is withdrawn.
        """
        store.sweep()
        with held(self.lock, pk):
            open_rows = self.rows.filter(pk=pk, corpus__withdrawn_at=None).open()
            open_rows.update(state=FileJob.MAKING, articles=0, **started)
            row = open_rows.first()
            if row is not None:
                self._make(row, write)
            return row

    def _make(self, row: Row, write: Callable[[Attempt[Row], Path], None]) -> None:
        attempt = Attempt(row, self.rows)
        try:
            disk.require_room()
            with store.making() as folder, attempt:
                write(attempt, folder)
        except Stopped:
            # Cancelled or deleted: there is nothing to record.
            return
        except Exception as error:
            attempt.fail(error)
