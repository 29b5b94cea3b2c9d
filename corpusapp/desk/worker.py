"""Runs the jobs of the queue until it is stopped, through restarts of the database and the deaths of other workers."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import close_old_connections
from django.db.utils import DatabaseError, InterfaceError
from procrastinate import PsycopgConnector
from procrastinate.app import WorkerOptions
from procrastinate.contrib.django import app, connector_params
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Notification
from procrastinate.worker import Worker

from corpusapp.core import jobs
from corpusapp.embedded import server

logger = logging.getLogger(__name__)

# How long a stop waits for running jobs. A job that takes longer is left to the next worker.
GRACE_SECONDS = 8.0
_THREADS = 64
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0
_UNREGISTER_SECONDS = 3.0
_DATABASE_LOST = (ConnectorException, psycopg.Error, DatabaseError, InterfaceError)


async def work(queues: Sequence[str] | None, concurrency: int, until_idle: bool = False) -> None:
    """Run jobs until SIGINT or SIGTERM; with `until_idle`, until no job is left.

    If a job is still running `GRACE_SECONDS` after the signal, this ends the process.
    """
    # A thread for each running job of all queues: with asyncio's few threads, queues would wait for each other.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "job"))
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    wait = _FIRST_WAIT_SECONDS
    while not stop.is_set():
        try:
            await _work_while_connected(queues, concurrency, until_idle, stop)
            wait = _FIRST_WAIT_SECONDS
            if until_idle:
                if not await asyncio.to_thread(_query, lambda: jobs.some_start_soon(queues)):
                    return
                await _within(jobs.SOON_SECONDS / 2, stop.wait())
        except _DATABASE_LOST as error:
            logger.warning("The worker lost the database and retries in %d s: %s", wait, str(error).strip())
            await _within(wait, stop.wait())
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


async def _work_while_connected(
    queues: Sequence[str] | None, concurrency: int, until_idle: bool, stop: asyncio.Event
) -> None:
    # In a thread, since it starts the embedded server if that is down.
    parameters = await asyncio.to_thread(connector_params)
    # Few are in use at once: each further one is memory of the database.
    with app.replace_connector(PsycopgConnector(kwargs=parameters, min_size=1, max_size=4)):
        async with app.open_async():
            workers = [_worker(share, concurrency, until_idle) for share in _queues_by_worker(queues, until_idle)]
            running = {asyncio.create_task(worker.run()) for worker in workers}
            retrying = asyncio.create_task(_retry_stalled_jobs())
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({*running, stopping}, return_when=asyncio.FIRST_COMPLETED)
                await _finish(workers, running)
            finally:
                for task in (retrying, stopping):
                    task.cancel()


def _queues_by_worker(queues: Sequence[str] | None, until_idle: bool) -> list[Sequence[str] | None]:
    """The queues of each worker in this process: one each, so that no queue waits for another. None stands for all."""
    return [queues] if until_idle else [[queue] for queue in queues or jobs.QUEUES]


def _concurrency(queues: Sequence[str] | None, concurrency: int) -> int:
    """The number of parallel jobs of a worker of these queues."""
    return max(concurrency, *(jobs.CONCURRENCY.get(queue, 1) for queue in queues or [""]))


# Seconds after the notification of a job, which comes when its transaction is committed. The job is due then. If a
# decision that shares it is just being committed, it is locked, and found by a later look.
_LOOKS = (jobs.SOON_SECONDS + 0.02, jobs.SOON_SECONDS + 0.3, jobs.SOON_SECONDS + 1.0)


class _SoonWorker(Worker):
    """Looks for the jobs of `queueing_soon` when they are due, since nothing tells of that."""

    async def _handle_notification(self, *, channel: str, notification: Notification) -> None:
        await super()._handle_notification(channel=channel, notification=notification)
        for seconds in _LOOKS:
            asyncio.get_running_loop().call_later(seconds, self._new_job_event.set)


def _worker(queues: Sequence[str] | None, concurrency: int, until_idle: bool) -> Worker:
    app.perform_import_paths()
    options: WorkerOptions = {
        **app.worker_defaults,
        "concurrency": _concurrency(queues, concurrency),
        "wait": not until_idle,
        # Jobs that may start some seconds later need no connection that listens.
        "listen_notify": queues not in ([jobs.TRAINING], [jobs.MAIL], [jobs.UPKEEP]),
        "delete_jobs": "successful",
        "install_signal_handlers": False,
        "update_heartbeat_interval": jobs.HEARTBEAT_SECONDS,
        "stalled_worker_timeout": jobs.DEAD_AFTER_SECONDS,
    }
    if queues is not None:
        options["queues"] = queues
    kind = _SoonWorker if queues is None or set(queues) & set(jobs.SOON_QUEUES) else Worker
    return kind(app=app, **options)


async def _finish(workers: Sequence[Worker], running: "set[asyncio.Task[None]]") -> None:
    for worker in workers:
        worker.stop()
    await asyncio.wait(running, timeout=GRACE_SECONDS)
    if all(task.done() for task in running):
        for task in running:
            task.result()
        return
    # Without its worker, a running job counts as stalled at once, not only when the heartbeat is old.
    for worker in workers:
        await _within(_UNREGISTER_SECONDS, worker.app.job_manager.unregister_worker(worker.worker_id or 0))
    # A job's thread cannot be ended, and any other exit would wait for it.
    server.leave_all()
    os._exit(0)


async def _retry_stalled_jobs() -> None:
    while True:
        try:
            if count := await asyncio.to_thread(_query, jobs.retry_stalled):
                logger.warning("The worker takes over %d jobs of workers that died", count)
        except _DATABASE_LOST as error:
            logger.info("Looking for stalled jobs failed and will be retried: %s", error)
        await asyncio.sleep(jobs.HEARTBEAT_SECONDS)


def _query(what: Callable[[], int]) -> int:
    """Query the database in this thread."""
    close_old_connections()
    try:
        return what()
    finally:
        close_old_connections()


async def _within(seconds: float, waiting: Awaitable[object]) -> None:
    """Wait for so long at most; a lost database ends the wait too."""
    with contextlib.suppress(TimeoutError, *_DATABASE_LOST):
        await asyncio.wait_for(waiting, seconds)
