"""Where made exports lie: `exports/<folder>/` in the home, each with its file and `report.json`.

A folder is written under another name and renamed when it is whole, so that a kill leaves nothing half made. Whoever
writes one holds a lock on it, which the kernel drops with the process: what is found without is swept.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from corpusapp.backup import kept

REPORT = "report.json"
_MAKING, _LOCK = ".making-", "lock"
_YOUNG_SECONDS = 60


def _home() -> Path:
    return settings.HOME.folder("exports")


def new_name() -> str:
    """Not an export's id: a home may serve another database than the one whose files it still keeps."""
    return secrets.token_hex(8)


def file_in(folder: str, name: str) -> Path | None:
    """The whole file; None where it is not in this home."""
    path = _home() / folder / name
    return path if folder and path.is_file() else None


@contextlib.contextmanager
def making() -> Iterator[Path]:
    """A new folder to write into; gone at the end unless it was kept."""
    folder = _home() / f"{_MAKING}{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def keep(made: Path, folder: str) -> None:
    """Give what was made its name, in place of what an earlier attempt left there."""
    for path in (path for path in made.iterdir() if path.is_file()):
        with path.open("rb") as file:
            os.fsync(file.fileno())
    discard(folder)
    target = _home() / folder
    made.rename(target)
    (target / _LOCK).unlink()


def discard(folder: str) -> None:
    """Delete an export's file: first its name goes."""
    gone = _home() / f"{_MAKING}{secrets.token_hex(8)}"
    with kept.removing(), contextlib.suppress(FileNotFoundError):
        (_home() / folder).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def sweep() -> int:
    """Delete what processes that were killed left behind; returns how many folders."""
    left = [folder for folder in _home().glob(f"{_MAKING}*") if not _is_held(folder)]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _is_held(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        # As it is for a moment after it was made, too.
        with contextlib.suppress(FileNotFoundError):
            return time.time() - folder.stat().st_mtime < _YOUNG_SECONDS
    return False
