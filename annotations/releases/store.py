"""Where the files of releases lie: `releases/` in the home, each under the SHA-256 of its bytes, never changed.

A file is written in a folder of its own beside made exports, and comes here by a rename, whole. Two releases of the
same articles share one file: it comes and goes under a lock, and stays as long as one of them names it.
"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, BinaryIO

from django.conf import settings

from annotations.formats.records import Record, record_of_line
from annotations.releases.models import Release
from corpusapp.core import disk
from corpusapp.core.content_store import removing
from corpusapp.core.errors import Conflict
from corpusapp.core.locks import Lock, held

SUFFIX = ".jsonl.gz"
_CHUNK = 1024 * 1024
_LEVEL = 6


class Altered(Conflict):
    """The file of a release is not the one that was made."""

    title = "The release's file was altered"


def path_of(sha256: str) -> Path:
    return settings.HOME.folder("releases") / f"{sha256}{SUFFIX}"


def keep(made: Path, sha256: str) -> None:
    """Give a file that was written elsewhere in the home its place, for good."""
    made.chmod(0o400)
    with made.open("rb") as file:
        os.fsync(file.fileno())
    target = path_of(sha256)
    made.replace(target)
    disk.flush_names(target.parent)


def discard(sha256: str) -> None:
    """Delete a file that no release names any more."""
    with removing():
        path_of(sha256).unlink(missing_ok=True)


class Hashed:
    """A file with the SHA-256 and the number of the bytes that have passed."""

    def __init__(self, file: BinaryIO) -> None:
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
def packed(file: BinaryIO) -> Iterator[IO[bytes]]:
    """Writes gzip: the same bytes for the same content, without a name or a time."""
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=0) as archive:
        yield archive


def opened(sha256: str, size: int | None) -> BinaryIO:
    """A file as it lies there. Refuses `Altered` where it is missing, or not as long as it was."""
    path = _present(sha256)
    if path.stat().st_size != size:
        raise Altered("the file of this release has changed in size: restore it from a backup")
    return path.open("rb")


def lines(sha256: str) -> Iterator[bytes]:
    """The lines of a file, unpacked. Refuses `Altered` where it is missing; at its end, where its bytes are others."""
    return _lines(_present(sha256), sha256)


def _present(sha256: str) -> Path:
    path = path_of(sha256)
    if not path.is_file():
        raise Altered("the file of this release is missing: restore it from a backup")
    return path


def _lines(path: Path, sha256: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        hashed = Hashed(file)
        try:
            with gzip.GzipFile(mode="rb", fileobj=hashed) as archive:
                yield from archive
            while hashed.read(_CHUNK):
                pass
        except (OSError, EOFError, zlib.error) as error:
            raise Altered("the file of this release is damaged: restore it from a backup") from error
    if hashed.sha256 != sha256:
        raise Altered("the file of this release has changed: restore it from a backup")


def records(sha256: str, part: str = "") -> Iterator[Record]:
    """The articles of a file, of one part or of all. Refuses as `lines`."""
    return _records(lines(sha256), part)


def _records(found: Iterator[bytes], part: str) -> Iterator[Record]:
    with closing(found):
        for line in found:
            record = record_of_line(json.loads(line))
            if part in ("", record.split):
                yield record


def hash_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def holding(sha256: str) -> Iterator[None]:
    """Between a file's coming to its place and its release's naming it, nobody deletes it."""
    with held(Lock.RELEASE_FILE, sha256):
        yield


def discard_unless_named(sha256: str) -> None:
    """Delete a file, unless a release of this database names it; a home may serve another one, whose are not known."""
    with holding(sha256):
        if not Release.objects.filter(sha256=sha256).exists():
            discard(sha256)
