"""Make a backup of all that is kept, while the desk works."""

import io
import platform
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from corpusapp.backup import archive, content, programs, registry, snapshot
from corpusapp.core.errors import Conflict

# Told of each piece, and the bytes until then.
Say = Callable[[str, int], None]
# A file of the home that says that it is not whole.
RESTORING = "restoring"
# Secrets of the home that go along. Those of its embedded server belong to that server alone.
SECRET_FILES = ("secret_key",)
_EXTENSIONS = ("pg_trgm",)


@dataclass(frozen=True)
class Backup:
    """What was written: bytes, the hash of the content, and the named files that are not in the home."""

    size: int
    content: str
    tables: int
    files: int
    missing: tuple[str, ...]


def require_whole_home() -> None:
    """Refuse a home in which a restore was broken off."""
    if (settings.HOME.path / RESTORING).exists():
        raise Conflict(
            f"a restore into {settings.HOME.path} is running or was interrupted, so its data is incomplete: delete "
            f"this folder (and empty the database, if DATABASE_URL is set), and restore again"
        )


def quiet(what: str, size: int) -> None:
    """Says nothing of the progress."""


def make_backup(*, writer: archive.Writer, with_secrets: bool = False, say: Say = quiet) -> Backup:
    """Write one consistent moment of the database, and every file that its rows name, into an archive.

    Nobody has to stop working: rows are read in one snapshot, and the files that these name are held by hard links
    before anybody can delete them. `say(what, size)` is told each piece, and the bytes written until then.
    """
    programs.require_for(connection.pg_version // 10000)
    require_whole_home()
    if not MigrationRecorder(connection).has_table():
        raise Conflict(
            f"the database of {settings.HOME.path} has no corpusapp tables, so there is nothing to save: check "
            "CORPUSAPP_HOME and DATABASE_URL"
        )
    with snapshot.staging_folder() as staging, ExitStack() as stack:
        with registry.nothing_removed():
            moment = stack.enter_context(snapshot.one_moment())
            missing = snapshot.link_named_files(staging)
        writer.add_json(archive.ABOUT, about(with_secrets))
        # The other processor hashes meanwhile, in the same snapshot.
        hashing = snapshot.Hashing(moment, with_secrets)
        try:
            _write_database(writer, moment, with_secrets, say)
        finally:
            hashing.join()
        digests = _write_files(writer, staging, say)
    if with_secrets:
        for name in SECRET_FILES:
            data = settings.HOME.secret(name).encode()
            writer.add(f"{archive.SECRETS}/{name}", len(data), io.BytesIO(data))
    found = content.Content(hashing.digests, digests)
    writer.finish(content=found.sha256, tables=dict(found.tables), missing=missing)
    return Backup(writer.size, found.sha256, len(found.tables), len(digests), tuple(missing))


def about(with_secrets: bool) -> dict[str, Any]:
    """What a backup says of the desk that it is of."""
    loader = MigrationLoader(connection)
    return {
        "format": archive.FORMAT,
        "made_at": timezone.now().isoformat(),
        "postgresql": connection.pg_version // 10000,
        "schema": content.schema(),
        "secrets": with_secrets,
        "migrations": sorted(f"{app}.{name}" for app, name in loader.applied_migrations),
        "versions": {"python": platform.python_version(), "django": version("Django"), "spacy": version("spacy")},
    }


def _write_files(writer: archive.Writer, staging: Path, say: Say) -> dict[str, str]:
    digests = {}
    for name, path in snapshot.files_in(staging):
        with path.open("rb") as file:
            writer.add(f"{archive.FILES}/{name}", path.stat().st_size, file)
        digests[name] = writer.pieces[f"{archive.FILES}/{name}"]["sha256"]
        say(name, writer.size)
    return digests


def _write_database(writer: archive.Writer, moment: str, with_secrets: bool, say: Say) -> None:
    withheld = [] if with_secrets else registry.secrets()
    left = [*registry.NEVER_KEPT, *(column.table for column in withheld)]
    options = ["--format=custom", f"--snapshot={moment}", "--no-owner", "--no-privileges", "--no-comments"]
    options.append(f"--lock-wait-timeout={snapshot.JOIN_SECONDS}s")
    options += [f"--exclude-table-data={content.qualified(table)}" for table in left]
    # What stands beside the desk in its database, such as other schemas, extensions, publications and event triggers,
    # is another's, and may be forbidden where it comes back.
    options += [f"--schema={content.schema(quoted=True)}", *(f"--extension={name}" for name in _EXTENSIONS)]
    with programs.running("pg_dump", *options, on=programs.database()) as dump:
        writer.add_stream(archive.DATABASE, _Said(dump.stdout, lambda: say(archive.DATABASE, writer.size)))
    for column in withheld:
        writer.add_stream(f"{archive.ROWS}/{column.table}", io.BytesIO(b"".join(content.rows_without(column))))


class _Said(io.RawIOBase):
    def __init__(self, source: IO[bytes], say: Callable[[], None]) -> None:
        self._source, self._say = source, say

    def read(self, size: int = -1) -> bytes:
        self._say()
        return self._source.read(size)
