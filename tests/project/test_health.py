"""Whoever watches the desk asks it, without a sign-in: alive, and ready, or what is wrong."""

import pytest
from django.db import connection, connections
from django.test import Client

from corpusapp import jobs
from corpusapp.home import Home

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        return cursor.fetchone()[0]


def ready():
    answer = Client().get("/readyz")
    assert answer["Cache-Control"].startswith("max-age=0")
    return answer.status_code, answer.json()


def test_all_is_well(worker, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        status, body = ready()
    assert (status, body["status"], body["problems"]) == (200, "ready", [])
    assert body["checks"]["workers"]["living"] == 1
    assert Client(HTTP_HOST="some.name.of.a.balancer").get("/readyz").status_code == 200
    assert Client().post("/readyz").status_code == Client().post("/healthz").status_code == 405


def test_no_worker(worker):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert ready()[1]["problems"] == ["no worker gives a sign of life"]


def test_jobs_that_wait_for_long(worker, settings):
    jobs.defer("some task", queue="imports")
    jobs.defer("some task", queue="exports")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - interval '2 hours' WHERE job_id = "
            "(SELECT id FROM procrastinate_jobs WHERE queue_name = 'imports')"
        )
    status, body = ready()
    assert (status, body["problems"]) == (503, ["jobs wait for more than 3600 seconds in: imports"])
    assert body["checks"]["queues"]["oldest_waiting_seconds"] == {"exports": 0, "imports": 7200}
    settings.OLDEST_JOB_SECONDS = 0
    assert ready()[0] == 200


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM django_migrations WHERE app = 'review' AND name LIKE '0007%%'", "1 migrations are pending"),
        ("INSERT INTO django_migrations VALUES (0, 'review', '9999_x', now())", "1 migrations are unknown"),
    ],
)
def test_a_database_of_another_version(worker, statement, told):
    with connection.cursor() as cursor:
        cursor.execute(statement)
    status, body = ready()
    assert status == 503 and told in body["problems"][0]


def test_a_full_disk_and_a_home_that_is_not_whole(worker, settings, tmp_path):
    settings.HOME, settings.DISK_RESERVE_BYTES = Home(tmp_path / "home"), 10**18
    (settings.HOME.folder() / "restoring").touch()
    status, body = ready()
    assert status == 503 and len(body["problems"]) == 2
    assert "a restore runs" in body["problems"][0] and "MB are free on the disk" in body["problems"][1]


@pytest.mark.django_db(transaction=True)
def test_a_database_that_does_not_answer():
    own = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "no_such_database"
    try:
        status, body = ready()
        assert (status, body["problems"]) == (503, ["the database does not answer (OperationalError)"])
        alive = Client().get("/healthz")
        assert (alive.status_code, alive.json()) == (200, {"status": "alive"})
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = own
