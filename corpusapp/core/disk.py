"""Free space of the disk, of which a reserve is kept for editors' decisions; full disks; flushing renames."""

import errno
import os
import shutil
from pathlib import Path

import psycopg
from django.conf import settings

from corpusapp.core.errors import NoRoom

FULL = "the server's disk is full, and nothing was saved: ask your administrator to free space"


def require_room(size: int = 0) -> None:
    """Raise `NoRoom` if `size` more bytes would leave less than `DISK_RESERVE_BYTES` free."""
    reserve = settings.DISK_RESERVE_BYTES
    free = shutil.disk_usage(settings.HOME.folder()).free
    if free - size < reserve:
        raise NoRoom(
            f"the server's disk has {free // 2**20} MB left, and {reserve // 2**20} MB are reserved for decisions: ask "
            "your administrator to free space"
        )


def is_full(error: BaseException | None) -> bool:
    """Whether this error, or one that caused it, means a full disk, of this machine or of the database."""
    while error is not None:
        if isinstance(error, NoRoom | psycopg.errors.DiskFull):
            return True
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False


def flush_names(folder: Path) -> None:
    """Flush the folder itself, so that renames in it survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
