"""The job queue: jobs are rows of the same database, run by procrastinate's workers.

A job is queued inside the current transaction: it exists if and only if the work that asked for it is committed. A task
may run more than once, since its worker may be killed, so it has to end in the same state each time.

Apart from `JobContext`, which tasks may get, only this module and `corpusapp.desk.worker` use procrastinate: its
documented classes, and its Django models. `_LOCK_WAITING` and `_QUEUE_SOON` are the only SQL on its tables.
`tests/project/test_job_tables.py` fails if these change.
"""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.functions import TransactionNow
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from procrastinate import App, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from procrastinate.exceptions import AlreadyEnqueued, UniqueViolation
from procrastinate.jobs import Status
from procrastinate.tasks import Task

from corpusapp.core.errors import Conflict
from corpusapp.core.job_states import JobState

SUGGESTIONS, TRAINING, MAIL, UPKEEP, BACKUPS = "suggestions", "training", "mail", "upkeep", "backups"
# All queues. They run in parallel: no queue waits for another.
QUEUES = (SUGGESTIONS, "imports", "exports", "releases", "decisions", TRAINING, "webhooks", MAIL, UPKEEP, BACKUPS)
# Parallel jobs of a queue in one process, where more than one. Jobs of one corpus run one at a time, by their `lock`:
# a large job of one corpus leaves room for the others.
CONCURRENCY = {"imports": 3, "exports": 2, "releases": 2, "webhooks": 16}

HEARTBEAT_SECONDS = 5
# A worker without a heartbeat for this long counts as dead, and its jobs as stalled.
DEAD_AFTER_SECONDS = 15
# A job that was started this often without ending is not started again.
MAX_ATTEMPTS = 10
GIVEN_UP = f"its worker crashed {MAX_ATTEMPTS} times, or its job is gone: see the worker's log, and try again"

# The database is gone, or asks to try again (a deadlock, a timeout): not the fault of what the job works on.
TRY_AGAIN = (OperationalError, InterfaceError)
_RETRY = RetryStrategy(max_attempts=10, linear_wait=5, retry_exceptions=TRY_AGAIN)

# The shared `app` has connections of its own within a worker. This one always uses Django's, and its transaction.
_transactional = App(connector=DjangoConnector())

# The ORM has no FOR SHARE, and with FOR UPDATE two transactions that ask for the same job would wait for each other.
_LOCK_WAITING = "SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo' FOR SHARE"

# Jobs of `queueing_soon` start so long after they were queued.
SOON_SECONDS = 0.8
SOON_QUEUES = ("decisions",)

# Tasks and their jobs.


def task(name: str, *, queue: str = SUGGESTIONS, **options: Any) -> Callable[[Callable[..., Any]], Task[Any, Any, Any]]:
    """Declare a function of a `tasks` module as the task of this name. `options` are those of procrastinate's `task`.

    Every process imports the `tasks` modules, the web server too: heavy imports belong inside the function. A task that
    loses its database connection is retried.
    """
    return app.task(name=name, queue=queue, **{"retry": _RETRY, **options})


def retry_later(*errors: type[Exception]) -> RetryStrategy:
    """The option `retry` of a task that uses an outside service: six times in about six hours, after these errors."""
    return RetryStrategy(max_attempts=6, exponential_wait=5, retry_exceptions=errors)


def every_minute(name: str, *, queue: str) -> Callable[[Callable[[int], None]], Task[Any, Any, Any]]:
    """Declare a function as a task that one worker runs each minute; it gets the minute as a Unix timestamp."""

    def declare(function: Callable[[int], None]) -> Task[Any, Any, Any]:
        return app.periodic(cron="* * * * *")(
            task(name, queue=queue, queueing_lock=name, lock=name, pass_context=False)(function)
        )

    return declare


def defer(
    task: str,
    *,
    queueing_lock: str | None = None,
    queue: str = SUGGESTIONS,
    priority: int = 0,
    lock: str | None = None,
    **arguments: Any,
) -> bool:
    """Queue a job in the current transaction. Higher priorities run first; jobs of one `lock` run one at a time.

    Returns False, and queues nothing, if a job with this `queueing_lock` is waiting. The transaction stays usable.
    """
    job = _transactional.configure_task(task, queueing_lock=queueing_lock, queue=queue, priority=priority, lock=lock)
    try:
        # A conflict would abort the transaction, so it gets a savepoint.
        with transaction.atomic() if queueing_lock else contextlib.nullcontext():
            job.defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


