"""File locks, which the kernel releases when a process ends, however it ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Wait for an exclusive lock on the file, and hold it within the block."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class UsageLock:
    """A shared lock that counts this process as a user of the home.

    A lock belongs to an open file, which a forked child shares with its parent. So a child takes its own lock, and
    closes the inherited file without unlocking it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def hold(self) -> bool:
        """Take the lock; returns False while a process holds it exclusively, such as the last one until it has left."""
        if self._descriptor is None:
            self._descriptor = _lock_file(self._path, fcntl.LOCK_SH)
        return self.held

    def hold_exclusively(self) -> bool:
        """Hold the lock exclusively until `leave`; returns False if another process holds it."""
        self._descriptor = _lock_file(self._path, fcntl.LOCK_EX)
        return self.held

    def renew_after_fork(self) -> None:
        inherited, self._descriptor = self._descriptor, None
        if inherited is not None:
            # The inherited lock still exists, so no exclusive lock does, and this does not wait.
            self._descriptor = self._shared()
            os.close(inherited)

    @contextlib.contextmanager
    def leave(self) -> Iterator[bool]:
        """Release the lock. Yields whether no other process holds it; if so, new ones wait until the block ends."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        descriptor = _open(self._path)
        try:
            yield _try_lock(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)

    def _shared(self) -> int:
        descriptor = _open(self._path)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor


def _lock_file(path: Path, operation: int) -> int | None:
    """The descriptor of the locked file, or None if another lock prevents it. `operation` is one of flock's."""
    descriptor = _open(path)
    if _try_lock(descriptor, operation):
        return descriptor
    os.close(descriptor)
    return None


def _try_lock(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
