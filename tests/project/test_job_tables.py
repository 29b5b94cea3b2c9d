"""The tables of procrastinate are those that `corpusapp.core.jobs` was written for.

Where a test fails after an upgrade of procrastinate, read its changes, adapt `jobs.py`, and then these values.
"""

import inspect

import pytest
from django.conf import settings
from django.db import connection
from procrastinate.worker import Worker

pytestmark = pytest.mark.django_db

# Of each table, the columns that `jobs.py` reads, with their types.
TABLES = {
    "procrastinate_jobs": {
        "id": "bigint",
        "queue_name": "character varying",
        "task_name": "character varying",
        "args": "jsonb",
        "status": "procrastinate_job_status",
        "queueing_lock": "text",
        "scheduled_at": "timestamp with time zone",
        "attempts": "integer",
        "worker_id": "bigint",
    },
    "procrastinate_workers": {"id": "bigint", "last_heartbeat": "timestamp with time zone"},
    "procrastinate_events": {
        "job_id": "bigint",
        "type": "procrastinate_job_event_type",
        "at": "timestamp with time zone",
    },
}


def _rows(query, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


@pytest.mark.parametrize("table", TABLES)
def test_columns_have_the_known_types(table):
    columns = "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = %s::regclass"
    found = dict(_rows(columns, table))
    assert {name: found.get(name) for name in TABLES[table]} == TABLES[table]


def test_only_the_queue_names_the_tables():
    """And the backup, which leaves them out of the hash of the content."""
    base = settings.BASE_DIR
    modules = [path for package in ("corpusapp", "annotations") for path in (base / package).rglob("*.py")]
    found = {str(path.relative_to(base)) for path in modules if "procrastinate_" in path.read_text()}
    assert found == {"corpusapp/core/jobs.py", "corpusapp/backup/registry.py"}


def test_a_job_has_the_known_states():
    states = [name for (name,) in _rows("SELECT unnest(enum_range(NULL::procrastinate_job_status))::text")]
    # `todo` and `doing` have not ended; a new state might have not ended either.
    assert states == ["todo", "doing", "succeeded", "failed", "cancelled", "aborting", "aborted"]


def test_one_waiting_job_for_each_queueing_lock():
    """`defer` and `queueing_soon` queue nothing, and `retry_stalled` aborts a job, by this index."""
    indexes = [text for (text,) in _rows("SELECT indexdef FROM pg_indexes WHERE tablename = 'procrastinate_jobs'")]
    assert any("UNIQUE" in text and "(queueing_lock)" in text and "'todo'" in text for text in indexes)


def test_the_worker_takes_the_known_options():
    """`corpusapp.desk.worker` starts and stops several `Worker`s in one process, which procrastinate's app cannot."""
    options = {"app", "queues", "concurrency", "wait", "listen_notify", "delete_jobs", "install_signal_handlers"}
    options |= {"update_heartbeat_interval", "stalled_worker_timeout", "fetch_job_polling_interval"}
    assert options <= set(inspect.signature(Worker).parameters)
    assert callable(Worker.stop) and inspect.iscoroutinefunction(Worker.run)
