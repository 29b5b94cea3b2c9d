"""File locks that the kernel drops with the process that holds them, however it ends."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the file alone, waiting for whoever holds it."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Presence:
    """A shared lock that says: this process uses the home.

    A lock belongs to the opened file, which a forked child shares with its parent. So a child takes a lock of its
    own and closes the inherited one, without unlocking it under its parent.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def hold(self) -> None:
        """Waits while the last holder stops the server."""
        if self._descriptor is None:
            self._descriptor = self._shared()

    def renew_after_fork(self) -> None:
        inherited, self._descriptor = self._descriptor, None
        if inherited is not None:
            # The inherited lock still stands here, so nobody can hold the file alone and this does not wait.
            self._descriptor = self._shared()
            os.close(inherited)

    @contextlib.contextmanager
    def leave(self) -> Iterator[bool]:
        """Let go. Yields whether no other process is left; if so, new ones wait until the block ends."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        descriptor = _open(self._path)
        try:
            yield _alone(descriptor)
        finally:
            os.close(descriptor)

    def _shared(self) -> int:
        descriptor = _open(self._path)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor


def _alone(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
