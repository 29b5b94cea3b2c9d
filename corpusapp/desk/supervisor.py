"""Starts the desk's processes, keeps them running, and stops them all."""

import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from django.core.management.base import CommandError

from corpusapp.desk.address import Address
from corpusapp.desk.child import Child

_POLL_SECONDS = 0.1
_STOP_SECONDS = 20.0  # more than the graces of the web server and the worker


class Supervisor:
    """The web server and the workers. Used as a context: they run within it and are gone after it."""

    def __init__(self, address: Address, project: Path, logs: Path, say: Callable[[str], None]) -> None:
        self._address = address
        self._say = say
        self._web = Child("web server", _web_command(address), project, logs / "web.log")
        # Five, so that suggestions do not wait for a long import, nor an import for suggestions, what editors decide is
        # heeded within seconds, and nothing waits for a training or for a webhook's slow address.
        self._worker = Child("worker", _worker_command("suggestions"), project, logs / "worker.log")
        self._importer = Child("importer", _worker_command("imports"), project, logs / "importer.log")
        self._learner = Child("learner", _worker_command("decisions"), project, logs / "learner.log")
        self._trainer = Child("trainer", _worker_command("training"), project, logs / "trainer.log")
        self._messenger = Child("messenger", _worker_command("webhooks"), project, logs / "messenger.log")

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
        """Return when the web server answers. Raises CommandError where it ends instead."""
        while not self._address.answers():
            if not self._web.is_alive:
                raise CommandError(f"the web server does not start: {_last_line(self._web.log)} (see {self._web.log})")
            time.sleep(_POLL_SECONDS)

    def keep_open(self) -> None:
        """Start again what dies, until KeyboardInterrupt."""
        while True:
            for child in self._children:
                if line := child.keep_alive():
                    self._say(line)
            time.sleep(_POLL_SECONDS)

    @property
    def _children(self) -> list[Child]:
        return [self._web, self._worker, self._importer, self._learner, self._trainer, self._messenger]

    def _stop(self) -> None:
        # One Ctrl-C is enough, and a second one changes nothing.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        deadline = time.monotonic() + _STOP_SECONDS
        for child in self._children:
            child.ask_to_stop()
        for child in self._children:
            child.wait_or_kill(deadline)


def stop_as_by_ctrl_c() -> None:
    """A stop from outside and a closed terminal end the desk as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    # Ctrl-C too: a shell starts its background jobs with it ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)


def _worker_command(queue: str) -> list[str]:
    return [sys.executable, "manage.py", "run_worker", "--queues", queue]


def _web_command(address: Address) -> list[str]:
    command = [sys.executable, "-m", "gunicorn", "corpusapp.wsgi:application", "--bind", address.bind]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--preload"]
    command += ["--timeout", "60", "--graceful-timeout", "10"]
    return [*command, "--log-level", "warning", "--no-control-socket"]


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "no reason given"
