"""A backup and a restore that are killed in the middle: the desk stays as it is, and what was half made is refused."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings
from django.db import connection

from corpusapp.backup.actions import upgrade
from corpusapp.backup.actions.restore import RESTORING, restore_backup
from corpusapp.backup.snapshot import content_now
from corpusapp.refusals import Conflict, Invalid
from tests.backup.test_backup import backup
from tests.processes import environment, wait_until


def start(*command, **options):
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=django_settings.BASE_DIR,
        env=environment(CORPUSAPP_HOME=str(django_settings.HOME.path)),
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        **options,
    )


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def test_a_killed_backup_leaves_the_desk_as_it_is(desk, target, tmp_path):
    before = content_now()
    path = tmp_path / "cut.tar"
    process = start("backup", "-", stdout=subprocess.PIPE)
    # It waits for whoever takes the rest.
    path.write_bytes(process.stdout.read(100_000))
    kill(process)
    process.stdout.close()
    assert content_now() == before
    # What it had linked is swept.
    assert list((django_settings.HOME.path / "backup-staging").iterdir()) == []
    backup(tmp_path / "one.tar")
    with target.entered(), pytest.raises(Invalid, match="cut off"):
        restore_backup(path=path)


@pytest.mark.parametrize("seconds", [0, 0.3, 0.6])
def test_a_killed_restore_is_told_and_refused(desk, target, tmp_path, seconds):
    path = tmp_path / "one.tar"
    made = backup(path)
    with target.entered():
        process = start("restore", str(path), stdout=subprocess.DEVNULL)
        mark = target.home.path / RESTORING
        wait_until(lambda: mark.exists() or process.poll() is not None)
        time.sleep(seconds)
        kill(process)
        connection.close()
        if not mark.exists():
            # It was whole by then.
            assert content_now().sha256 == made.content
            return
        for again in (lambda: restore_backup(path=path), upgrade.upgrade):
            with pytest.raises(Conflict, match="runs, or was broken off"):
                again()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            )
            (tables,) = cursor.fetchone()
        assert tables == 0 or content_now().sha256 == made.content
    assert content_now().sha256 == made.content
