"""Folders of files in the home that are complete or absent: they are written under a temporary name, then renamed.

The process that writes a folder holds a file lock in it, which ends with the process. `sweep` deletes temporary folders
without a lock.
"""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings
from django.db import transaction

from corpusapp.core.locks import Lock, lock

_TEMPORARY, _LOCK = ".making-", "lock"
# A temporary folder gets its lock a moment after it is created.
_YOUNG_SECONDS = 60


@contextmanager
def removing() -> Iterator[None]:
    """Delete files within this block that no row names any more. It waits for a backup that links the files of rows."""
    with transaction.atomic():
        # A transaction's lock: behind a transaction pooler, a session's lock would stay with the pooler's connection.
        lock(Lock.FILES, shared=True)
        yield


class ContentStore:
    """The named folders within one folder of the home."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    @property
    def root(self) -> Path:
        return settings.HOME.folder(self._folder)

    @contextmanager
    def making(self) -> Iterator[Path]:
        """A new temporary folder. It is deleted at the end of the block, unless `keep` has named it."""
        folder = self._temporary()
        folder.mkdir(mode=0o700)
        with (folder / _LOCK).open("w") as lock_file:
            fcntl.flock(lock_file, fcntl.LOCK_EX)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def keep(self, folder: Path, name: str, *, replace: bool = False) -> None:
        """Give a folder from `making` its name. Raises OSError if the name is used, unless `replace` is true."""
        _flush(folder)
        if replace:
            self.discard(name)
        target = self.root / name
        folder.rename(target)
        (target / _LOCK).unlink()

    def discard(self, name: str) -> None:
        """Delete a folder. It is renamed first, so that no part of it is left under its name."""
        gone = self._temporary()
        with removing(), suppress(FileNotFoundError):
            (self.root / name).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def sweep(self) -> int:
        """Delete the temporary folders of killed processes; returns how many."""
        abandoned = [folder for folder in self.root.glob(f"{_TEMPORARY}*") if not _is_in_use(folder)]
        for folder in abandoned:
            shutil.rmtree(folder, ignore_errors=True)
        return len(abandoned)

    def _temporary(self) -> Path:
        return self.root / f"{_TEMPORARY}{secrets.token_hex(8)}"


def _flush(folder: Path) -> None:
    """Write the files to the disk before the folder gets its name."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _is_in_use(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open() as lock_file:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        with suppress(FileNotFoundError):
            return time.time() - folder.stat().st_mtime < _YOUNG_SECONDS
    return False
