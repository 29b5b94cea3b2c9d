"""The system status, for superusers."""

import re

import pytest
from django.db import connection
from django.test import Client

from corpusapp.articles.models import Role
from corpusapp.core import jobs
from tests import factories

pytestmark = pytest.mark.django_db


def page(user):
    client = Client()
    client.force_login(user)
    return client.get("/admin/status/")


def test_workers_jobs_and_backups(settings, tmp_path):
    settings.BACKUP_FOLDER, settings.BACKUP_HOURS = tmp_path, 24
    (tmp_path / "desk-2026-01-01T00-00-00.tar").write_bytes(b"x" * 2048)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')")
    jobs.defer("some task", queue="imports")
    text = page(factories.make_superuser()).text
    for expected in (
        "No problems found.",
        "running",
        "idle",
        "1 more is not responding, last seen 3600 s ago",
        "No job failed",
        "imports",
        "Automatic, every 24 hours",
        "2.0",
        "desk-2026-01-01",
    ):
        assert expected in text, expected


def test_failed_jobs_and_dead_workers_with_jobs(settings, tmp_path):
    settings.BACKUP_FOLDER = tmp_path
    for _ in range(3):
        jobs.defer("some task", queue="exports")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '2 minutes') RETURNING id"
        )
        (worker,) = cursor.fetchone()
        cursor.execute("SELECT id FROM procrastinate_jobs ORDER BY id")
        (one,), (other,), (third,) = cursor.fetchall()
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = %s", [worker, third])
        for job in (one, other):
            cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])
            cursor.execute("SELECT procrastinate_finish_job_v1(%s, 'failed', false)", [job])
    text = re.sub(r">\s+<", "><", page(factories.make_superuser()).text)
    assert "<td>exports</td><td>some task</td><td>2</td>" in text and "log of the worker" in text
    assert (
        "<td>not responding</td><td>120 s ago</td><td>some task</td>" in text and "more is not responding" not in text
    )


def test_problems_are_listed_first(settings, tmp_path):
    settings.BACKUP_FOLDER, settings.BACKUP_HOURS = tmp_path, 0
    text = page(factories.make_superuser()).text
    for expected in (
        "no worker is running",
        "No worker is running",
        "No waiting jobs",
        "No backups yet",
        "BACKUP_HOURS",
    ):
        assert expected in text, expected


def test_only_superusers_can_see_it():
    corpus = factories.make_corpus()
    assert page(factories.make_member(corpus, Role.MANAGER)).status_code == 403
    assert page(factories.make_member(corpus, Role.EDITOR)).status_code == 403
    assert Client().get("/admin/status/").status_code == 302
    client = Client()
    client.force_login(factories.make_superuser())
    assert "/admin/status/" in client.get("/admin/").text
    client.force_login(factories.make_member(corpus, Role.MANAGER))
    assert "/admin/status/" not in client.get("/admin/").text
