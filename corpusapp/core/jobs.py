"""The one door to the job queue, whose jobs are rows of the same database.

A job is deferred by its name, inside the current transaction: it exists if and only if the work that asked for it
was committed. A task may run more than once (its worker may be killed), so it has to end in the same state.
"""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.manager import JobManager
from procrastinate.tasks import Task, configure_task

from corpusapp.core.errors import Conflict
from corpusapp.core.job_states import JobState

# Every queue there is, each worked on beside the others: none waits for another.
SUGGESTIONS, TRAINING, UPKEEP, BACKUPS = "suggestions", "training", "upkeep", "backups"
QUEUES = (SUGGESTIONS, "imports", "exports", "releases", "decisions", TRAINING, "webhooks", UPKEEP, BACKUPS)
# How many jobs of a queue one process works on at a time, where that is more than one. Those of one corpus follow one
# another by their `lock`, so that a large job of one corpus leaves room for the others.
AT_A_TIME = {"imports": 3, "exports": 2, "releases": 2, "webhooks": 16}

HEARTBEAT_SECONDS = 3
# A worker without a heartbeat for this long is taken for dead, and its jobs for nobody's.
DEAD_AFTER_SECONDS = 15
# A job that was begun so often, and never ended, is not begun again.
MOST_ATTEMPTS = 10
GIVEN_UP = f"its worker crashed {MOST_ATTEMPTS} times, or its job is gone: see the worker's log, and try again"

# The database is gone, or asks to try again (a deadlock, a time limit): no fault of what the job was at.
TRY_AGAIN = (OperationalError, InterfaceError)
_RETRY = RetryStrategy(max_attempts=10, linear_wait=5, retry_exceptions=TRY_AGAIN)


def defer(
    task: str,
    *,
    queueing_lock: str | None = None,
    queue: str = SUGGESTIONS,
    priority: int = 0,
    lock: str | None = None,
    **arguments: Any,
) -> bool:
    """Queue a job in the current transaction. Jobs of a higher priority run first, those of one `lock` one at a time.

    False where a job with this `queueing_lock` waits already; nothing is queued then, and the transaction goes on.
    """
    # Not the app's own connector: within a worker that one has connections of its own, outside our transaction.
    manager = JobManager(DjangoConnector())
    job = configure_task(
        name=task, job_manager=manager, queueing_lock=queueing_lock, queue=queue, priority=priority, lock=lock
    )
    try:
        # A clash would abort the transaction, so it gets a savepoint.
        with transaction.atomic() if queueing_lock else contextlib.nullcontext():
            job.defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


def defer_once(task: str, *, queueing_lock: str, **options: Any) -> None:
    """Queue a job that will see what this transaction commits, unless one that waits will.

    That one is held until the transaction ends, so that it does not begin before.
    """
    waits = "SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo' FOR SHARE"
    while not defer(task, queueing_lock=queueing_lock, **options):
        with connection.cursor() as cursor:
            cursor.execute(waits, [queueing_lock])
            if cursor.rowcount:
                return


def in_hand(task: str, argument: str) -> set[int]:
    """The values of an argument, an id, in the jobs of this task that wait or run."""
    query = "SELECT args ->> %s FROM procrastinate_jobs WHERE task_name = %s AND status IN ('todo', 'doing')"
    with connection.cursor() as cursor:
        cursor.execute(query, [argument, task])
        return {int(value) for (value,) in cursor.fetchall() if value is not None}


def cancel_row(row: Any, name: str, reason: str) -> None:
    """Cancel what a row stands for, such as an export that waits or is made, and read the row anew.

    Refuses `Conflict` one that has ended. Its model has `state`, `reason`, `finished_at` and `job_state`, and `open` to
    find those that have not.
    """
    unended = type(row).objects.filter(pk=row.pk).open()
    cancelled = unended.update(state=JobState.CANCELLED, reason=reason, finished_at=timezone.now())
    row.refresh_from_db()
    if not cancelled:
        raise Conflict(f"{name} has ended: it is {row.job_state}", field="state")


def fail_lost_rows(unended: QuerySet[Any], task: str, argument: str) -> int:
    """Fail the rows whose job was given up, of those that have not ended; returns how many."""
    pks = set(unended.values_list("pk", flat=True))
    lost = unended.filter(pk__in=pks - in_hand(task, argument)) if pks else unended.none()
    return lost.update(state=JobState.FAILED, reason=GIVEN_UP, finished_at=timezone.now())


