"""The worker stops on signals, and a job that it did not finish is run again."""

import asyncio
import io
import signal
import time

import pytest
from django.db import connection, connections, transaction
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app, connector_params

from annotations.exports.actions.order import order_export
from annotations.releases.actions.order import order_release
from annotations.suggestions.actions.pending_updates import LEARN, QUEUE, mark_decided
from annotations.suggestions.models import PendingUpdate
from corpusapp.articles.actions.uploads import receive_upload
from corpusapp.articles.models import ImportBatch
from corpusapp.core import jobs
from corpusapp.desk.worker import _SoonWorker
from tests import factories
from tests.exports.cast import ANY
from tests.processes import running, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.desk.settings"}


def _states() -> list[str]:
    with connection.cursor() as cursor:
        # Periodic tasks have jobs too.
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name LIKE 'test%' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture(autouse=True)
def empty_queue():
    """Django empties only the tables of managed models after a test."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def job(tmp_path):
    started, finish = tmp_path / "started", tmp_path / "finish"
    jobs.defer("tests.wait_for_file", started=str(started), finish=str(finish))
    return started, finish


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_running_job_is_finished_before_the_worker_stops(job, number):
    started, finish = job
    with running("run_worker", **SETTINGS) as worker:
        wait_until(started.exists)
        worker.send_signal(number)
        finish.touch()
        assert worker.wait(timeout=60) == 0
    assert _states() == []


def test_a_job_that_runs_too_long_for_a_stop_is_left_to_the_next_worker(job):
    started, finish = job
    with running("run_worker", **SETTINGS) as worker:
        wait_until(started.exists)
        worker.terminate()
        assert worker.wait(timeout=60) == 0
    assert _states() == ["doing"]
    finish.touch()
    with running("run_worker", **SETTINGS):
        wait_until(lambda: _states() == [])


@pytest.mark.slow
def test_a_job_of_a_killed_worker_is_run_by_the_next(job):
    started, finish = job
    with running("run_worker", **SETTINGS) as worker:
        wait_until(started.exists)
        worker.kill()
        worker.wait()
    assert _states() == ["doing"]
    finish.touch()
    with running("run_worker", **SETTINGS):
        wait_until(lambda: _states() == [])


def test_a_long_import_delays_only_other_imports_of_its_corpus(tmp_path):
    """Imports of other corpora, exports and releases run meanwhile."""
    busy, other = factories.make_corpus("busy"), factories.make_corpus("other")
    started, finish = tmp_path / "started", tmp_path / "finish"
    lock = {"queue": "imports", "lock": f"imports {busy.pk}"}
    jobs.defer("tests.wait_for_file", started=str(started), finish=str(finish), **lock)
    root, batches = factories.make_superuser(), {}
    for corpus in (busy, other):
        files = [("a.txt", io.BytesIO(f"A text of {corpus}.".encode()))]
        batches[corpus] = receive_upload(user=root, corpus=corpus, files=files, origin="form", suggest=False)
    factories.make_article(busy, "Another text.")
    with transaction.atomic():
        export = order_export(user=root, corpus=busy, format="jsonl", selection=ANY)
        release, _ = order_release(user=root, corpus=busy, selection=ANY)

    def states():
        for row in (batches[other], export, release):
            row.refresh_from_db()
        return batches[other].state, export.state, release.state

    with running("run_worker", **SETTINGS):
        wait_until(started.exists)
        wait_until(lambda: states() == ("done", "finished", "made"))
        batches[busy].refresh_from_db()
        assert batches[busy].state == "waiting"
        finish.touch()
        wait_until(lambda: ImportBatch.objects.filter(pk=batches[busy].pk, state="done").exists())


def test_with_until_idle_the_worker_stops_when_no_jobs_are_left(job):
    _, finish = job
    finish.touch()
    with running("run_worker", "--until-idle", **SETTINGS) as worker:
        assert worker.wait(timeout=60) == 0
    assert _states() == []


def test_a_running_worker_is_alive(job):
    assert not jobs.worker_is_alive()
    with running("run_worker", **SETTINGS):
        wait_until(jobs.worker_is_alive)
        job[1].touch()


@pytest.mark.parametrize("held", [False, True])
def test_a_job_that_is_due_soon_is_started_without_looking_for_it(monkeypatch, held):
    """Nothing tells a worker that a job is due: this one would look for it in an hour.

    `held`: when it is due, a transaction that shares it is open.
    """
    # The connection of the job's thread is closed with the job.
    monkeypatch.setitem(connections.databases["default"], "CONN_MAX_AGE", 0)
    corpus = factories.make_corpus()
    article = factories.make_article(corpus, "Zarif in Damascus")
    app.perform_import_paths()

    def decide():
        mark_decided(corpus_id=corpus.pk, article_ids=[article.pk])
        if held:
            with transaction.atomic():
                mark_decided(corpus_id=corpus.pk, article_ids=[article.pk])
                time.sleep(jobs.SOON_SECONDS + 0.1)
        connections.close_all()

    def is_learned():
        try:
            return not PendingUpdate.objects.exists()
        finally:
            connections.close_all()

    async def work():
        options = {**app.worker_defaults, "install_signal_handlers": False, "fetch_job_polling_interval": 3600.0}
        with app.replace_connector(PsycopgConnector(kwargs=connector_params())):
            async with app.open_async():
                worker = _SoonWorker(app=app, queues=[QUEUE], listen_notify=True, **options)
                running = asyncio.create_task(worker.run())
                await asyncio.sleep(0.5)
                await asyncio.to_thread(decide)
                while not await asyncio.to_thread(is_learned):
                    await asyncio.sleep(0.05)
                worker.stop()
                await running

    asyncio.run(asyncio.wait_for(work(), 60))
    assert not PendingUpdate.objects.exists()
    assert LEARN not in _waiting_tasks()


def _waiting_tasks() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo'")
        return [row[0] for row in cursor.fetchall()]
