"""Whether the disk has room: a stated part of it is kept free for what editors decide; and what is surely on it."""

import errno
import os
import shutil
from pathlib import Path

import psycopg
from django.conf import settings

from corpusapp.core.errors import NoRoom


def require_room(size: int = 0) -> None:
    """Refuse `NoRoom` what would bring `size` bytes to a disk with less than `DISK_RESERVE_BYTES` left."""
    reserve = settings.DISK_RESERVE_BYTES
    free = shutil.disk_usage(settings.HOME.folder()).free
    if free - size < reserve:
        raise NoRoom(
            f"the server's disk has {free // 2**20} MB left, and {reserve // 2**20} MB are reserved for decisions: ask "
            "your administrator to free space"
        )


def is_full(error: BaseException | None) -> bool:
    """Whether this error, or one that caused it, says that a disk is full: the desk's own or the database's."""
    while error is not None:
        if isinstance(error, NoRoom | psycopg.errors.DiskFull):
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False


FULL = "the server's disk is full, and nothing was saved: ask your administrator to free space"


def flush_names(folder: Path) -> None:
    """Have the names of a folder's files on the disk: what was renamed there outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
