"""Runs the web server, the workers and the feed's process: starts them together, restarts those that end, stops them.

They are forked from this process, which imports the application once: they share its memory, and start at once.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from multiprocessing.context import ForkProcess
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from corpusapp.core import jobs, waiting_process
from corpusapp.desk import feed, web
from corpusapp.desk.address import Address
from corpusapp.desk.forks import ENDING, begin, kill_session
from corpusapp.desk.memory import prepare_to_fork

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_STEADY_SECONDS = 60.0  # a process that ran this long restarts after the first pause again
_POLL_SECONDS = 0.1
_STOP_SECONDS = 20.0  # more than the web server and the worker wait for their own work
_LONGEST_LOG_BYTES = 10_000_000
_OTHER_QUEUES = [queue for queue in jobs.QUEUES if queue != jobs.SUGGESTIONS]
# What the processes use from their start on, and no more: what only some jobs need is imported by these.
_SHARED = (
    "corpusapp.wsgi", "corpusapp.asgi", "corpusapp.desk.worker", "corpusapp.management.commands.run_worker",
    *web.MODULES, *feed.MODULES,
)  # fmt: skip


def import_application() -> None:
    """Import what all processes use, so that those forked from this one share its memory."""
    for module in _SHARED:
        import_module(module)
    prepare_to_fork()


@dataclass
class Child:
    """A process in its own session, which Ctrl-C in the terminal does not reach. Its output goes to `log`."""

    name: str
    run: Callable[[], None]
    log: Path
    process: ForkProcess | None = None
    _pause: float = _FIRST_PAUSE_SECONDS
    _started: float = 0.0
    _due: float = 0.0

    def start(self) -> None:
        _rotate(self.log)
        self._started = time.monotonic()
        self.process = begin(self.name, self.run, log=self.log)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.is_alive()

    def keep_alive(self) -> str | None:
        """Restart the process after its pause. Returns a line to print if it has just ended."""
        if self.process is not None and not self.process.is_alive():
            ended, self.process = self.process, None
            if time.monotonic() - self._started > _STEADY_SECONDS:
                self._pause = _FIRST_PAUSE_SECONDS
            self._due = time.monotonic() + self._pause
            line = (
                f"The {self.name} ended ({_reason(ended.exitcode or 0)}) and restarts in {self._pause:.0f} s; see "
                f"{self.log}"
            )
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
            return line
        if self.process is None and time.monotonic() >= self._due:
            self.start()
        return None

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.is_alive():
            self.process.terminate()

    def wait_or_kill(self, deadline: float) -> None:
        """Wait until `deadline`, in monotonic seconds, then kill the process and its children."""
        if self.process is None:
            return
        # Its `join` with a timeout would wait for its children too.
        while self.process.is_alive():
            if time.monotonic() > deadline:
                kill_session(self.process)
            time.sleep(_POLL_SECONDS / 4)


def _reason(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _rotate(log: Path) -> None:
    """Rename a long log. One older log is kept."""
    if log.exists() and log.stat().st_size > _LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".1.log"))


class Supervisor:
    """The web server and the workers. As a context manager, it starts them, and stops them at the end of the block."""

    def __init__(self, address: Address, logs: Path, say: Callable[[str], None]) -> None:
        self._address = address
        self._say = say
        self._web = Child("web server", partial(web.serve, address), logs / "web.log")
        self._feed = Child("feed", partial(_serve_feed, address), logs / "feed.log")
        # Suggestions keep a processor busy, and have their own process. The other queues mostly wait, for the database,
        # files, a training's process or a slow server, and share a process.
        suggest = partial(_work, jobs.SUGGESTIONS)
        self._suggestions = Child("suggestions worker", suggest, logs / "suggestions-worker.log")
        self._worker = Child("worker", partial(_work, *_OTHER_QUEUES), logs / "worker.log")

    def __enter__(self) -> "Supervisor":
        # The sign of a former one, which was killed: nobody is to wait at its port.
        waiting_process.withdraw(settings.HOME)
        try:
            for child in self._children:
                child.start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def wait_until_open(self) -> None:
        """Wait until the web server answers. Raises CommandError if it ends instead."""
        while not self._address.answers():
            if not self._web.is_alive:
                raise CommandError(f"the web server does not start: {_last_line(self._web.log)} (see {self._web.log})")
            time.sleep(_POLL_SECONDS)

    def keep_open(self) -> None:
        """Restart processes that end, until KeyboardInterrupt."""
        while True:
            for child in self._children:
                if line := child.keep_alive():
                    self._say(line)
            time.sleep(_POLL_SECONDS)

    @property
    def _children(self) -> list[Child]:
        feed = [] if settings.FEED_PORT == 0 else [self._feed]
        return [self._web, *feed, self._suggestions, self._worker]

    def _stop(self) -> None:
        # Ignore further signals.
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._children:
            child.ask_to_stop()
        for child in self._children:
            child.wait_or_kill(deadline)


def _serve_feed(address: Address) -> None:
    port = address.port + 1 if settings.FEED_PORT is None else settings.FEED_PORT
    feed.serve(Address(address.host, port), otherwise_any=settings.FEED_PORT is None)


def _work(*queues: str) -> None:
    call_command("run_worker", "--queues", *queues)


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
