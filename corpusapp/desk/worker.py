"""Works the job queue until told to stop, through restarts of the database and the deaths of other workers."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
from django.db import close_old_connections
from django.db.utils import DatabaseError, InterfaceError
from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker

from corpusapp.core import jobs
from corpusapp.embedded import server

logger = logging.getLogger(__name__)

# How long a stop waits for the job in hand. A job that takes longer is left to the next worker.
GRACE_SECONDS = 8.0
_THREADS = 64
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 15.0
_LOST = (ConnectorException, psycopg.Error, DatabaseError, InterfaceError)


async def work(queues: Iterable[str] | None, concurrency: int, until_idle: bool = False) -> None:
    """Run jobs until SIGINT or SIGTERM, or until none is left.

    Where a job is still running when the grace has passed, this ends the process.
    """
    # A thread for each job at hand, of all queues: asyncio's own few would have queues wait for one another.
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
                return
        except _LOST as error:
            logger.warning("The worker lost the database and retries in %d s: %s", wait, str(error).strip())
            await _within(wait, stop.wait())
            wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


async def _work_while_connected(
    queues: Iterable[str] | None, concurrency: int, until_idle: bool, stop: asyncio.Event
) -> None:
    # In a thread, since it starts an embedded server that is down.
    connector = await asyncio.to_thread(app.connector.get_worker_connector)
    with app.replace_connector(connector):
        async with app.open_async():
            workers = [_worker(share, concurrency, until_idle) for share in _shares(queues, until_idle)]
            running = {asyncio.create_task(worker.run()) for worker in workers}
            rescue = asyncio.create_task(_take_up_stalled_jobs())
            stopping = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({*running, stopping}, return_when=asyncio.FIRST_COMPLETED)
                await _finish(workers, running)
            finally:
                for task in (rescue, stopping):
                    task.cancel()


def _shares(queues: Iterable[str] | None, until_idle: bool) -> list[Iterable[str] | None]:
    """The queues of each worker in this process: one each, so that none waits for another."""
    return [queues] if until_idle else [[queue] for queue in queues or jobs.QUEUES]


def _at_a_time(queues: Iterable[str] | None, concurrency: int) -> int:
    """How many jobs a worker of these queues does at a time."""
    return max(concurrency, *(jobs.AT_A_TIME.get(queue, 1) for queue in queues or [""]))


def _worker(queues: Iterable[str] | None, concurrency: int, until_idle: bool) -> Worker:
    app.perform_import_paths()
    return Worker(
        app=app,
        queues=queues,
        concurrency=_at_a_time(queues, concurrency),
        wait=not until_idle,
        # What begins seconds later here costs the database no connection that listens.
        listen_notify=queues not in ([jobs.TRAINING], [jobs.UPKEEP]),
        delete_jobs="successful",
        install_signal_handlers=False,
        update_heartbeat_interval=jobs.HEARTBEAT_SECONDS,
        stalled_worker_timeout=jobs.DEAD_AFTER_SECONDS,
        **app.worker_defaults,
    )


async def _finish(workers: Sequence[Worker], running: "set[asyncio.Task[None]]") -> None:
    for worker in workers:
        worker.stop()
    await asyncio.wait(running, timeout=GRACE_SECONDS)
    if all(task.done() for task in running):
        for task in running:
            task.result()
        return
    # Without its worker the job in hand is taken for stalled at once, not only when the heartbeat is old.
    for worker in workers:
        await _within(3, worker.app.job_manager.unregister_worker(worker.worker_id or 0))
    # A job's thread cannot be ended, and any other way out would wait for it.
    server.leave_all()
    os._exit(0)


async def _take_up_stalled_jobs() -> None:
    while True:
        try:
            if count := await asyncio.to_thread(_retry_stalled):
                logger.warning("The worker takes over %d jobs of workers that died", count)
        except _LOST as error:
            logger.info("Looking for stalled jobs failed and will be retried: %s", error)
        await asyncio.sleep(jobs.HEARTBEAT_SECONDS)


def _retry_stalled() -> int:
    close_old_connections()
    try:
        return jobs.retry_stalled()
    finally:
        close_old_connections()


async def _within(seconds: float, waiting: Awaitable[object]) -> None:
    with contextlib.suppress(TimeoutError, *_LOST):
        await asyncio.wait_for(waiting, seconds)
