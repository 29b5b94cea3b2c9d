"""Deferring SIGTERM and Ctrl-C during critical sections and forks.

Python runs signal handlers between any two instructions of the main thread. A SystemExit or KeyboardInterrupt while the
usage of a server is counted would leave a wrong count. In a hook of `os.fork` it would be ignored, and a signal to a
child that is not set up yet would be lost, so the process would not end.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def held_back(*, forget: bool = False) -> Iterator[None]:
    """Deliver signals that come within the block at its end; with `forget`, in a process that is ending, never."""
    if not _in_main_thread():
        yield  # handlers only run in the main thread
        return
    received: list[int] = []
    former = {number: signal.getsignal(number) for number in _ENDING}
    replaced = [number for number, handler in former.items() if handler not in (None, signal.SIG_IGN)]
    try:
        for number in replaced:
            signal.signal(number, lambda number, frame: received.append(number))
        yield
    finally:
        for number in replaced:
            signal.signal(number, former[number])
        if not forget:
            for pending in dict.fromkeys(received):
                signal.raise_signal(pending)


class _Fork:
    """The state of a fork in the main thread, during which SIGTERM is only recorded."""

    running = terminated = False
    mask: "set[int | signal.Signals]" = set()


def exit_by_sigterm() -> None:
    """Run the exit functions at SIGTERM, unless it has another handler."""
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit)


def exit_by_hangup() -> None:
    """Run the exit functions if the terminal is closed, unless SIGHUP is ignored, as by nohup."""
    if _in_main_thread() and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    if not _Fork.running:
        raise SystemExit(128 + number)
    _Fork.terminated = True


def before_fork() -> None:
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) is _exit:
        _Fork.running = True
        # Python drops signals to a child that is not set up yet, so the kernel has to block them.
        _Fork.mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def after_fork(leave: Callable[[], None], in_child: bool = False) -> None:
    """If SIGTERM came during the fork, call `leave` and end the process by it: hooks cannot raise SystemExit."""
    if not _Fork.running:
        return
    if in_child:
        _Fork.terminated = False  # an earlier signal was for the parent
    signal.pthread_sigmask(signal.SIG_SETMASK, _Fork.mask)
    if _Fork.terminated:
        leave()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)
    # There is no call between the check above and this, so no handler can run in between.
    _Fork.running = False


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
