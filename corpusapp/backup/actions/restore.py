"""Bring a backup back, into an empty home and an empty database."""

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

from corpusapp.backup import archive, content, programs, registry
from corpusapp.backup.actions.make import RESTORING, SECRET_FILES, Say, quiet, require_whole_home
from corpusapp.backup.snapshot import content_now
from corpusapp.core.errors import Conflict, Invalid

_CHUNK = 1024 * 1024
# What pg_restore of 17 and later writes at the beginning, and older servers do not know.
_UNKNOWN_TO_OLDER = b"SET transaction_timeout = 0;\n"
_END_OF_ROWS = b"\\.\n"
# What backups are of that do not say it.
_SCHEMA = "public"


def restore_backup(*, path: Path, identity: Path | None = None, say: Say = quiet) -> tuple[content.Content, list[str]]:
    """Bring a backup into this home and this database, which have to be empty; returns what there is to do now.

    Refuses, before anything is changed, an archive that is damaged, of a newer PostgreSQL or of newer code, a wrong
    key, and a target that holds anything. Where it fails, all is taken back; where it is killed, the home says so.
    """
    # Once: it may come from a pipe.
    keys = None if identity is None else archive.keys_in(identity)
    said = archive.about(path, identity=keys)
    _require_said(said, path)
    require_able(said)
    with _restoring() as attempt:
        require_empty()
        manifest = archive.checked(path, identity=keys)
        _require_consistent(manifest, path)
        _bring_files(path, keys, attempt.files, say)
        attempt.loading = True
        _bring_database(path, keys, say)
        found = content_now(secrets_too=said["secrets"])
        if found.sha256 != manifest["content"]:
            raise NotTheSame(_differing(found, manifest))
        gone = [f"{name} was missing from the home when the backup was created" for name in manifest.get("missing", ())]
        return found, [*gone, *(line for column in registry.secrets() if (line := column.todo()))]


def _require_said(said: dict[str, Any], path: Path) -> None:
    kinds = {"postgresql": int, "secrets": bool, "migrations": list}
    if wrong := [name for name, kind in kinds.items() if not isinstance(said.get(name), kind)]:
        raise archive.Damaged(f"{archive.ABOUT} of {path} has no valid {wrong[0]}: use another backup")


def _require_consistent(manifest: dict[str, Any], path: Path) -> None:
    """Refuse a manifest whose hash of the content is not that of its tables and files."""
    start = f"{archive.FILES}/"
    files = {
        name.removeprefix(start): piece["sha256"]
        for name, piece in manifest["pieces"].items()
        if name.startswith(start)
    }
    tables = manifest.get("tables")
    if not isinstance(tables, dict) or content.Content(tables, files).sha256 != manifest.get("content"):
        raise archive.Damaged(f"{archive.MANIFEST} was altered in {path}: use another backup")


def require_able(said: dict[str, Any]) -> None:
    """Refuse a backup of a newer PostgreSQL than the target's, or of code with migrations that are unknown here."""
    ours = connection.pg_version // 10000
    programs.require_for(ours)
    if said["postgresql"] > ours:
        raise Invalid(
            f"the backup is from PostgreSQL {said['postgresql']}, and the target is {ours}: restore into "
            f"{said['postgresql']} or newer"
        )
    require_utf8()
    here, there = content.schema(), said.get("schema", _SCHEMA)
    if here != there:
        raise Invalid(
            f"the backup has the schema {there}, and the target has {here or 'none'}: create that schema, and put it "
            f"first in the role's search_path"
        )
    if newer := unknown_migrations(said["migrations"]):
        raise Invalid(f"the backup was created by a newer version (it has {newer[0]}): restore it with that version")
    if older := missing_migrations(said["migrations"]):
        raise Invalid(
            f"the backup was created by a version that is too old (it lacks {older[0]}): restore and upgrade it first "
            "with the version of 29 November 2026"
        )


