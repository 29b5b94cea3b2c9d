"""Processes forked from this one, which must have no threads and no database connections.

Each has its own session, which Ctrl-C in the terminal does not reach. On Linux, it gets SIGTERM if this process is
killed, and `top` and `ps -o comm` show its name.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import connections

from corpusapp.embedded import server, signals

Result = TypeVar("Result")
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_FORK = get_context("fork")
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15
_LONGEST_NAME_BYTES = 15


def raise_keyboard_interrupt_on_signals() -> None:
    """Raise KeyboardInterrupt on SIGTERM and if the terminal is closed, as on Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # SIGINT too: shells start background jobs with SIGINT ignored.
    for number in ENDING:
        signal.signal(number, interrupt)


def begin(name: str, run: Callable[[], None], *, log: Path) -> ForkProcess:
    """Call `run` in a process whose output goes to `log`; a CommandError or ImproperlyConfigured is one line of it."""
    return _start(name, _run_logged, run, log)


def call(function: Callable[[], Result]) -> Result:
    """Call `function` in a process, whose memory is freed with it; returns its result.

    Raises CommandError if that ends with one, or with ImproperlyConfigured. An interrupt of this process ends the call.
    """
    ours, theirs = _FORK.Pipe(duplex=False)
    process = _start("preparation", _send_result, function, theirs)
    theirs.close()
    try:
        error, result = ours.recv()
    except EOFError:
        process.join()
        sys.exit(process.exitcode or 1)
    except KeyboardInterrupt:
        process.terminate()
        raise
    finally:
        process.join()
    if error is not None:
        raise CommandError(error)
    return result


def kill_session(process: ForkProcess) -> None:
    """Kill a process of `begin` and its children."""
    if process.pid is not None:
        os.killpg(process.pid, signal.SIGKILL)


def _start(name: str, run: Callable[..., None], *values: Any) -> ForkProcess:
    process = _FORK.Process(target=_apart, args=(name, os.getpid(), run, *values), name=name)
    # A signal that comes during the fork waits until the child has its own handlers.
    former = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, former)
    return process


def _apart(name: str, parent: int, run: Callable[..., None], *values: Any) -> None:
    """The life of a child: a session of its own, and an end that leaves the embedded server."""
    os.setsid()
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        _LIBC.prctl(_PR_SET_NAME, name.encode()[:_LONGEST_NAME_BYTES])
    if os.getppid() != parent:
        return
    try:
        run(*values)
    except (CommandError, ImproperlyConfigured) as error:
        sys.exit(str(error))
    finally:
        # The exit functions do not run in a forked process.
        connections.close_all()
        server.leave_all()


def _run_logged(run: Callable[[], None], log: Path) -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    signals.exit_by_sigterm()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    with log.open("ab") as output:
        for descriptor in (1, 2):
            os.dup2(output.fileno(), descriptor)
    run()


def _send_result(function: Callable[[], Any], pipe: Connection) -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    try:
        pipe.send((None, function()))
    except (CommandError, ImproperlyConfigured) as error:
        pipe.send((str(error), None))
    except KeyboardInterrupt:
        sys.exit(130)
