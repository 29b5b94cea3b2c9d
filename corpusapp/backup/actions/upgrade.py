"""Update the database to the code's migrations: in one process at a time, and after a backup."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from corpusapp.backup.actions import schedule
from corpusapp.backup.actions.make import require_whole_home
from corpusapp.backup.actions.restore import missing_migrations, require_utf8, unknown_migrations
from corpusapp.backup.programs import server_version
from corpusapp.core.errors import Conflict
from corpusapp.core.locks import Lock, separate_transaction, try_lock

_OLDEST_POSTGRESQL = 15
_POLL_SECONDS = 0.2


def upgrade(*, say: Callable[[str], None] = lambda line: None, backup: bool = True) -> Path | None:
    """Apply all pending migrations; returns the backup from before, None if there was nothing to back up.

    Raises `Conflict` or `Invalid` for a server that is too old, a new database that is not UTF-8, an interrupted
    restore, and a database that a newer version has used. If several processes call this at once, one does the work and
    the others wait.
    """
    require_whole_home()
    connection.ensure_connection()
    found = server_version()
    if found < _OLDEST_POSTGRESQL:
        raise Conflict(f"DATABASE_URL is a PostgreSQL {found}: {_OLDEST_POSTGRESQL} or newer is needed")
    with _upgrade_lock(say):
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
        # Name each migration, unless all tables are new.
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
def _upgrade_lock(say: Callable[[str], None]) -> Iterator[None]:
    # A migration may commit this thread's transaction, which would release its locks.
    with separate_transaction() as cursor:
        said = False
        # Poll: a statement that waits would block CREATE INDEX CONCURRENTLY in the other process.
        while not try_lock(Lock.UPGRADE, cursor=cursor):
            if not said:
                say("Another process is updating the database: waiting …")
            said = True
            time.sleep(_POLL_SECONDS)
        yield
