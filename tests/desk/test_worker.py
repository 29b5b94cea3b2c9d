"""The worker stops when told, and a job that it could not finish is run again."""

import io
import signal

import pytest
from django.db import connection, transaction

from annotations.exports.actions.order import order_export
from annotations.releases.actions.order import order_release
from corpusapp.articles.actions.uploads import receive_upload
from corpusapp.articles.models import ImportBatch
from corpusapp.core import jobs
from tests import factories
from tests.exports.cast import ANY
from tests.processes import running, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.desk.settings"}


def _states() -> list[str]:
    with connection.cursor() as cursor:
        # The jobs that come by the clock are none of these tests'.
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE task_name LIKE 'test%' ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


@pytest.fixture(autouse=True)
def empty_queue():
    """Emptying the tables after a test knows only those of managed models."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def job(tmp_path):
    started, finish = tmp_path / "started", tmp_path / "finish"
    jobs.defer("tests.wait_for_file", started=str(started), finish=str(finish))
    return started, finish


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_job_in_hand_is_finished_before_a_stop(job, number):
    started, finish = job
    with running("run_worker", **SETTINGS) as worker:
        wait_until(started.exists)
        worker.send_signal(number)
        finish.touch()
        assert worker.wait(timeout=60) == 0
    assert _states() == []


def test_a_job_that_outlasts_the_grace_is_left_to_the_next_worker(job):
    started, finish = job
    with running("run_worker", **SETTINGS) as worker:
        wait_until(started.exists)
        worker.terminate()
        assert worker.wait(timeout=60) == 0
    assert _states() == ["doing"]
    finish.touch()
    with running("run_worker", **SETTINGS):
        wait_until(lambda: _states() == [])


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


def test_a_large_import_holds_neither_that_of_another_corpus_nor_exports_and_releases(tmp_path):
    """One corpus's imports wait for one that goes on and on; what others asked for is done meanwhile."""
    held, other = factories.make_corpus("held"), factories.make_corpus("other")
    started, finish = tmp_path / "started", tmp_path / "finish"
    lock = {"queue": "imports", "lock": f"imports {held.pk}"}
    jobs.defer("tests.wait_for_file", started=str(started), finish=str(finish), **lock)
    root, batches = factories.make_superuser(), {}
    for corpus in (held, other):
        files = [("a.txt", io.BytesIO(f"A text of {corpus}.".encode()))]
        batches[corpus] = receive_upload(user=root, corpus=corpus, files=files, origin="form", suggest=False)
    factories.make_article(held, "Another text.")
    with transaction.atomic():
        export = order_export(user=root, corpus=held, format="jsonl", selection=ANY)
        release, _ = order_release(user=root, corpus=held, selection=ANY)

    def states():
        for row in (batches[other], export, release):
            row.refresh_from_db()
        return batches[other].state, export.state, release.state

    with running("run_worker", **SETTINGS):
        wait_until(started.exists)
        wait_until(lambda: states() == ("done", "finished", "made"))
        batches[held].refresh_from_db()
        assert batches[held].state == "waiting"
        finish.touch()
        wait_until(lambda: ImportBatch.objects.filter(pk=batches[held].pk, state="done").exists())


def test_it_ends_by_itself_when_asked_to(job):
    _, finish = job
    finish.touch()
    with running("run_worker", "--until-idle", **SETTINGS) as worker:
        assert worker.wait(timeout=60) == 0
    assert _states() == []


def test_a_living_worker_shows(job):
    assert not jobs.worker_is_alive()
    with running("run_worker", **SETTINGS):
        wait_until(jobs.worker_is_alive)
        job[1].touch()