def require_utf8() -> None:
    """Refuse a database of another encoding: to it the length of a text is another one."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        if (found := cursor.fetchone()[0]) != "UTF8":
            raise Invalid(
                f"the database's encoding is {found}, and UTF8 is needed: create one with CREATE DATABASE … ENCODING "
                "'UTF8' TEMPLATE template0"
            )


def unknown_migrations(applied: list[str]) -> list[str]:
    """Those of these migrations that this code does not have, of apps that it has."""
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
    """Refuse a database with tables, and a home with files that rows would name."""
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


class NotTheSame(Conflict):
    """What stands in the target is not what was backed up."""

    title = "Not restored"


@dataclass
class _Attempt:
    """What a restore has brought: files, and whether it has begun with the database."""

    files: list[Path] = field(default_factory=list)
    loading: bool = False

    def take_back(self) -> bool:
        """Delete the files, unless the rows have come, or nobody knows; returns whether nothing is left."""
        if self.loading:
            try:
                connection.close()
                if _count_tables():
                    return False
            except Error:
                return False
        for path in self.files:
            for left in (path, _draft_of(path)):
                left.unlink(missing_ok=True)
            for folder in path.parents:
                if folder.parent == settings.HOME.path:
                    break
                with suppress(OSError):
                    folder.rmdir()
        return True


@contextmanager
def _restoring() -> Iterator[_Attempt]:
    """Within the block the home says that it is not whole. Where it fails, all is taken back; where the rows have come
    and were not found to be the same, the home goes on saying so."""
    require_whole_home()
    mark = settings.HOME.folder() / RESTORING
    try:
        mark.touch(0o600, exist_ok=False)
    except FileExistsError:
        # Another one has just begun.
        require_whole_home()
        raise
    attempt = _Attempt()
    try:
        yield attempt
    except BaseException:
        if attempt.take_back():
            mark.unlink()
        raise
    mark.unlink()


def _bring_files(path: Path, identity: archive.Identity | None, brought: list[Path], say: Say) -> None:
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
                brought.append(target)
            else:
                raise archive.Damaged(f"{name} does not belong in a home")
            size += _put(file, target, mode)
            say(name, size)


def _is_within(path: str) -> bool:
    return bool(path) and not Path(path).is_absolute() and ".." not in Path(path).parts and "\0" not in path


def _put(file: IO[bytes], target: Path, mode: int) -> int:
    """Bytes written under this name: whole, or not at all."""
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


def _bring_database(path: Path, identity: archive.Identity | None, say: Say) -> None:
    """In one transaction."""
    with programs.loading(programs.database()) as psql:
        _bring_sections(path, identity, psql, ("pre-data", "data"), say)
        _bring_rows(path, identity, psql)
        _bring_sections(path, identity, psql, ("post-data",), say)
        psql.write(b"ANALYZE;\n")


def _bring_sections(
    path: Path, identity: archive.Identity | None, out: IO[bytes], sections: tuple[str, ...], say: Say
) -> None:
    options = ["--file=-", "--no-owner", "--no-privileges", "--no-comments"]
    options += [f"--section={section}" for section in sections]
    with programs.running("pg_restore", *options) as restore:
        feeding = threading.Thread(target=_feed, args=(path, identity, restore.stdin, say), daemon=True)
        feeding.start()
        beginning = restore.stdout.read(_CHUNK)
        # The schema is there already.
        for line in (_UNKNOWN_TO_OLDER, f"CREATE SCHEMA {content.schema(quoted=True)};\n".encode()):
            beginning = beginning.replace(line, b"", 1)
        out.write(beginning)
        shutil.copyfileobj(restore.stdout, out, _CHUNK)
        feeding.join()


def _feed(path: Path, identity: archive.Identity | None, out: IO[bytes], say: Say) -> None:
    """The dump, into a program that may have read enough of it before its end."""
    size = 0
    with suppress(BrokenPipeError), archive.reading(path, identity=identity) as pieces, out:
        for name, file in pieces:
            if name.startswith(f"{archive.DATABASE}/"):
                shutil.copyfileobj(file, out, _CHUNK)
                say(archive.DATABASE, size := size + file.tell())


def _bring_rows(path: Path, identity: archive.Identity | None, out: IO[bytes]) -> None:
    """The rows of tables with secrets, which are no part of the dump."""
    table = ""
    with archive.reading(path, identity=identity) as pieces:
        for name, file in pieces:
            kind, _, within = name.partition("/")
            if kind != archive.ROWS:
                continue
            data = file.read()
            if (found := within.rpartition("/")[0]) != table:
                out.write(_END_OF_ROWS if table else b"")
                table, columns, data = found, *_split(data)
                out.write(f"COPY {content.qualified(table)} ({columns}) FROM stdin;\n".encode())
            out.write(data)
    out.write(_END_OF_ROWS if table else b"")


def _split(data: bytes) -> tuple[str, bytes]:
    columns, _, rows = data.partition(b"\n")
    return columns.decode(), rows


def _differing(found: content.Content, manifest: dict[str, Any]) -> str:
    tables = [name for name, digest in manifest["tables"].items() if found.tables.get(name) != digest]
    where = f"the tables {', '.join(sorted(tables))}" if tables else "the files"
    return (
        f"the restored data differs from the backup: {where} differ. The home is marked as incomplete: delete it, "
        f"empty the database, and restore again"
    )
