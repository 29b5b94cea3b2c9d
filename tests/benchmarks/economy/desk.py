"""A desk for one benchmark, with its own home, database, web server and workers; deleted at the end."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests import database
from tests.benchmarks.economy.client import Client

PROJECT = Path(__file__).resolve().parents[3]
CORPUS = "gold"
_START_SECONDS = 180
_LAST_LINES = 25


@contextlib.contextmanager
def running_desk(labels: Collection[str], *, nesting: bool = False, exactly: bool = True) -> Iterator[Client]:
    """A client of a new desk, started like `make run`, with one corpus that has `labels`.

    Without `exactly`, the corpus has the default labels as well.
    """
    os.environ.pop("DATABASE_URL", None)
    run = database.start()
    assert run is not None
    try:
        wanted = ["--exactly"] * exactly + ["--nesting"] * nesting + ["--", *labels]
        token = output_of("-m", "tests.benchmarks.economy.preparation", *wanted).splitlines()[-1]
        with running(free_port()) as desk:
            yield Client(desk.url, token)
    except Exception:
        _show_logs(run.folder / "home" / "logs")
        raise
    finally:
        run.end()


def _show_logs(folder: Path) -> None:
    """Print the last lines of each log, since the logs are deleted with the desk."""
    for log in [*sorted(folder.glob("*er.log")), folder / "web.log"]:
        if log.exists() and (lines := log.read_text(errors="replace").splitlines()[-_LAST_LINES:]):
            print(f"--- {log.name}", *lines, sep="\n", file=sys.stderr)


@dataclass(frozen=True)
class Running:
    """Where the desk is, and its first process."""

    url: str
    pid: int


@contextlib.contextmanager
def running(port: int) -> Iterator[Running]:
    """The desk of the environment's home, as `make run` starts it."""
    command = [sys.executable, "-m", "corpusapp.desk", "--port", str(port)]
    desk = subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        _wait_until_open(desk)
        yield Running(f"http://127.0.0.1:{port}/", desk.pid)
    finally:
        desk.send_signal(signal.SIGINT)
        desk.communicate(timeout=60)


def _wait_until_open(desk: "subprocess.Popen[str]") -> None:
    assert desk.stdout is not None
    deadline = time.monotonic() + _START_SECONDS
    for line in desk.stdout:
        if "Ctrl-C stops it" in line:
            return
        if time.monotonic() > deadline:
            break
    raise RuntimeError("the desk does not start: see its output above")


def output_of(*arguments: str) -> str:
    """What Python prints with these arguments."""
    done = subprocess.run([sys.executable, *arguments], cwd=PROJECT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
