"""Bring the database up to the code: once, whoever else starts at the same time, and with a backup before."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from corpusapp.backup import registry
from corpusapp.backup.actions import schedule
from corpusapp.backup.actions.make import require_whole_home
from corpusapp.backup.actions.restore import missing_migrations, require_utf8, unknown_migrations
from corpusapp.core.errors import Conflict
from corpusapp.core.locks import Lock, try_lock

_OLDEST_POSTGRESQL = 15
_POLL_SECONDS = 0.2


def upgrade(*, say: Callable[[str], None] = lambda line: None, backup: bool = True) -> Path | None:
    """Apply what migrations are pending; returns the backup that was made before, None where there was nothing to save.

    Refuses a server that is too old, a new database that is not of UTF-8, a home in which a restore was broken off, and
    a database that a newer version of the code has been at. Of several processes that come here at once one does the
    work, and the others wait for it.
    """
    require_whole_home()
    connection.ensure_connection()
    found = connection.pg_version // 10000
    if found < _OLDEST_POSTGRESQL:
        raise Conflict(f"DATABASE_URL is a PostgreSQL {found}: {_OLDEST_POSTGRESQL} or newer is needed")
    with _alone(say):
        _require_known()
        executor = MigrationExecutor(connection)
        # Squashed migrations whose parts are all applied count as applied.
        executor.check_replacements()
        pending, used = executor.migration_plan(executor.loader.graph.leaf_nodes()), executor.loader.applied_migrations
        if not pending:
            return None
        if not used:
            require_utf8()
        saved = schedule.save(schedule.BEFORE_UPGRADE, with_secrets=True, say=say) if backup and used else None
        if used:
            say(f"Updating the database, in {len(pending)} steps …")
        # Each step is named while it is made, unless all tables are new.
        call_command("migrate", interactive=False, verbosity=1 if used else 0)
        return saved


def _require_known() -> None:
    applied = [f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()]
    if unknown := unknown_migrations(applied):
        raise Conflict(
            f"the database was used by a newer version of corpusapp (it has {unknown[0]}): install that version, or "
            f"restore the backup from before the upgrade"
        )
    if missing := missing_migrations(applied):
        raise Conflict(
            f"the database was last used by a version of corpusapp that is too old (it lacks {missing[0]}): upgrade it "
            f"first with the version of 29 November 2026"
        )


@contextmanager
def _alone(say: Callable[[str], None]) -> Iterator[None]:
    # A migration may end this thread's transaction, and with it its locks.
    with registry.beside() as cursor:
        told = False
        # A statement that waits would hold up an index that is made concurrently, and that is what is waited for.
        while not try_lock(Lock.UPGRADE, cursor=cursor):
            if not told:
                say("Another process is updating the database: waiting …")
            told = True
            time.sleep(_POLL_SECONDS)
        yield
