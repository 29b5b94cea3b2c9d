"""Automatic backups: when they are due, how many are kept, and how failures are reported."""

import os
import shutil
import time

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from procrastinate.contrib.django import app

from corpusapp import health
from corpusapp.backup import archive
from corpusapp.backup.actions import schedule
from corpusapp.core.errors import Conflict, NoRoom
from tests import factories
from tests.backup.cast import execute


@pytest.fixture
def folder(desk, settings, tmp_path):
    settings.BACKUP_FOLDER = tmp_path / "saved"
    settings.BACKUP_HOURS = 24
    return settings.BACKUP_FOLDER


def aged(path, hours):
    then = time.time() - hours * 3600
    os.utime(path, (then, then))


def test_a_backup_is_created_when_it_is_due(folder, settings):
    assert schedule.newest_age() is None and schedule.overdue()
    assert schedule.save_if_due()
    (made,) = schedule.kept_backups()
    assert archive.verified_manifest(made)["content"] and not schedule.overdue()
    assert not schedule.save_if_due()
    made = made.rename(folder / "desk-2026-01-01T00-00-00.tar")
    aged(made, 25)
    settings.BACKUP_HOURS = 0
    assert not schedule.save_if_due() and not schedule.overdue()
    settings.BACKUP_HOURS = 24
    assert schedule.save_if_due()
    assert len(schedule.kept_backups()) == 2 and made.exists()


def test_a_backup_from_the_future_is_ignored(folder, settings):
    folder.mkdir()
    settings.BACKUPS_KEPT = 1
    (folder / "desk-2099-01-01T00-00-00.tar").touch()
    aged(folder / "desk-2099-01-01T00-00-00.tar", -500_000)
    assert schedule.newest_age() is None and schedule.overdue()
    assert schedule.save_if_due() and not schedule.save_if_due() and not schedule.overdue()


def test_a_folder_that_cannot_be_created_is_named(folder, settings, tmp_path):
    (tmp_path / "file").touch()
    settings.BACKUP_FOLDER = tmp_path / "file" / "saved"
    with pytest.raises(Conflict, match=f"BACKUP_FOLDER, {settings.BACKUP_FOLDER} .Not a directory.: make it writable"):
        schedule.save_if_due()


def test_the_newest_backups_are_kept(folder, settings):
    settings.BACKUPS_KEPT = 2
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"desk-2026-01-0{day}T00-00-00.tar").touch()
        (folder / f"before-upgrade-2026-01-0{day}T00-00-00.tar").touch()
    (folder / "desk-of-mine.tar").touch()
    made = schedule.save(schedule.SCHEDULED)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [
            *(f"before-upgrade-2026-01-0{day}T00-00-00.tar" for day in (1, 2, 3)),
            "desk-2026-01-03T00-00-00.tar",
            "desk-of-mine.tar",
            made.name,
        ]
    )


def test_files_of_another_home_are_reported_as_missing(folder, caplog):
    shutil.rmtree(settings.HOME.path / "releases")
    made = schedule.save(schedule.SCHEDULED)
    assert f"{made} lacks 1 files that are in the database" in caplog.text


def test_drafts_of_killed_processes_are_deleted(folder):
    folder.mkdir()
    old, young = (folder / f".desk-2026-01-0{day}T00-00-00.tar.7.partial" for day in (1, 2))
    for draft, hours in ((old, 25), (young, 23)):
        draft.touch()
        aged(draft, hours)
    made = schedule.save(schedule.SCHEDULED)
    assert sorted(folder.iterdir()) == sorted([young, made])


def test_a_failed_backup_is_reported_and_retried_later(folder, settings):
    settings.DISK_RESERVE_BYTES = 10**18
    with pytest.raises(NoRoom):
        schedule.save_if_due()
    assert not schedule.save_if_due()
    assert "are reserved for decisions" in schedule.failure_reason()
    status = Client()
    status.force_login(factories.make_superuser())
    assert "The last attempt failed: the server&#x27;s disk has" in status.get("/admin/status/").text
    assert health.checks()["backups"]["problem"] == "there is no backup yet"
    settings.DISK_RESERVE_BYTES = 0
    aged(settings.HOME.path / "upkeep" / "backup-tried", 1)
    assert schedule.save_if_due() and schedule.failure_reason() == ""
    assert health.checks()["backups"]["problem"] == ""


def test_a_table_without_permission_is_named(desk, tmp_path):
    execute("CREATE TABLE of_others (id int)")
    execute("REVOKE ALL ON of_others FROM CURRENT_USER")
    try:
        with pytest.raises(CommandError, match="permission denied for table of_others"):
            call_command("backup", str(tmp_path / "one.tar"))
        assert not list(tmp_path.glob("*one.tar*"))
    finally:
        execute("DROP TABLE of_others")


def test_only_one_scheduled_backup_runs_at_a_time(folder):
    first = app.tasks["scheduled_backup"].configure().defer()
    fetch = "SELECT id FROM procrastinate_fetch_job_v2(ARRAY['backups'], NULL)"
    with connection.cursor() as cursor:
        cursor.execute(fetch)
        assert cursor.fetchone()[0] == first
        app.tasks["scheduled_backup"].configure().defer()
        cursor.execute(fetch)
        assert cursor.fetchone()[0] is None
