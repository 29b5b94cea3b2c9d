"""Old data is deleted once a day, each kind after its number of days."""

import io
import os
import time
from datetime import timedelta

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.review.models import Presence
from corpusapp import tasks
from corpusapp.articles.actions import uploads
from corpusapp.articles.models import ImportBatch
from corpusapp.core import jobs, upkeep
from corpusapp.core.home import Home
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(settings, tmp_path):
    settings.HOME = Home(tmp_path / "home")
    return settings.HOME


def aged(path, days):
    then = time.time() - days * 24 * 3600
    os.utime(path, (then, then))


def test_expired_sessions():
    for days in (-1, 1):
        session = SessionStore()
        session.create()
        Session.objects.filter(pk=session.session_key).update(expire_date=timezone.now() + timedelta(days=days))
    assert tasks.prune_sessions() == 1
    assert Session.objects.get().expire_date > timezone.now()


@pytest.mark.django_db(transaction=True)
def test_jobs_that_failed_long_ago(settings):
    for number, (status, days) in enumerate([("failed", 40), ("failed", 20), ("todo", 40)]):
        jobs.defer("some task", number=number)
        ours = "WHERE args ->> 'number' = %s"
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = %s WHERE args ->> 'number' = %s", [status, str(number)]
            )
            cursor.execute(
                "UPDATE procrastinate_events SET at = now() - make_interval(days => %s) "
                f"WHERE job_id = (SELECT id FROM procrastinate_jobs {ours})",
                [days, str(number)],
            )
    tasks.prune_jobs()
    left = sorted(job.args["number"] for job in ProcrastinateJob.objects.filter(task_name="some task"))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")
    assert left == [1, 2]


def test_uploads_of_ended_imports(home):
    root, corpus = factories.make_superuser(), factories.make_corpus()
    kept = []
    for state in ("failed", "waiting"):
        files = [("a.txt", io.BytesIO(b"A text."))]
        batch = uploads.receive_upload(user=root, corpus=corpus, files=files, origin="form", suggest=False)
        if state == "failed":
            ImportBatch.objects.filter(pk=batch.pk).update(state=state, finished_at=timezone.now())
        kept.append(uploads.kept_files(batch)[0][1].parent)
    assert uploads.prune_uploads() == 0
    for folder in kept:
        aged(folder, 31)
    assert uploads.prune_uploads() == 1
    assert not kept[0].exists() and kept[1].exists()


def test_logs(home):
    logs = home.folder("logs")
    for name, days, size in (("web.log", 0, 11_000_000), ("worker.log", 90, 10), ("old.1.log", 31, 10)):
        (logs / name).write_bytes(b"x" * size)
        aged(logs / name, days)
    with (logs / "web.log").open("ab") as written:
        assert tasks.prune_logs() == 1
        written.write(b"the next line")
    assert {path.name for path in logs.iterdir()} == {"web.log", "web.1.log", "worker.log"}
    assert (logs / "web.log").read_bytes() == b"the next line"


def test_everything_is_pruned_once_a_day(home, monkeypatch):
    article, user = factories.make_article(factories.make_corpus()), factories.make_superuser()
    Presence.objects.create(article=article, user=user, seen_at=timezone.now() - timedelta(days=1))
    assert {"sessions", "failed jobs", "uploads", "logs", "presence", "exports"} <= set(upkeep._pruners)
    monkeypatch.setitem(upkeep._pruners, "sessions", lambda: 1 / 0)
    monkeypatch.setitem(upkeep._pruners, "failed jobs", lambda: 0)
    # An error in one pruner does not stop the others.
    assert upkeep.prune_if_due() and not Presence.objects.exists()
    assert not upkeep.prune_if_due()
    aged(home.folder("upkeep") / "pruned", 1.01)
    assert upkeep.prune_if_due()
