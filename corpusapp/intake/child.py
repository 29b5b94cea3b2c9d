"""A process of its own for what may hang, crash or eat memory: libraries that read what strangers made.

`call` is the door. A child does one thing after the other and is kept for the next, since starting one takes half a
second. Past its time the kernel ends it, whatever it is doing; only what it was doing is lost.
"""

import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")
_ROOT = Path(__file__).parents[2]
# Libraries of numbers would reserve memory for each processor.
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# A child without work for so many seconds ends.
_IDLE_SECONDS = 60
# One that has grown beyond this is not used again: memory that libraries took is seldom given back.
_WORN_BYTES = 700_000_000
# How much longer than its processor time a call may take on a busy machine.
_PATIENCE, _MORE_SECONDS = 2, 5


class Stopped(Exception):
    """The child did not come to an end: it ran out of time or memory, or it crashed. The message says which."""


def call(function: Callable[..., Result], *values: Any, seconds: float, memory: int) -> Result:
    """What `function`, one of a module, makes of `values`, in `seconds` of processor time and `memory` bytes.

    Raises what the function raises, and `Stopped`.
    """
    message = pickle.dumps((seconds, memory, function, values), protocol=pickle.HIGHEST_PROTOCOL)
    child = _taken()
    try:
        kind, value = child.ask(message, seconds)
    except _Gone:
        # One that was kept ended for want of work, just now; nothing was begun.
        child = _Child()
        kind, value = child.ask(message, seconds)
    if kind == "worn":
        child.end()
        kind, value = value
    else:
        _keep(child)
    if kind == "raised":
        raise value
    return value


class _Gone(Stopped):
    """The child had ended before it was asked."""


class _Child:
    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from corpusapp.intake import child; child.main({theirs.fileno()})"],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env={**os.environ, **_ENVIRONMENT},
            )  # fmt: skip

    def ask(self, message: bytes, seconds: float) -> tuple[str, Any]:
        wait = _PATIENCE * seconds + _MORE_SECONDS
        try:
            self._pipe.send_bytes(message)
            if self._pipe.poll(wait):
                return self._pipe.recv()
        except (EOFError, OSError):
            self.end(kill=False)
            raise self._fault(seconds) from None
        except BaseException:
            self.end()
            raise
        self.end()
        raise Stopped(f"took more than {wait:g} seconds")

    def _fault(self, seconds: float) -> Exception:
        code = self._process.returncode
        if code == 0:
            return _Gone("ended before it was asked")
        if code in (-signal.SIGPROF, -signal.SIGALRM):
            return Stopped(f"took more than {seconds:g} seconds")
        return Stopped("broke the program that reads it")

    def end(self, *, kill: bool = True) -> None:
        self._pipe.close()
        if kill:
            self._process.kill()
        try:
            self._process.wait(_MORE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_idle: list[_Child] = []
_lock = threading.Lock()


def _forget() -> None:
    """A forked process has children of its own, and leaves its parent's alone."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


os.register_at_fork(after_in_child=_forget)


def _taken() -> _Child:
    with _lock:
        return _idle.pop() if _idle else _Child()


def _keep(child: _Child) -> None:
    with _lock:
        if len(_idle) <= (os.cpu_count() or 1):
            _idle.append(child)
            return
    child.end()


def main(descriptor: int) -> None:
    """In the child: answer one call after the other, until nobody asks any more."""
    logging.disable(logging.CRITICAL)
    # Ctrl-C is its parent's: a worker that is asked to stop finishes what it has begun.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(EOFError, OSError), Connection(descriptor) as pipe:
        while pipe.poll(_IDLE_SECONDS):
            pipe.send_bytes(_answer(pipe.recv_bytes()))
            signal.alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)


def _size() -> int:
    """Bytes of memory that this process holds now. What it held at most counts its parent, too, on Linux."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _answer(message: bytes) -> bytes:
    """The pickled outcome of a call; an outcome that cannot be pickled is an error of the call."""
    try:
        seconds, memory, function, values = pickle.loads(message)
        # The kernel's own action at these signals ends the process, also within a library that never returns.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        signal.alarm(int(_PATIENCE * seconds + _MORE_SECONDS))
        with suppress(ValueError, OSError):  # Some systems know no such limit.
            resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
        answer = ("returned", function(*values))
    except MemoryError:
        answer = ("raised", Stopped(f"needs more than {memory} bytes of memory"))
    except BaseException as error:
        answer = ("raised", error)
    answer = ("worn", answer) if _size() > _WORN_BYTES else answer
    try:
        return pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        return pickle.dumps(("raised", RuntimeError(f"an answer that cannot be sent: {error}")))
