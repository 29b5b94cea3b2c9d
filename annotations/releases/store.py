"""Files of releases in the home: `releases/<SHA-256>.jsonl.gz`, never changed.

A file is written in a folder next to exports and then renamed. Releases with the same content share a file. It is added
and deleted under a lock, and stays as long as a release names it.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db.models import Q

from annotations.formats.records import Record, record_from_line
from annotations.releases.models import Release
from corpusapp.core import disk
from corpusapp.core.content_store import removing
from corpusapp.core.errors import Conflict
from corpusapp.core.locks import Lock, held

SUFFIX = ".jsonl.gz"
_CHUNK = 1024 * 1024
_LEVEL = 6


class Altered(Conflict):
    """The file of a release has changed or is missing."""

    title = "The release's file was altered"


def path_of(sha256: str) -> Path:
    return settings.HOME.folder("releases") / f"{sha256}{SUFFIX}"


def keep(made: Path, sha256: str) -> None:
    """Move a file from elsewhere in the home to its final name."""
    made.chmod(0o400)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    target = path_of(sha256)
    made.replace(target)
    disk.flush_names(target.parent)


def discard(sha256: str) -> None:
    """Delete a file."""
    with removing():
        path_of(sha256).unlink(missing_ok=True)


class HashedFile:
    """A file with the SHA-256 and the number of the bytes that were written or read."""

    def __init__(self, file: BinaryIO | gzip.GzipFile) -> None:
        self._file, self._digest, self.size = file, hashlib.sha256(), 0

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        self.size += len(data)
        return data

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def compressed(file: HashedFile) -> Iterator[gzip.GzipFile]:
    """Writes gzip, without a name and a time: equal content gives equal bytes."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=0) as archive:
        yield archive


def opened(sha256: str, size: int | None) -> BinaryIO:
    """The file, gzipped. Raises `Altered` if it is missing or has another size."""
    path = _present(sha256)
    if path.stat().st_size != size:
        raise Altered("the file of this release has changed in size: restore it from a backup")
    return path.open("rb")


def lines(sha256: str) -> Generator[bytes]:
    """The lines of a file. Raises `Altered` if it is missing, and at the end if its bytes have changed."""
    return _lines(_present(sha256), sha256)


def _present(sha256: str) -> Path:
    path = path_of(sha256)
    if not path.is_file():
        raise Altered("the file of this release is missing: restore it from a backup")
    return path


def _lines(path: Path, sha256: str) -> Generator[bytes]:
    with path.open("rb") as file:
        hashed = HashedFile(file)
        try:
            with gzip.GzipFile(mode="rb", fileobj=hashed) as archive:
                yield from archive
            while hashed.read(_CHUNK):
                pass
        except (OSError, EOFError, zlib.error) as error:
            raise Altered("the file of this release is damaged: restore it from a backup") from error
    if hashed.sha256 != sha256:
        raise Altered("the file of this release has changed: restore it from a backup")


def records(sha256: str, part: str = "") -> Generator[Record]:
    """The articles of a file, of one part or of all. Raises as `lines`."""
    return _records(lines(sha256), part)


def _records(lines: Generator[bytes], part: str) -> Generator[Record]:
    with closing(lines):
        for line in lines:
            record = record_from_line(json.loads(line))
            if part in ("", record.split):
                yield record


def hash_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def locked(sha256: str) -> Iterator[None]:
    """Prevents that the file is deleted before a release names it."""
    with held(Lock.RELEASE_FILE, sha256):
        yield


def discard_unless_named(sha256: str) -> None:
    """Delete a file unless a release of this database names it."""
    with locked(sha256):
        if not Release.objects.filter(Q(sha256=sha256) | Q(manifest__entities__sha256=sha256)).exists():
            discard(sha256)