def defer_once(task: str, *, queueing_lock: str, **options: Any) -> None:
    """Queue a job that will see what this transaction commits, unless a waiting job will.

    A waiting job is locked until the transaction ends, so that it does not start before.
    """
    while not defer(task, queueing_lock=queueing_lock, **options):
        with connection.cursor() as cursor:
            cursor.execute(_LOCK_WAITING, [queueing_lock])
            if cursor.rowcount:
                return


def queueing_soon(task: str, *, queue: str) -> str:
    """The end of an SQL statement that begins `WITH written AS (… RETURNING …)` and has a parameter `corpus`.

    If that wrote anything, a job of this task with this `corpus_id` will see it: one that starts after this transaction
    is committed, less than a second later. Many transactions share a job, and none waits for another.
    """
    return _QUEUE_SOON.format(task=task, queue=queue)


def some_start_soon(queues: Sequence[str] | None) -> bool:
    """Whether jobs of `queueing_soon` wait for their time in these queues; None stands for all queues."""
    named = [queue for queue in SOON_QUEUES if queues is None or queue in queues]
    return ProcrastinateJob.objects.filter(queue_name__in=named, status="todo", attempts=0).exists()


def unfinished_arguments(task: str, argument: str) -> set[int]:
    """The values of an argument, an id, in the waiting and running jobs of this task."""
    unfinished = ProcrastinateJob.objects.filter(task_name=task, status__in=["todo", "doing"])
    return {value for value in unfinished.values_list(f"args__{argument}", flat=True) if value is not None}


# Rows that a job works on, such as exports. Their model has `state`, `reason`, `finished_at` and `job_state`, and its
# `open()` finds those that have not ended.


def cancel_row(row: Any, name: str, reason: str) -> None:
    """Cancel what a row stands for, such as an export, and reload the row. Refuses `Conflict` if it has ended."""
    unended = type(row).objects.filter(pk=row.pk).open()
    cancelled = unended.update(state=JobState.CANCELLED, reason=reason, finished_at=timezone.now())
    row.refresh_from_db()
    if not cancelled:
        raise Conflict(f"{name} has ended: it is {row.job_state}", field="state")


def fail_lost_rows(unended: QuerySet[Any], task: str, argument: str) -> int:
    """Fail those of these unended rows that no job works on any more; returns how many."""
    pks = set(unended.values_list("pk", flat=True))
    lost = unended.filter(pk__in=pks - unfinished_arguments(task, argument)) if pks else unended.none()
    return lost.update(state=JobState.FAILED, reason=GIVEN_UP, finished_at=timezone.now())


# The state of the queue.


@dataclass(frozen=True)
class Worker:
    """A worker, the names of its running tasks, and the seconds since its last heartbeat."""

    id: int
    silent_seconds: int
    tasks: tuple[str, ...]

    @property
    def is_alive(self) -> bool:
        return self.silent_seconds <= DEAD_AFTER_SECONDS


def worker_is_alive() -> bool:
    """Whether any worker has sent a heartbeat within `DEAD_AFTER_SECONDS`."""
    return living_workers() > 0


