"""/healthz and /readyz, which monitoring calls without signing in."""

import os
import socket

import pytest
from django.db import connection, connections
from django.test import Client

from corpusapp import health
from corpusapp.backup.actions import schedule
from corpusapp.core import jobs, waiting_process
from corpusapp.core.home import Home
from corpusapp.core.waiting_process import WaitingProcess
from tests.backup.cast import connected_to, empty_target, execute

# /readyz uses its own connection.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker():
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
        return cursor.fetchone()[0]


def ready():
    answer = Client().get("/readyz")
    assert answer["Cache-Control"].startswith("max-age=0")
    return answer.status_code, answer.json()


def test_ready_without_problems(worker, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        assert not any(check["problem"] for check in health.checks().values())
    status, body = ready()
    assert (status, body["status"], body["problems"]) == (200, "ready", [])
    assert body["checks"]["workers"]["living"] == 1
    assert Client(HTTP_HOST="some.name.of.a.balancer").get("/readyz").status_code == 200
    assert Client().post("/readyz").status_code == Client().post("/healthz").status_code == 405


def test_no_worker(worker):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert ready()[1]["problems"] == ["no worker is running"]


def test_jobs_that_wait_too_long(worker, settings):
    jobs.defer("some task", queue="imports")
    jobs.defer("some task", queue="exports")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_events SET at = now() - interval '2 hours' WHERE job_id = "
            "(SELECT id FROM procrastinate_jobs WHERE queue_name = 'imports')"
        )
    status, body = ready()
    assert (status, body["problems"]) == (503, ["jobs have waited for more than 3600 seconds in: imports"])
    assert body["checks"]["queues"]["oldest_waiting_seconds"] == {"exports": 0, "imports": 7200}
    settings.OLDEST_JOB_SECONDS = 0
    assert ready()[0] == 200


@pytest.mark.parametrize(
    ("change", "revert", "problem"),
    [
        ("DELETE FROM django_migrations WHERE app = 'sessions' AND name = '0001_initial'",
         "INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '0001_initial', now())",
         "1 migrations are pending"),
        ("INSERT INTO django_migrations (app, name, applied) VALUES ('review', '9999_x', now())",
         "DELETE FROM django_migrations WHERE name = '9999_x'",
         "1 migrations are unknown"),
    ],
)  # fmt: skip
def test_a_database_of_another_version(worker, change, revert, problem):
    execute(change)
    try:
        status, body = ready()
    finally:
        execute(revert)
    assert status == 503 and problem in body["problems"][0]


def test_a_database_without_tables(tmp_path):
    with empty_target(tmp_path / "target") as target, connected_to(target.database):
        (problem,) = ready()[1]["problems"]
        assert "migrations are pending" in problem


def test_the_statement_timeout_is_restored(worker):
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        before = cursor.fetchone()
        health.checks()
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == before


def test_a_waiting_backup_job_is_no_problem_but_a_missing_backup_is(worker, settings):
    jobs.defer("some task", queue=jobs.BACKUPS)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_events SET at = now() - interval '2 hours'")
    assert ready()[0] == 200
    settings.BACKUP_HOURS, settings.BACKUP_FOLDER = 24, settings.HOME.path / "none"
    assert ready()[1]["problems"] == ["there is no backup yet"]


def test_an_unreadable_backup_folder(worker, settings, monkeypatch):
    def refused(family=""):
        raise PermissionError(13, "Permission denied", str(settings.BACKUP_FOLDER))

    monkeypatch.setattr(schedule, "kept_backups", refused)
    assert ready()[1]["problems"] == ["BACKUP_FOLDER cannot be read (Permission denied)"]


def test_a_full_disk_and_an_incomplete_home(worker, settings, tmp_path):
    settings.HOME, settings.DISK_RESERVE_BYTES = Home(tmp_path / "home"), 10**18
    (settings.HOME.folder() / "restoring").touch()
    status, body = ready()
    assert status == 503 and len(body["problems"]) == 2
    assert "a restore is running" in body["problems"][0] and "MB are free on the disk" in body["problems"][1]


def test_a_database_that_hangs_does_not_delay_the_response(monkeypatch):
    monkeypatch.setattr(health, "_RESPONSE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setattr(type(connections["default"]), "get_connection_params", lambda self: {
            "host": "127.0.0.1", "port": silent.getsockname()[1], "dbname": "any", "user": "any",
        })  # fmt: skip
        for _ in range(3):
            status, body = ready()
            assert (status, body["problems"]) == (503, ["the database does not answer within 0 seconds"])
        silent.settimeout(30)
        silent.accept()[0].close()
        # All three requests waited for the same check.
        silent.settimeout(0.2)
        with pytest.raises(TimeoutError):
            silent.accept()
    assert Client().get("/healthz").status_code == 200


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


def test_a_feed_that_ended_without_saying_so(worker, settings, tmp_path):
    settings.HOME = Home(tmp_path / "home")
    assert ready()[1]["checks"]["feed"] == {"problem": "", "running": False, "waiting": 0}
    waiting_process.renew(settings.HOME, WaitingProcess(8001, 7))
    assert ready()[1]["checks"]["feed"] == {"problem": "", "running": True, "waiting": 7}
    os.utime(settings.HOME.path / "feed.json", (1, 1))
    status, body = ready()
    assert status == 503 and "followers" in body["problems"][0] and not waiting_process.find(settings.HOME)
    waiting_process.withdraw(settings.HOME)
    assert ready()[0] == 200
