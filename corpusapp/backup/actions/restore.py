"""Restore a backup into an empty home and an empty database."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader

from corpusapp.backup import archive, content, encryption, programs, registry
from corpusapp.backup.actions.make import RESTORING, SECRET_FILES, Report, no_report, require_whole_home
from corpusapp.backup.snapshot import content_now
from corpusapp.core.errors import Conflict, Invalid

_CHUNK = 1024 * 1024
# pg_restore of version 17 and later writes this statement, which older servers do not know.
_UNKNOWN_TO_OLDER = b"SET transaction_timeout = 0;\n"
_END_OF_ROWS = b"\\.\n"
# The schema of backups that do not name theirs.
_DEFAULT_SCHEMA = "public"


def restore_backup(
    *, path: Path, identity: Path | None = None, report: Report = no_report
) -> tuple[content.Content, list[str]]:
    """Restore a backup into this home and database, which have to be empty; returns the content and what to do next.

    Raises `Invalid` or `Conflict`, before anything is changed, for a damaged archive, one of a newer PostgreSQL or
    newer code, a wrong key, and a target that is not empty. A failure undoes everything; if this process is killed, the
    home stays marked as incomplete.
    """
    # Read once: the file may be a pipe.
    keys = None if identity is None else encryption.read_private_keys(identity)
    about = archive.about(path, identity=keys)
    _require_valid(about, path)
    require_compatible(about)
    with _restoring() as attempt:
        require_empty()
        manifest = archive.verified_manifest(path, identity=keys)
        _require_consistent(manifest, path)
        _restore_files(path, keys, attempt.files, report)
        attempt.loading = True
        _restore_database(path, keys, report)
        found = content_now(secrets_too=about["secrets"])
        if found.sha256 != manifest["content"]:
            raise ContentDiffers(_difference(found, manifest))
        gone = [f"{name} was missing from the home when the backup was created" for name in manifest.get("missing", ())]
        return found, [*gone, *(line for column in registry.secrets() if (line := column.todo()))]


def _require_valid(about: dict[str, Any], path: Path) -> None:
    types = {"postgresql": int, "secrets": bool, "migrations": list}
    if wrong := [name for name, kind in types.items() if not isinstance(about.get(name), kind)]:
        raise encryption.Damaged(f"{archive.ABOUT} of {path} has no valid {wrong[0]}: use another backup")


def _require_consistent(manifest: dict[str, Any], path: Path) -> None:
    """Raise `Damaged` if the manifest's hash of the content is not that of its tables and files."""
    start = f"{archive.FILES}/"
    files = {
        name.removeprefix(start): piece["sha256"]
        for name, piece in manifest["pieces"].items()
        if name.startswith(start)
    }
    tables = manifest.get("tables")
    if not isinstance(tables, dict) or content.Content(tables, files).sha256 != manifest.get("content"):
        raise encryption.Damaged(f"{archive.MANIFEST} was altered in {path}: use another backup")


def require_compatible(about: dict[str, Any]) -> None:
    """Raise `Invalid` for a backup of a newer PostgreSQL, another schema, or migrations that this code lacks."""
    ours = programs.server_version()
    programs.require_for(ours)
    if about["postgresql"] > ours:
        raise Invalid(
            f"the backup is from PostgreSQL {about['postgresql']}, and the target is {ours}: restore into "
            f"{about['postgresql']} or newer"
        )
    require_utf8()
    here, there = content.schema(), about.get("schema", _DEFAULT_SCHEMA)
    if here != there:
        raise Invalid(
            f"the backup has the schema {there}, and the target has {here or 'none'}: create that schema, and put it "
            f"first in the role's search_path"
        )
    if newer := unknown_migrations(about["migrations"]):
        raise Invalid(f"the backup was created by a newer version (it has {newer[0]}): restore it with that version")
    if older := missing_migrations(about["migrations"]):
        raise Invalid(
            f"the backup was created by a version that is too old (it lacks {older[0]}): restore and upgrade it first "
            "with the version of 29 November 2026"
        )


