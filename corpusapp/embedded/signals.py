"""SIGTERM and Ctrl-C at a bad moment: they wait until what must not be broken off has ended.

Python runs a handler between any two instructions of the main thread. The SystemExit or KeyboardInterrupt of one that
comes while the process is counted in or out would leave a count that is wrong; that of one that comes in a hook of
`os.fork` would be swallowed, and a signal to a child that is not yet set up forgotten, so the process would live on.
"""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType

_ENDING = (signal.SIGTERM, signal.SIGINT)


@contextlib.contextmanager
def held_back(*, forget: bool = False) -> Iterator[None]:
    """What comes within the block is delivered at its end; with `forget`, for a process that ends anyhow, never."""
    if not _in_main_thread():
        yield  # handlers run in the main thread only
        return
    noted: list[int] = []
    former = {number: signal.getsignal(number) for number in _ENDING}
    replaced = [number for number, handler in former.items() if handler not in (None, signal.SIG_IGN)]
    try:
        for number in replaced:
            signal.signal(number, lambda came, frame: noted.append(came))
        yield
    finally:
        for number in replaced:
            signal.signal(number, former[number])
        for number in () if forget else dict.fromkeys(noted):
            signal.raise_signal(number)


class _Fork:
    """A fork under way in the main thread, where SIGTERM is only noted."""

    under_way = noted = False
    mask: "set[signal.Signals]" = set()


def exit_by_sigterm() -> None:
    """Let SIGTERM run the exit functions, unless it has another handler."""
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _exit)


def exit_by_hangup() -> None:
    """Let a terminal that is closed run the exit functions, too, unless SIGHUP is ignored, as by nohup."""
    if _in_main_thread() and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    if not _Fork.under_way:
        raise SystemExit(128 + number)
    _Fork.noted = True


def before_fork() -> None:
    if _in_main_thread() and signal.getsignal(signal.SIGTERM) is _exit:
        _Fork.under_way = True
        # Python forgets what comes to a child before it is set up; what the kernel holds back stays.
        _Fork.mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})


def after_fork(leave: Callable[[], None], in_child: bool = False) -> None:
    """Where SIGTERM came meanwhile, `leave` and end by it: nothing can be raised out of a hook."""
    if not _Fork.under_way:
        return
    if in_child:
        _Fork.noted = False  # what was noted before came to the parent
    signal.pthread_sigmask(signal.SIG_SETMASK, _Fork.mask)
    if _Fork.noted:
        leave()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTERM)
    # No call stands between the question above and this, so no handler runs there.
    _Fork.under_way = False


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
