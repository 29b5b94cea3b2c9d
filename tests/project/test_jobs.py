"""Jobs are queued in the current transaction, and a dead worker's jobs are run by another worker."""

import threading

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app

from corpusapp.core import jobs

pytestmark = pytest.mark.django_db


def _jobs(**where: object) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, task_name, queue_name, args, status::text, priority FROM procrastinate_jobs ORDER BY id"
        )
        names = [column.name for column in cursor.description]
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return [row for row in rows if all(row[name] == value for name, value in where.items())]


def _execute(query: str, *arguments: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query, arguments)
        return cursor.fetchone()[0] if cursor.description else None


def _worker(seconds_ago: int) -> object:
    query = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - make_interval(secs => %s)) RETURNING id"
    return _execute(query, seconds_ago)


def _running_job(worker: object, **options: str) -> None:
    jobs.defer("some task", **options)
    _execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE status = 'todo'", worker)


def test_a_job_carries_its_arguments_queue_and_priority():
    assert jobs.defer("some task", queue="training", priority=-5, article=7) is True
    (job,) = _jobs()
    assert (job["task_name"], job["queue_name"], job["priority"]) == ("some task", "training", -5)
    assert '"article": 7' in str(job["args"]) or job["args"] == {"article": 7}


def test_a_job_is_rolled_back_with_its_transaction():
    with pytest.raises(ConnectionAbortedError), transaction.atomic():
        jobs.defer("some task")
        raise ConnectionAbortedError
    assert _jobs() == []


def test_the_transaction_stays_usable_after_a_conflict_of_queueing_locks():
    with transaction.atomic():
        assert jobs.defer("some task", queueing_lock="article 7") is True
        assert jobs.defer("some task", queueing_lock="article 7") is False
        assert jobs.defer("other task") is True
    assert [job["task_name"] for job in _jobs()] == ["some task", "other task"]


def test_a_worker_is_alive_while_it_sends_heartbeats():
    assert jobs.worker_is_alive() is False
    _worker(seconds_ago=60)
    assert jobs.worker_is_alive() is False
    _worker(seconds_ago=1)
    assert jobs.worker_is_alive() is True


def test_jobs_of_a_dead_worker_are_queued_again():
    _running_job(_worker(seconds_ago=60))
    assert jobs.retry_stalled() == 1
    assert len(_jobs(status="todo")) == 1


def test_jobs_whose_worker_is_gone_are_queued_again():
    _running_job(None)
    assert jobs.retry_stalled() == 1


def test_jobs_of_a_living_worker_are_not_queued_again():
    _running_job(_worker(seconds_ago=1))
    assert jobs.retry_stalled() == 0


def test_a_job_fails_after_too_many_attempts():
    _running_job(None)
    _execute("UPDATE procrastinate_jobs SET attempts = %s", jobs.MAX_ATTEMPTS - 2)
    assert jobs.retry_stalled() == 1
    assert [(job["status"]) for job in _jobs()] == ["todo"]
    _execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = NULL")
    assert jobs.retry_stalled() == 1
    assert [(job["status"]) for job in _jobs()] == ["failed"]


def test_arguments_of_unfinished_jobs():
    for status, number in (("todo", 1), ("doing", 2), ("failed", 3)):
        jobs.defer("some task", article=number)
        _execute("UPDATE procrastinate_jobs SET status = %s WHERE args ->> 'article' = %s", status, str(number))
    assert jobs.unfinished_arguments("some task", "article") == {1, 2}
    assert jobs.unfinished_arguments("other task", "article") == set()
    assert jobs.unfinished_arguments("some task", "corpus") == set()


def test_jobs_of_one_lock_run_one_at_a_time_and_others_in_parallel():
    for corpus in (1, 1, 2):
        jobs.defer("some task", queue="imports", lock=f"imports {corpus}", corpus=corpus)
    here = _worker(seconds_ago=1)
    fetch = "SELECT (procrastinate_fetch_job_v2(ARRAY['imports'], %s)).args ->> 'corpus'"
    assert [_execute(fetch, here) for _ in range(3)] == ["1", "2", None]


@pytest.mark.django_db(transaction=True)
def test_a_waiting_job_does_not_start_before_the_commit_that_it_will_see():
    """Otherwise it could run between `defer_once` and the commit, and miss the change."""
    jobs.defer("some task", queueing_lock="corpus 7")
    fetched = []

    def fetch():
        fetched.append(_execute("SELECT (procrastinate_fetch_job_v2(NULL, NULL)).id"))
        connection.close()

    def in_a_thread():
        thread = threading.Thread(target=fetch)
        thread.start()
        thread.join()

    with transaction.atomic():
        jobs.defer_once("some task", queueing_lock="corpus 7")
        in_a_thread()
    in_a_thread()
    assert fetched[0] is None and fetched[1] is not None
    # It has started, and may miss what comes now, so another job is queued.
    with transaction.atomic():
        jobs.defer_once("some task", queueing_lock="corpus 7")
    assert sorted(job["status"] for job in _jobs()) == ["doing", "todo"]
    _execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


def test_a_stalled_job_is_aborted_if_another_waits_with_its_queueing_lock():
    _running_job(None, queueing_lock="article 7")
    jobs.defer("some task", queueing_lock="article 7")
    assert jobs.retry_stalled() == 1
    assert [job["status"] for job in _jobs()] == ["aborted", "todo"]


def test_the_queues_of_all_tasks_are_known():
    app.perform_import_paths()
    ours = {task.queue for task in app.tasks.values() if not task.name.startswith(("builtin", "procrastinate."))}
    assert ours == set(jobs.QUEUES)
    assert set(jobs.CONCURRENCY) <= ours