def living_workers() -> int:
    """How many workers have sent a heartbeat within `DEAD_AFTER_SECONDS`. A process has one for each of its queues."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=_last_sign_of_life()).count()


def workers() -> list[Worker]:
    """All registered workers; killed ones too, until another worker takes over their jobs."""
    rows = ProcrastinateWorker.objects.order_by("id").annotate(
        silence=ExpressionWrapper(TransactionNow() - F("last_heartbeat"), output_field=DurationField()),
        tasks=ArrayAgg(
            "procrastinatejob__task_name",
            filter=Q(procrastinatejob__status="doing"),
            order_by="procrastinatejob__id",
            default=[],
        ),
    )
    return [Worker(row.id, round(row.silence.total_seconds()), tuple(row.tasks)) for row in rows]


def waiting() -> dict[str, int]:
    """The number of waiting jobs by queue, those scheduled for later included."""
    rows = ProcrastinateJob.objects.filter(status="todo").values_list("queue_name").annotate(Count("id"))
    return dict(rows.order_by("queue_name"))


def failed() -> list[tuple[str, str, int, datetime]]:
    """(queue, task, count, time of the last failure) of the failed jobs that are still kept, latest first."""
    jobs = ProcrastinateJob.objects.filter(status="failed", procrastinateevent__type="failed")
    rows = jobs.values_list("queue_name", "task_name").annotate(
        count=Count("id", distinct=True), last=Max("procrastinateevent__at")
    )
    return list(rows.order_by("-last"))


def oldest_waiting() -> dict[str, int]:
    """For each queue, the seconds that its oldest job has waited since it could start. Empty queues are left out."""
    due = ProcrastinateJob.objects.filter(Q(scheduled_at=None) | Q(scheduled_at__lte=TransactionNow()), status="todo")
    rows = (
        due.filter(procrastinateevent__type="deferred")
        .values_list("queue_name")
        .annotate(
            waited=ExpressionWrapper(
                TransactionNow() - Min(Coalesce("scheduled_at", "procrastinateevent__at")), output_field=DurationField()
            )
        )
    )
    return {queue: round(waited.total_seconds()) for queue, waited in rows.order_by("queue_name")}


# Upkeep of the queue.


def retry_stalled() -> int:
    """Queue every job again whose worker is dead; returns how many there were.

    A job that was started `MAX_ATTEMPTS` times fails instead: `upkeep` then ends what it worked on.
    """
    dead = Q(worker=None) | Q(worker__last_heartbeat__lt=_last_sign_of_life())
    with transaction.atomic():
        # Workers look at the same time: each takes the jobs that no other has taken.
        jobs = ProcrastinateJob.objects.filter(dead, status="doing").order_by("id")
        stalled = list(jobs.select_for_update(skip_locked=True, of=("self",)).values_list("id", "attempts"))
        for job, attempts in stalled:
            if attempts + 1 >= MAX_ATTEMPTS:
                _finish(job, Status.FAILED)
            else:
                _retry(job)
    return len(stalled)


def delete_ended(days: int) -> None:
    """Delete jobs that failed, or were cancelled or aborted, more than so many days ago."""
    delete = async_to_sync(_transactional.job_manager.delete_old_jobs)
    delete(nb_hours=days * 24, include_failed=True, include_cancelled=True, include_aborted=True)


def _retry(job: int) -> None:
    try:
        with transaction.atomic():
            _transactional.job_manager.retry_job_by_id(job, retry_at=timezone.now())
    except UniqueViolation:
        # Another job with its queueing lock is waiting, and does the same work.
        _finish(job, Status.ABORTED)


def _finish(job: int, status: Status) -> None:
    async_to_sync(_transactional.job_manager.finish_job_by_id_async)(job, status, delete_job=False)


def _last_sign_of_life() -> Any:
    """The time, by the database's clock, before which a heartbeat is too old."""
    return TransactionNow() - timedelta(seconds=DEAD_AFTER_SECONDS)


# A transaction shares the job that it finds only if the job is not due yet, and locks it until it ends: the job then
# starts after the commit, however long that takes. Others queue one of their own, so that a job that is due is not
# kept from starting by one transaction after the other.
_QUEUE_SOON = f"""
    , later AS (
        SELECT FROM procrastinate_jobs
        WHERE queue_name = '{{queue}}' AND task_name = '{{task}}' AND status = 'todo' AND attempts = 0
          AND args = jsonb_build_object('corpus_id', %(corpus)s::bigint) AND scheduled_at > clock_timestamp()
        FOR KEY SHARE SKIP LOCKED
    )
    INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, scheduled_at)
    SELECT '{{queue}}', '{{task}}', concat_ws(' ', '{{task}}', %(corpus)s::bigint, pg_current_xact_id()),
           jsonb_build_object('corpus_id', %(corpus)s::bigint),
           clock_timestamp() + make_interval(secs => {SOON_SECONDS})
    WHERE EXISTS (SELECT FROM written) AND NOT EXISTS (SELECT FROM later)
    ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""
