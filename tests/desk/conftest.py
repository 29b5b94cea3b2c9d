"""A complete installation, as `make run` starts it, with its own data folder."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings

from corpusapp.core.home import Home
from corpusapp.embedded.server import Server
from tests.embedded.conftest import new_place


class Desk:
    """A running `make run`. The constructor waits until it has printed its address."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
        self.port = port
        self.url = f"http://127.0.0.1:{port}/"
        self.environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        self.environment["CORPUSAPP_HOME"] = str(home)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "corpusapp.desk", "--port", str(port)],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.output = self._read_output(until="Ctrl-C stops it")

    @property
    def password(self) -> str:
        return re.search(r"with the password (\S+) ", self.output).group(1)

    def children(self, of: int | None = None) -> dict[int, str]:
        """The pids of its processes with their names, including the children of the web server."""
        found = {}
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,comm="], capture_output=True, text=True).stdout
        for line in listed.splitlines():
            pid, parent, name = line.split(maxsplit=2)
            if int(parent) == (of or self.process.pid):
                found |= {int(pid): name} | self.children(int(pid))
        return found

    def child(self, name: str) -> int | None:
        return next((pid for pid, found in sorted(self.children().items()) if found == name), None)

    def answers(self) -> bool:
        try:
            return urllib.request.urlopen(self.url, timeout=10).status == 200
        except OSError:
            return False

    def signs_in(self, password: str) -> bool:
        """Whether the admin can sign in with this password, as in a browser."""
        cookies = CookieJar()
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
        form = browser.open(f"{self.url}sign-in/").read().decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form).group(1)
        filled = urlencode({"username": "admin", "password": password, "csrfmiddlewaretoken": token})
        with contextlib.suppress(urllib.error.HTTPError):
            browser.open(f"{self.url}sign-in/", filled.encode())
        return any(cookie.name == settings.SESSION_COOKIE_NAME for cookie in cookies)

    def articles(self) -> int:
        with psycopg.connect(dbname="corpusapp", **Server(Home(self.home)).address()) as connection:
            return connection.execute("SELECT count(*) FROM articles_article").fetchone()[0]

    def stop(self) -> str:
        """Press Ctrl-C once; returns the output from then on."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=60)[0]

    def _read_output(self, until: str) -> str:
        output = ""
        for line in self.process.stdout:
            output += line
            if until in line:
                return output
        raise AssertionError(f"it ended: {output}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def port() -> int:
    return free_port()


Start = Callable[[], Desk]


@contextlib.contextmanager
def _desks(home: Path, port: int) -> Iterator[Start]:
    """A function that runs this home. What still runs at the end is stopped."""
    started: list[Desk] = []

    def start() -> Desk:
        started.append(Desk(home, port))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()
        one.process.stdout.close()


@dataclass(frozen=True)
class FirstRun:
    """The results of the first run in a new home."""

    home: Path
    desk: Desk
    answered: bool
    signed_in: bool
    articles: int
    processes: dict[int, str]
    last_output: str


@pytest.fixture(scope="module")
def first_run() -> Iterator[FirstRun]:
    with new_place() as folder, _desks(folder / "home", free_port()) as start:
        one = start()
        seen = (one.answers(), one.signs_in(one.password), one.articles(), one.children())
        yield FirstRun(one.home, one, *seen, one.stop())


@pytest.fixture
def desk(first_run: FirstRun, port: int) -> Iterator[Start]:
    """A function that runs a home that is not new."""
    with _desks(first_run.home, port) as start:
        yield start
