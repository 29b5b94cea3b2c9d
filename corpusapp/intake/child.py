"""Child processes for code that may hang, crash or use too much memory: libraries that read untrusted files.

Use `call` and `stream`. A child runs one call at a time and is reused, since starting one takes half a second. When its
time is over, the kernel ends it, whatever it does; only that call is lost.
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
# Numeric libraries reserve memory for each thread.
_ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
# Seconds after which an idle child ends. The next import needs none of half a second to start, and to load a model.
_IDLE_SECONDS = 300
# A child with more memory is not reused: libraries seldom free it.
_MAX_REUSE_BYTES = 700_000_000
# A call on a busy machine may take this factor of its processor time, and so many seconds more.
_WAIT_FACTOR, _EXTRA_SECONDS = 2, 5
_ITEM, _EXHAUSTED = "item", object()


# Descriptors of files that children inherit, by the environment variable that tells them.
_shared: dict[str, int] = {}


class Stopped(Exception):
    """The child did not finish: it ran out of time or memory, or it crashed. The message says which."""


def call(function: Callable[..., Result], *values: Any, seconds: float, memory: int) -> Result:
    """Call a module-level `function` with `values` in a child, with limits in seconds of processor time and bytes.

    Raises what the function raises, and `Stopped`.
    """
    child, answer = _start(function, values, seconds, memory)
    result: Result = _finish(child, answer)
    return result


def stream(
    function: Callable[..., Iterator[Item]], *values: Any, seconds: float, memory: int
) -> Generator[Item, None, None]:
    """Yield the items of a module-level generator `function`. `seconds` of processor time is for each item.

    Raises what the function raises, and `Stopped`, after the items before it.
    """
    child, (kind, value) = _start(function, values, seconds, memory)
    try:
        while kind == _ITEM:
            yield value
            kind, value = child.answer(seconds)
    except BaseException:
        # Also if the caller does not consume the rest.
        child.end()
        raise
    _finish(child, (kind, value))


def share(name: str, descriptor: int) -> None:
    """Let children that are started from now on inherit an open file, whose descriptor they find in this variable."""
    _shared[name] = descriptor


def _start(
    function: Callable[..., Any], values: tuple[Any, ...], seconds: float, memory: int
) -> "tuple[_Child, tuple[str, Any]]":
    """Send the call to a child; returns the child and its first answer."""
    message = pickle.dumps((seconds, memory, function, values), protocol=pickle.HIGHEST_PROTOCOL)
    child = _take_idle()
    try:
        return child, child.ask(message, seconds)
    except _Gone:
        # An idle child ended just before it got the call; nothing was started.
        child = _Child()
        return child, child.ask(message, seconds)


def _finish(child: "_Child", answer: tuple[str, Any]) -> Any:
    """The result of the last answer. The child is put back, or ended if it uses too much memory."""
    kind, value = answer
    if kind == "worn":
        child.end()
        kind, value = value
    else:
        _put_back(child)
    if kind == "raised":
        raise value
    return value


def _inherited() -> dict[str, str]:
    return {name: str(descriptor) for name, descriptor in _shared.items()}


class _Gone(Stopped):
    """The child had ended before it got the call."""


class _Child:
    def __init__(self) -> None:
        self._pipe, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", f"from corpusapp.intake import child; child.main({theirs.fileno()})"],
                pass_fds=[theirs.fileno(), *_shared.values()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, env={**os.environ, **_ENVIRONMENT, **_inherited()},
            )  # fmt: skip

    def ask(self, message: bytes, seconds: float) -> tuple[str, Any]:
        return self.answer(seconds, message)

    def answer(self, seconds: float, message: bytes = b"") -> tuple[str, Any]:
        """Send the message, if any, and wait for the next answer."""
        wait = _WAIT_FACTOR * seconds + _EXTRA_SECONDS
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
            return _Gone("ended before it got the call")
        if code in (-signal.SIGPROF, -signal.SIGALRM):
            return Stopped(f"took more than {seconds:g} seconds")
        return Stopped("broke the program that reads it")

    def end(self, *, kill: bool = True) -> None:
        self._pipe.close()
        if kill:
            self._process.kill()
        try:
            self._process.wait(_EXTRA_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_idle: list[_Child] = []
_lock = threading.Lock()


def _reset_after_fork() -> None:
    """A forked process must not use the children of its parent."""
    global _lock
    _lock = threading.Lock()
    _idle.clear()


os.register_at_fork(after_in_child=_reset_after_fork)


def _take_idle() -> _Child:
    with _lock:
        return _idle.pop() if _idle else _Child()


def _put_back(child: _Child) -> None:
    with _lock:
        if len(_idle) <= (os.cpu_count() or 1):
            _idle.append(child)
            return
    child.end()


def main(descriptor: int) -> None:
    """Main loop of the child: answer calls until it is idle for too long."""
    logging.disable(logging.CRITICAL)
    # Ctrl-C is handled by the parent: a worker that is asked to stop finishes its job.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with suppress(EOFError, OSError), Connection(descriptor) as pipe:
        while pipe.poll(_IDLE_SECONDS):
            for answer in _answers(pipe.recv_bytes()):
                pipe.send_bytes(answer)


def _size() -> int:
    """Current memory of this process in bytes. The maximum includes that of the parent on Linux."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _answers(message: bytes) -> Iterator[bytes]:
    """Pickled answers: the items of a generator, and the result or the error."""
    try:
        seconds, memory, function, values = pickle.loads(message)
        with suppress(ValueError, OSError):  # Some systems have no such limit.
            resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
        with _timed(seconds):
            outcome = function(*values)
            if is_generator := inspect.isgenerator(outcome):
                item = next(outcome, _EXHAUSTED)
        while is_generator and item is not _EXHAUSTED:
            # Not timed: sending waits until the caller consumes the item.
            yield pickle.dumps((_ITEM, item), protocol=pickle.HIGHEST_PROTOCOL)
            with _timed(seconds):
                item = next(outcome, _EXHAUSTED)
        answer = ("returned", None if is_generator else outcome)
    except MemoryError:
        answer = ("raised", Stopped(f"needs more than {memory} bytes of memory"))
    except GeneratorExit:
        raise
    except BaseException as error:
        answer = ("raised", error)
    answer = ("worn", answer) if _size() > _MAX_REUSE_BYTES else answer
    try:
        yield pickle.dumps(answer, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:
        yield pickle.dumps(("raised", RuntimeError(f"an answer that cannot be sent: {error}")))


@contextmanager
def _timed(seconds: float) -> Iterator[None]:
    """Limit the time: the default action of these signals ends the process, even within a library call."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(int(_WAIT_FACTOR * seconds + _EXTRA_SECONDS))
    try:
        yield
    finally:
        signal.alarm(0)
        signal.setitimer(signal.ITIMER_PROF, 0)
