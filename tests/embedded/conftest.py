"""Homes, and processes that use them, for tests of the server itself."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests import database


class Client:
    """A process of `tests.embedded.client`."""

    def __init__(self, home: Path, uid: int | None = None, **environment: str) -> None:
        command = [sys.executable, "-m", "tests.embedded.client", str(home)]
        self.process = subprocess.Popen(
            command if uid is None else [*command, str(uid)],
            cwd=settings.BASE_DIR,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def send(self, command: str) -> None:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def ask(self, command: str) -> str:
        self.send(command)
        return self.answer()

    def answer(self) -> str:
        return self.process.stdout.readline().strip()

    def end(self) -> str:
        """Wait until it exits; returns its stderr."""
        _, errors = self.process.communicate(timeout=60)
        return errors

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait(timeout=60)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited for a minute"
        time.sleep(0.02)


def postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split()[0])


def processes(home: Path) -> set[int]:
    """Every process of the home's server, orphans included."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "cwd").readlink() == home / "postgres/data":
                found.add(int(entry.name))
    return found


def kill_server(home: Path) -> None:
    """Kill every process of the server."""
    for process in processes(home):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)


@contextlib.contextmanager
def new_place() -> Iterator[Path]:
    """A folder that the server's system user can enter, unlike pytest's temporary folders."""
    folder = Path(os.environ["CORPUSAPP_HOME"]).parent / uuid.uuid4().hex[:8]
    folder.mkdir()
    yield folder
    database.clear(folder)


@pytest.fixture
def place() -> Iterator[Path]:
    with new_place() as folder:
        yield folder


@pytest.fixture
def home(place: Path) -> Path:
    return place / "home"


@pytest.fixture
def client() -> Iterator[Callable[..., Client]]:
    """A function that starts clients. They are killed at the end of the test."""
    started: list[Client] = []

    def start(home: Path, uid: int | None = None, **environment: str) -> Client:
        started.append(Client(home, uid, **environment))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        for pipe in (one.process.stdin, one.process.stdout, one.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
