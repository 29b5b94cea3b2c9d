"""A process of its own for what may hang, crash or eat memory: libraries that read what strangers made.

`call` and `stream` are the doors. A child does one thing after the other and is kept for the next, since starting one
takes half a second. Past its time the kernel ends it, whatever it is doing; only what it was doing is lost.
"""

import inspect
import logging
import os
import pickle
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")
Item = TypeVar("Item")
_ROOT = Path(__file__).parents[2]
# Libraries of numbers would reserve memory for each processor.
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# A child without work for so many seconds ends.
_IDLE_SECONDS = 60
# One that has grown beyond this is not used again: memory that libraries took is seldom given back.
_WORN_BYTES = 700_000_000
# How much longer than its processor time a call may take on a busy machine.
_PATIENCE, _MORE_SECONDS = 2, 5
_ITEM, _NOTHING = "item", object()


class Stopped(Exception):
    """The child did not come to an end: it ran out of time or memory, or it crashed. The message says which."""


def call(function: Callable[..., Result], *values: Any, seconds: float, memory: int) -> Result:
    """What `function`, one of a module, makes of `values`, in `seconds` of processor time and `memory` bytes.

    Raises what the function raises, and `Stopped`.
    """
    child, answer = _asked(function, values, seconds, memory)
    result: Result = _outcome(child, answer)
    return result


def stream(
    function: Callable[..., Iterator[Item]], *values: Any, seconds: float, memory: int
) -> Generator[Item, None, None]:
    """What `function`, a generator of a module, yields: each item in `seconds` of processor time, all in `memory`.

    Raises, after the items that came before, what the function raises, and `Stopped`.
    """
    child, (kind, value) = _asked(function, values, seconds, memory)
    try:
        while kind == _ITEM:
            yield value
            kind, value = child.answer(seconds)
    except BaseException:
        # Also where nobody takes the rest.
        child.end()
        raise
    _outcome(child, (kind, value))


def _asked(
    function: Callable[..., Any], values: tuple[Any, ...], seconds: float, memory: int
) -> "tuple[_Child, tuple[str, Any]]":
    """(the child, its first answer)."""
    message = pickle.dumps((seconds, memory, function, values), protocol=pickle.HIGHEST_PROTOCOL)
    child = _taken()
    try:
        return child, child.ask(message, seconds)
    except _Gone:
        # One that was kept ended for want of work, just now; nothing was begun.
        child = _Child()
        return child, child.ask(message, seconds)


def _outcome(child: "_Child", answer: tuple[str, Any]) -> Any:
    """What the last answer says; the child is kept, or ended where it has grown too large."""
    kind, value = answer
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
        return self.answer(seconds, message)

    def answer(self, seconds: float, message: bytes = b"") -> tuple[str, Any]:
        """Its next answer, to the message where there is one."""
        wait = _PATIENCE * seconds + _MORE_SECONDS
        try:
            if message:
                self._pipe.send_bytes(message)
            if self._pipe.poll(wait):
                answer: tuple[str, Any] = self._pipe.recv()
                return answer
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
            for answer in _answers(pipe.recv_bytes()):
                pipe.send_bytes(answer)


def _size() -> int:
    """Bytes of memory that this process holds now. What it held at most counts its parent, too, on Linux."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _answers(message: bytes) -> Iterator[bytes]:
    """Pickled: the items, where a function yields them, and the outcome. What cannot be pickled is an error of it."""
    try:
        seconds, memory, function, values = pickle.loads(message)
        with suppress(ValueError, OSError):  # Some systems know no such limit.
            resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
        with _timed(seconds):
            outcome = function(*values)
            if is_generator := inspect.isgenerator(outcome):
                item = next(outcome, _NOTHING)
        while is_generator and item is not _NOTHING:
            # Sending waits for whoever takes the items: it is not counted.
            yield pickle.dumps((_ITEM, item), protocol=pickle.HIGHEST_PROTOCOL)
            with _timed(seconds):
                item = next(outcome, _NOTHING)
        answer = ("returned", None if is_generator else outcome)
    except MemoryError:
        answer = ("raised", Stopped(f"needs more than {memory} bytes of memory"))
    except GeneratorExit:
        raise
    except BaseException as error:
        answer = ("raised", error)
    answer = ("worn", answer) if _size() > _WORN_BYTES else answer
    try:
        yield pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        yield pickle.dumps(("raised", RuntimeError(f"an answer that cannot be sent: {error}")))


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    """The kernel's own action at these signals ends the process, also within a library that never returns."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(int(_PATIENCE * seconds + _MORE_SECONDS))
    try:
        yield
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
