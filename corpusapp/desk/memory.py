"""Gives the memory that a job or request has freed back to the system: glibc keeps most of it for the process."""

import ctypes
import gc
import os
import sys
import threading
import time
from pathlib import Path

_EVERY_SECONDS = 5.0
_GROWTH_BYTES = 32_000_000
# Processor time, in seconds, within an interval at rest, and that is worth giving back after.
_REST_SECONDS, _WORK_SECONDS = 0.25, 0.5
_M_ARENA_MAX = -8  # glibc's number of this setting
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_IS_GLIBC = hasattr(_LIBC, "malloc_trim")


def prepare_to_fork() -> None:
    """Let the processes forked from this one share what is in memory."""
    _give_back()
    # The collector would write to each object, and so copy its page for each process.
    gc.freeze()


def keep_giving_back() -> None:
    """Begin a thread that gives memory back whenever this process has grown. Does nothing where there is no glibc."""
    if _LIBC is not None and _IS_GLIBC:
        # With an arena for each thread, little of any is ever free as a whole. Python's threads wait for each other
        # anyway.
        _LIBC.mallopt(_M_ARENA_MAX, 1)
        threading.Thread(target=_watch, name="memory", daemon=True).start()


def _watch() -> None:
    """Give back when the process rests after work, and during work if it has grown much."""
    least, given, before = _size(), 0.0, 0.0
    while True:
        time.sleep(_EVERY_SECONDS)
        worked = time.process_time()
        rests = worked - before < _REST_SECONDS
        before = worked
        if (rests and worked - given > _WORK_SECONDS) or _size() > least + _GROWTH_BYTES:
            _give_back()
            least, given = _size(), time.process_time()


def _give_back() -> None:
    gc.collect()
    if _LIBC is not None and _IS_GLIBC:
        _LIBC.malloc_trim(0)


def _size() -> int:
    """The resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
