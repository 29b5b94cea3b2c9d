"""Folders of files in the home that are whole or not there: written under another name, flushed, renamed, swept.

Whoever writes one holds a lock on it, which the kernel drops with the process: what is found without is swept.
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

_MAKING, _LOCK = ".making-", "lock"
_YOUNG_SECONDS = 60


@contextmanager
def removing() -> Iterator[None]:
    """Around the deletion of files that no row names any more: a backup that has looked at the rows comes first."""
    with transaction.atomic():
        # Of the transaction: behind a transaction pooler a session's lock would be left with the pooler.
        lock(Lock.FILES, shared=True)
        yield


class ContentStore:
    """The folders within one folder of the home, each by its name."""

    def __init__(self, place: str) -> None:
        self._place = place

    @property
    def root(self) -> Path:
        return settings.HOME.folder(self._place)

    @contextmanager
    def making(self) -> Iterator[Path]:
        """A new folder to write into; gone at the end unless it was kept."""
        folder = self._unnamed()
        folder.mkdir(mode=0o700)
        with (folder / _LOCK).open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def keep(self, made: Path, name: str, *, replace: bool = False) -> None:
        """Give a folder from `making` its name. Raises OSError where another one has it, unless that is replaced."""
        _flush(made)
        if replace:
            self.discard(name)
        target = self.root / name
        made.rename(target)
        (target / _LOCK).unlink()

    def discard(self, name: str) -> None:
        """Delete a folder, whole: it is renamed first."""
        gone = self._unnamed()
        with removing(), suppress(FileNotFoundError):
            (self.root / name).rename(gone)
            shutil.rmtree(gone, ignore_errors=True)

    def sweep(self) -> int:
        """Delete what processes that were killed left behind; returns how many folders."""
        left = [folder for folder in self.root.glob(f"{_MAKING}*") if not _is_held(folder)]
        for folder in left:
            shutil.rmtree(folder, ignore_errors=True)
        return len(left)

    def _unnamed(self) -> Path:
        return self.root / f"{_MAKING}{secrets.token_hex(8)}"


def _flush(folder: Path) -> None:
    """Have the files on the disk before the name says that they are whole."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _is_held(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open() as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        # As it is for a moment after it was made, too.
        with suppress(FileNotFoundError):
            return time.time() - folder.stat().st_mtime < _YOUNG_SECONDS
    return False