def require_utf8() -> None:
    """Raise `Invalid` if the database's encoding is not UTF-8: offsets count code points."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        if (found := cursor.fetchone()[0]) != "UTF8":
            raise Invalid(
                f"the database's encoding is {found}, and UTF8 is needed: create one with CREATE DATABASE … ENCODING "
                "'UTF8' TEMPLATE template0"
            )


def unknown_migrations(applied: list[str]) -> list[str]:
    """Those of the migrations, as `app.name`, that this code does not have."""
    loader = MigrationLoader(None, replace_migrations=False)
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    known |= {f"{app}.{name}" for migration in loader.disk_migrations.values() for app, name in migration.replaces}
    return sorted(name for name in applied if name not in known)


def missing_migrations(applied: list[str]) -> list[str]:
    """Those that this code can no longer apply: of a squashed migration some of those that it replaces were applied."""
    done = set(applied)
    missing: set[str] = set()
    for (app, name), migration in MigrationLoader(None, replace_migrations=False).disk_migrations.items():
        replaced = {f"{app}.{name}" for app, name in migration.replaces}
        if f"{app}.{name}" not in done and replaced & done:
            missing |= replaced - done
    return sorted(missing)


def require_empty() -> None:
    """Raise `Conflict` if the database has tables, or the home has files of rows."""
    if tables := _count_tables():
        raise Conflict(f"the database is not empty (it has {tables} tables): restore into an empty one")
    for each in registry.files():
        folder = settings.HOME.folder(each.folder)
        if any(folder.iterdir()):
            raise Conflict(f"the home is not empty ({folder} has files): restore into an empty one")


def _count_tables() -> int:
    with connection.cursor() as cursor:
        cursor.execute(content.TABLES)
        return len(cursor.fetchall())


class ContentDiffers(Conflict):
    """The restored content is not the content of the backup."""

    title = "Not restored"


@dataclass
class _Attempt:
    """The files that a restore has written, and whether it has started to load the database."""

    files: list[Path] = field(default_factory=list)
    loading: bool = False

    def undo(self) -> bool:
        """Delete the files, unless there may be rows in the database; returns whether it did."""
        if self.loading:
            try:
                connection.close()
                if _count_tables():
                    return False
            except Error:
                return False
        for path in self.files:
            for file in (path, _draft_of(path)):
                file.unlink(missing_ok=True)
            for folder in path.parents:
                if folder.parent == settings.HOME.path:
                    break
                with suppress(OSError):
                    folder.rmdir()
        return True


@contextmanager
def _restoring() -> Iterator[_Attempt]:
    """Mark the home as incomplete within the block. A failure undoes everything.

    If the database has rows by then, nothing is undone, and the home stays marked.
    """
    require_whole_home()
    mark = settings.HOME.folder() / RESTORING
    try:
        mark.touch(0o600, exist_ok=False)
    except FileExistsError:
        # Another restore has just started.
        require_whole_home()
        raise
    attempt = _Attempt()
    try:
        yield attempt
    except BaseException:
        if attempt.undo():
            mark.unlink()
        raise
    mark.unlink()


def _restore_files(path: Path, identity: encryption.Identity | None, restored: list[Path], report: Report) -> None:
    modes = {each.folder: each.mode for each in registry.files()}
    size = 0
    with archive.reading(path, identity=identity) as pieces:
        for name, file in pieces:
            kind, _, within = name.partition("/")
            if kind not in (archive.FILES, archive.SECRETS):
                continue
            folder, _, rest = within.partition("/")
            if kind == archive.SECRETS and within in SECRET_FILES:
                target, mode = settings.HOME.folder("secrets") / within, 0o600
            elif kind == archive.FILES and folder in modes and _is_within(rest):
                target, mode = settings.HOME.folder(folder) / rest, modes[folder]
                restored.append(target)
            else:
                raise encryption.Damaged(f"{name} does not belong in a home")
            size += _write(file, target, mode)
            report(name, size)


def _is_within(path: str) -> bool:
    return bool(path) and not Path(path).is_absolute() and ".." not in Path(path).parts and "\0" not in path


def _write(file: IO[bytes], target: Path, mode: int) -> int:
    """Write the whole file, or nothing; returns the number of bytes."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = _draft_of(target)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        shutil.copyfileobj(file, out, _CHUNK)
        out.flush()
        os.fsync(out.fileno())
        size = out.tell()
    draft.chmod(mode)
    draft.replace(target)
    return size


def _draft_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.restoring")


def _restore_database(path: Path, identity: encryption.Identity | None, report: Report) -> None:
    """Restore all tables, in one transaction."""
    with programs.loading(programs.database()) as psql:
        _restore_sections(path, identity, psql, ("pre-data", "data"), report)
        _restore_rows(path, identity, psql)
        _restore_sections(path, identity, psql, ("post-data",), report)
        psql.write(b"ANALYZE;\n")


def _restore_sections(
    path: Path, identity: encryption.Identity | None, out: programs.Input, sections: tuple[str, ...], report: Report
) -> None:
    options = ["--file=-", "--no-owner", "--no-privileges", "--no-comments"]
    options += [f"--section={section}" for section in sections]
    with programs.running("pg_restore", *options) as restore:
        feeding = threading.Thread(target=_feed, args=(path, identity, restore.stdin, report), daemon=True)
        feeding.start()
        start = restore.stdout.read(_CHUNK)
        # The schema exists already.
        for line in (_UNKNOWN_TO_OLDER, f"CREATE SCHEMA {content.schema(quoted=True)};\n".encode()):
            start = start.replace(line, b"", 1)
        out.write(start)
        shutil.copyfileobj(restore.stdout, out, _CHUNK)
        feeding.join()


def _feed(path: Path, identity: encryption.Identity | None, out: programs.Input, report: Report) -> None:
    """Write the dump to a program, which may stop reading before the end."""
    size = 0
    with suppress(BrokenPipeError), archive.reading(path, identity=identity) as pieces, out:
        for name, file in pieces:
            if name.startswith(f"{archive.DATABASE}/"):
                shutil.copyfileobj(file, out, _CHUNK)
                report(archive.DATABASE, size := size + file.tell())


def _restore_rows(path: Path, identity: encryption.Identity | None, out: programs.Input) -> None:
    """Restore the tables with secret columns, whose rows are not in the dump."""
    table = ""
    with archive.reading(path, identity=identity) as pieces:
        for name, file in pieces:
            kind, _, within = name.partition("/")
            if kind != archive.ROWS:
                continue
            data = file.read()
            if (found := within.rpartition("/")[0]) != table:
                out.write(_END_OF_ROWS if table else b"")
                table, columns, data = found, *_split_header(data)
                out.write(f"COPY {content.qualified(table)} ({columns}) FROM stdin;\n".encode())
            out.write(data)
    out.write(_END_OF_ROWS if table else b"")


def _split_header(data: bytes) -> tuple[str, bytes]:
    """The names of columns in the first line, and the rows."""
    columns, _, rows = data.partition(b"\n")
    return columns.decode(), rows


def _difference(found: content.Content, manifest: dict[str, Any]) -> str:
    tables = [name for name, digest in manifest["tables"].items() if found.tables.get(name) != digest]
    where = f"the tables {', '.join(sorted(tables))}" if tables else "the files"
    return (
        f"the restored data differs from the backup: {where} differ. The home is marked as incomplete: delete it, "
        f"empty the database, and restore again"
    )