def task(name: str, *, queue: str = SUGGESTIONS, **options: Any) -> Callable[[Callable[..., Any]], Task[Any, Any, Any]]:
    """Declare a function of a `tasks` module as the task of this name.

    Every process imports the `tasks` modules, the web too: heavy imports belong inside the function. A task that
    loses its database connection is tried again; other options are those of procrastinate's `task`.
    """
    return app.task(name=name, queue=queue, **{"retry": _RETRY, **options})


def every_minute(name: str, *, queue: str) -> Callable[[Callable[[int], None]], Task[Any, Any, Any]]:
    """Declare a function as a task that some worker runs each minute, one at a time; it gets the minute, in seconds."""

    def declare(function: Callable[[int], None]) -> Task[Any, Any, Any]:
        return app.periodic(cron="* * * * *")(
            task(name, queue=queue, queueing_lock=name, lock=name, pass_context=False)(function)
        )

    return declare


def worker_is_alive() -> bool:
    """Whether some worker gave a sign of life within the last seconds."""
    return living_workers() > 0


def living_workers() -> int:
    """How many workers, of which a process has one for each queue, gave a sign of life within the last seconds."""
    query = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)"
    with connection.cursor() as cursor:
        cursor.execute(query, [DEAD_AFTER_SECONDS])
        return cursor.fetchone()[0]


@dataclass(frozen=True)
class Worker:
    """A worker of one queue or more, what it works on, and for how many seconds it has given no sign of life."""

    id: int
    silent_seconds: int
    tasks: tuple[str, ...]

    @property
    def lives(self) -> bool:
        return self.silent_seconds <= DEAD_AFTER_SECONDS


def workers() -> list[Worker]:
    """All that are known, those that were ended without a word too, until another one takes up their jobs."""
    query = """
        SELECT worker.id, extract(epoch FROM now() - last_heartbeat)::int,
               coalesce(array_agg(task_name ORDER BY job.id) FILTER (WHERE job.id IS NOT NULL), '{}')
        FROM procrastinate_workers worker
        LEFT JOIN procrastinate_jobs job ON job.worker_id = worker.id AND job.status = 'doing'
        GROUP BY worker.id ORDER BY worker.id
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return [Worker(pk, silent, tuple(tasks)) for pk, silent, tasks in cursor.fetchall()]


def waiting() -> dict[str, int]:
    """How many jobs wait in each queue, those of a later time too."""
    query = "SELECT queue_name, count(*) FROM procrastinate_jobs WHERE status = 'todo' GROUP BY queue_name ORDER BY 1"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


def failed() -> list[tuple[str, str, int, datetime]]:
    """(queue, task, how many, when the last) of the jobs that failed and are still kept, the latest first."""
    query = """
        SELECT queue_name, task_name, count(DISTINCT job.id), max(at) FROM procrastinate_jobs job
        JOIN procrastinate_events event ON event.job_id = job.id AND type = 'failed'
        WHERE status = 'failed' GROUP BY queue_name, task_name ORDER BY max(at) DESC
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def oldest_waiting() -> dict[str, int]:
    """Seconds that the oldest job has waited which could be begun, by queue; queues where none waits are left out."""
    query = """
        SELECT queue_name, extract(epoch FROM now() - min(coalesce(scheduled_at, deferred.at)))::int
        FROM procrastinate_jobs job CROSS JOIN LATERAL (
            SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id AND type = 'deferred'
        ) deferred
        WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())
        GROUP BY queue_name ORDER BY queue_name
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


def retry_stalled() -> int:
    """Queue again every job whose worker is dead, and say how many there were.

    One that was begun `MOST_ATTEMPTS` times is given up: `upkeep` ends what it was to do.
    """
    query = """
        SELECT job.id, job.attempts FROM procrastinate_jobs job
        LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
        WHERE job.status = 'doing'
          AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => %s))
        ORDER BY job.id FOR UPDATE OF job SKIP LOCKED
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, [DEAD_AFTER_SECONDS])
        stalled = cursor.fetchall()
        for job, attempts in stalled:
            if attempts + 1 >= MOST_ATTEMPTS:
                _finish(job, "failed")
            else:
                _retry(job)
    return len(stalled)


def _retry(job: int) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT procrastinate_retry_job_v2(%s, now(), NULL, NULL, NULL)", [job])
    except IntegrityError:
        # Another job with its queueing lock waits already, and does the same work.
        _finish(job, "aborted")


def _finish(job: int, status: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT procrastinate_finish_job_v1(%s, %s, false)", [job, status])
