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

    def hold(self) -> bool:
        """False while somebody holds it alone: the last one who leaves, until the server is stopped."""
        if self._descriptor is None:
            self._descriptor = _taken(self._path, fcntl.LOCK_SH)
        return self.held

    def hold_alone(self) -> bool:
        """Hold it with nobody else, until `leave`: who comes meanwhile waits. False where another process holds it."""
        self._descriptor = _taken(self._path, fcntl.LOCK_EX)
        return self.held

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
    return _locked(descriptor, fcntl.LOCK_EX)


def _taken(path: Path, how: int) -> int | None:
    """The descriptor of the file, locked so; None where somebody else's lock forbids it."""
    descriptor = _open(path)
    if _locked(descriptor, how):
        return descriptor
    os.close(descriptor)
    return None


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
