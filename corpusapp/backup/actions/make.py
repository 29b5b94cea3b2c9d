"""Create a backup of all data, while the site is in use."""

import io
import platform
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from corpusapp.backup import archive, content, programs, registry, snapshot
from corpusapp.core.errors import Conflict

# Called with the name of each piece, and the bytes so far.
Report = Callable[[str, int], None]
# A file of the home that marks it as incomplete.
RESTORING = "restoring"
# Secrets of the home that a backup with secrets contains. The embedded server's belong to that server alone.
SECRET_FILES = ("secret_key",)
_EXTENSIONS = ("pg_trgm",)


@dataclass(frozen=True)
class Backup:
    """A created backup: its bytes, the hash of its content, and the files that rows name but the home lacks."""

    size: int
    content: str
    tables: int
    files: int
    missing: tuple[str, ...]


def require_whole_home() -> None:
    """Raise `Conflict` if a restore into this home was interrupted."""
    if (settings.HOME.path / RESTORING).exists():
        raise Conflict(
            f"a restore into {settings.HOME.path} is running or was interrupted, so its data is incomplete: delete "
            f"this folder (and empty the database, if DATABASE_URL is set), and restore again"
        )


def no_report(name: str, size: int) -> None:
    """Reports nothing."""


def make_backup(*, writer: archive.Writer, with_secrets: bool = False, report: Report = no_report) -> Backup:
    """Write a consistent snapshot of the database, and all files that its rows name, to an archive.

    Users can go on working: rows are read in one snapshot, and their files are hard-linked before they can be deleted.
    Raises `Conflict` for a home that is incomplete or a database without our tables, and `Invalid` if the programs are
    too old.
    """
    programs.require_for(programs.server_version())
    require_whole_home()
    if not MigrationRecorder(connection).has_table():
        raise Conflict(
            f"the database of {settings.HOME.path} has no corpusapp tables, so there is nothing to save: check "
            "CORPUSAPP_HOME and DATABASE_URL"
        )
    with snapshot.staging_folder() as staging, ExitStack() as stack:
        with registry.nothing_removed():
            snapshot_name = stack.enter_context(snapshot.exported_snapshot())
            missing = snapshot.link_named_files(staging)
        writer.add_json(archive.ABOUT, about(with_secrets))
        # Hash in parallel, in the same snapshot.
        hashing = snapshot.Hashing(snapshot_name, with_secrets)
        try:
            _write_database(writer, snapshot_name, with_secrets, report)
        finally:
            hashing.join()
        digests = _write_files(writer, staging, report)
    if with_secrets:
        for name in SECRET_FILES:
            data = settings.HOME.secret(name).encode()
            writer.add(f"{archive.SECRETS}/{name}", len(data), io.BytesIO(data))
    found = content.Content(hashing.digests, digests)
    writer.finish(content=found.sha256, tables=dict(found.tables), missing=missing)
    return Backup(writer.size, found.sha256, len(found.tables), len(digests), tuple(missing))


def about(with_secrets: bool) -> dict[str, Any]:
    """The description of a backup, for `about.json`."""
    loader = MigrationLoader(connection)
    return {
        "format": archive.FORMAT,
        "made_at": timezone.now().isoformat(),
        "postgresql": programs.server_version(),
        "schema": content.schema(),
        "secrets": with_secrets,
        "migrations": sorted(f"{app}.{name}" for app, name in loader.applied_migrations),
        "versions": {"python": platform.python_version(), "django": version("Django"), "spacy": version("spacy")},
    }


def _write_files(writer: archive.Writer, staging: Path, report: Report) -> dict[str, str]:
    digests = {}
    for name, path in snapshot.files_in(staging):
        with path.open("rb") as file:
            writer.add(f"{archive.FILES}/{name}", path.stat().st_size, file)
        digests[name] = writer.pieces[f"{archive.FILES}/{name}"]["sha256"]
        report(name, writer.size)
    return digests


def _write_database(writer: archive.Writer, snapshot_name: str, with_secrets: bool, report: Report) -> None:
    withheld = [] if with_secrets else registry.secrets()
    excluded = [*registry.WITHOUT_ROWS, *(column.table for column in withheld)]
    options = ["--format=custom", f"--snapshot={snapshot_name}", "--no-owner", "--no-privileges", "--no-comments"]
    options.append(f"--lock-wait-timeout={snapshot.JOIN_SECONDS}s")
    options += [f"--exclude-table-data={content.qualified(table)}" for table in excluded]
    # Other schemas, extensions, publications and event triggers in the database are not ours, and the role may not be
    # allowed to restore them.
    options += [f"--schema={content.schema(quoted=True)}", *(f"--extension={name}" for name in _EXTENSIONS)]
    with programs.running("pg_dump", *options, on=programs.database()) as dump:
        writer.add_stream(archive.DATABASE, _Reported(dump.stdout, lambda: report(archive.DATABASE, writer.size)))
    for column in withheld:
        writer.add_stream(f"{archive.ROWS}/{column.table}", io.BytesIO(b"".join(content.rows_without(column))))


class _Reported:
    """A source that reports progress at each read."""

    def __init__(self, source: archive.Readable, report: Callable[[], None]) -> None:
        self._source, self._report = source, report

    def read(self, size: int = -1) -> bytes:
        self._report()
        return self._source.read(size)
