"""Where the weights of models lie: `models/<digest>/` in the home, with the pipeline's folder and its package.

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

_PIPELINE = "pipeline"
_MAKING = ".making-"
_LOCK = "lock"
_YOUNG_SECONDS = 60


def _folder() -> Path:
    return settings.HOME.folder("models")


def pipeline_folder(digest: str) -> Path | None:
    """The folder that `spacy.load` opens; None where it is not in this home."""
    folder = _folder() / digest / _PIPELINE
    return folder if digest and folder.is_dir() else None


def package_file(digest: str) -> Path | None:
    """The wheel of the pipeline; None where it is not in this home."""
    found = sorted((_folder() / digest).glob("*.whl")) if digest else []
    return found[0] if found else None


@contextlib.contextmanager
def making() -> Iterator[Path]:
    """A new folder to write a pipeline into, under `pipeline`; gone at the end unless it was kept."""
    folder = _folder() / f"{_MAKING}{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            (folder / _PIPELINE).mkdir()
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def keep(folder: Path, digest: str) -> None:
    """Give a folder from `making` its name; one that is there already has the same weights and stays."""
    _sync(folder)
    target = _folder() / digest
    # A folder is never renamed onto another that holds something.
    with contextlib.suppress(OSError):
        folder.rename(target)
        (target / _LOCK).unlink()
    if pipeline_folder(digest) is None:
        raise OSError(f"the weights could not be put into {target}: see whether that folder can be written")


def _sync(folder: Path) -> None:
    """Have the files on the disk before the name says that they are whole."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def discard(digest: str) -> None:
    """Delete a model's weights, whole: first its name goes."""
    gone = _folder() / f"{_MAKING}{secrets.token_hex(8)}"
    with kept.removing(), contextlib.suppress(FileNotFoundError):
        (_folder() / digest).rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def sweep() -> int:
    """Delete what processes that were killed left behind; returns how many folders."""
    swept = 0
    for folder in _folder().glob(f"{_MAKING}*"):
        if not _is_locked(folder):
            shutil.rmtree(folder, ignore_errors=True)
            swept += 1
    return swept


def _is_locked(folder: Path) -> bool:
    try:
        with (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        # As it is for a moment after it was made, too.
        return time.time() - folder.stat().st_mtime < _YOUNG_SECONDS
    except BlockingIOError:
        return True
    return False
