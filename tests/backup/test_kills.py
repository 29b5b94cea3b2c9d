"""Backups and restores that are killed or terminated: the data is unchanged, and an incomplete home is refused."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction

from corpusapp.backup import registry
from corpusapp.backup.actions import upgrade
from corpusapp.backup.actions.restore import RESTORING, restore_backup
from corpusapp.backup.snapshot import content_now
from corpusapp.core.errors import Conflict, Invalid
from tests.backup.test_backup import backup
from tests.processes import environment, wait_until


def start(*command, **options):
    # A suite in the background ignores SIGINT and SIGHUP, and its children would inherit that.
    return subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=django_settings.BASE_DIR,
        env=environment(CORPUSAPP_HOME=str(django_settings.HOME.path)),
        start_new_session=True,
        stderr=subprocess.DEVNULL,
        preexec_fn=_default_signals,
        **options,
    )


def _default_signals():
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


# A restore that is killed after it has sent the first rows.
LOADING = """
import os, signal
from corpusapp.backup import programs
with programs.loading(programs.database()) as psql:
    psql.write(b"CREATE TABLE half (id int);\\nCOPY half FROM stdin;\\n" + b"1\\n" * 100_000)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_load_commits_nothing(target):
    with target.entered():
        start("shell", "-c", LOADING, stdout=subprocess.DEVNULL).wait()
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        wait_until(lambda: _count(others) == 0)
        assert _count("SELECT count(*) FROM pg_class WHERE relname = 'half'") == 0


def _count(query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_terminated_backup_leaves_nothing(desk, tmp_path, number):
    with registry.nothing_removed():
        # The backup waits for this lock.
        process = start("backup", str(tmp_path / "one.tar"))
        wait_until(lambda: list(django_settings.HOME.path.glob("backup-staging/*/lock")))
        process.send_signal(number)
        assert process.wait() == 128 + number
    assert list(tmp_path.glob(".one*")) == []
    assert list((django_settings.HOME.path / "backup-staging").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_terminated_restore_is_undone(desk, target, tmp_path, number):
    made = backup(tmp_path / "one.tar")
    with target.entered():
        with transaction.atomic(), connection.cursor() as cursor:
            # The restore waits for this lock after it has written the files.
            cursor.execute("CREATE TABLE articles_article ()")
            process = start("restore", str(tmp_path / "one.tar"))
            waiting = "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            wait_until(lambda: _count(waiting))
            process.send_signal(number)
            assert process.wait() != 0
            transaction.set_rollback(True)
        assert restore_backup(path=tmp_path / "one.tar")[0].sha256 == made.content


def test_a_killed_backup_changes_nothing(desk, target, tmp_path):
    before = content_now()
    path = tmp_path / "cut.tar"
    process = start("backup", "-", stdout=subprocess.PIPE)
    # It waits until the rest of its output is read.
    path.write_bytes(process.stdout.read(100_000))
    kill(process)
    process.stdout.close()
    assert content_now() == before
    # Its links are deleted.
    assert list((django_settings.HOME.path / "backup-staging").iterdir()) == []
    backup(tmp_path / "one.tar")
    with target.entered(), pytest.raises(Invalid, match="incomplete"):
        restore_backup(path=path)


@pytest.mark.parametrize("seconds", [0, 0.3, 0.6])
def test_a_home_with_a_killed_restore_is_refused(desk, target, tmp_path, seconds):
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
            # It had ended by then.
            assert content_now().sha256 == made.content
            return
        for again in (lambda: restore_backup(path=path), upgrade.upgrade):
            with pytest.raises(Conflict, match="is running or was interrupted"):
                again()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            )
            (tables,) = cursor.fetchone()
        assert tables == 0 or content_now().sha256 == made.content
    assert content_now().sha256 == made.content
