"""Runs the web server and the workers: starts them together, restarts those that end, stops them together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from django.core.management.base import CommandError

from corpusapp.core import jobs
from corpusapp.desk.address import Address

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_STEADY_SECONDS = 60.0  # a process that ran this long restarts after the first pause again
_POLL_SECONDS = 0.1
_STOP_SECONDS = 20.0  # more than the web server and the worker wait for their own work
_LONGEST_LOG_BYTES = 10_000_000
_OTHER_QUEUES = [queue for queue in jobs.QUEUES if queue != jobs.SUGGESTIONS]
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """A process in its own session, which Ctrl-C in the terminal does not reach. Its output goes to `log`."""

    name: str
    command: list[str]
    folder: Path
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    _pause: float = _FIRST_PAUSE_SECONDS
    _started: float = 0.0
    _due: float = field(default=0.0)

    def start(self) -> None:
        _rotate(self.log)
        self._started = time.monotonic()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_alive(self) -> str | None:
        """Restart the process after its pause. Returns a line to print if it has just ended."""
        if self.process is not None and self.process.poll() is not None:
            ended, self.process = self.process, None
            if time.monotonic() - self._started > _STEADY_SECONDS:
                self._pause = _FIRST_PAUSE_SECONDS
            self._due = time.monotonic() + self._pause
            line = (
                f"The {self.name} ended ({_reason(ended.returncode)}) and restarts in {self._pause:.0f} s; see "
                f"{self.log}"
            )
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
            return line
        if self.process is None and time.monotonic() >= self._due:
            self.start()
        return None

    def ask_to_stop(self) -> None:
        if self.is_alive and self.process is not None:
            self.process.terminate()

    def wait_or_kill(self, deadline: float) -> None:
        """Wait until `deadline`, in monotonic seconds, then kill the process and its children."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _end_with_parent() -> None:
    """Ask the kernel to send SIGTERM to this process if its parent is killed (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _reason(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _rotate(log: Path) -> None:
    """Rename a long log. One older log is kept."""
    if log.exists() and log.stat().st_size > _LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".1.log"))


class Supervisor:
    """The web server and the workers. As a context manager, it starts them, and stops them at the end of the block."""

    def __init__(self, address: Address, project: Path, logs: Path, say: Callable[[str], None]) -> None:
        self._address = address
        self._say = say
        self._web = Child("web server", _web_command(address), project, logs / "web.log")
        # Suggestions keep a processor busy, and have their own process. The other queues mostly wait, for the database,
        # files, a training's process or a slow server, and share a process.
        self._suggestions = Child(
            "suggestions worker", _worker_command(jobs.SUGGESTIONS), project, logs / "suggestions-worker.log"
        )
        self._worker = Child("worker", _worker_command(*_OTHER_QUEUES), project, logs / "worker.log")

    def __enter__(self) -> "Supervisor":
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
        return [self._web, self._suggestions, self._worker]

    def _stop(self) -> None:
        # Ignore further signals.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._children:
            child.ask_to_stop()
        for child in self._children:
            child.wait_or_kill(deadline)


def raise_keyboard_interrupt_on_signals() -> None:
    """Raise KeyboardInterrupt on SIGTERM and if the terminal is closed, as on Ctrl-C."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # SIGINT too: shells start background jobs with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def _worker_command(*queues: str) -> list[str]:
    return [sys.executable, "manage.py", "run_worker", "--queues", *queues]


def _web_command(address: Address) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "corpusapp.wsgi:application", "--bind", address.bind]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload"]
    command += ["--timeout", "60", "--graceful-timeout", "10"]
    # It warns of each malformed request: anybody could fill the log.
    return [*command, "--log-level", "error", "--no-control-socket"]


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
