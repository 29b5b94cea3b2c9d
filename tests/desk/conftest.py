"""A whole desk, as `make run` starts it, in a data folder of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.embedded.conftest import place  # noqa: F401


class Desk:
    """A running desk. It has printed its address when this is made."""

    def __init__(self, home: Path, port: int) -> None:
        self.home = home
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
        self.said = self._listen(until="Ctrl-C stops it")

    @property
    def password(self) -> str:
        return re.search(r"with the password (\S+) ", self.said).group(1)

    def children(self, of: int | None = None) -> dict[int, str]:
        """The pids of its processes, with their commands; the web server's own children too."""
        found = {}
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True).stdout
        for line in listed.splitlines():
            pid, parent, command = line.split(maxsplit=2)
            if int(parent) == (of or self.process.pid):
                found |= {int(pid): command} | self.children(int(pid))
        return found

    def child(self, name: str) -> int | None:
        return next((pid for pid, command in sorted(self.children().items()) if name in command), None)

    def answers(self) -> bool:
        try:
            return urllib.request.urlopen(self.url, timeout=10).status == 200
        except OSError:
            return False

    def manage(self, *arguments: str) -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=settings.BASE_DIR, env=self.environment, check=True, stdout=subprocess.PIPE, text=True
        )
        return done.stdout.strip()

    def stop(self) -> str:
        """Press Ctrl-C once; what it said then."""
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=60)[0]

    def _listen(self, until: str) -> str:
        said = ""
        for line in self.process.stdout:
            said += line
            if until in line:
                return said
        raise AssertionError(f"the desk ended: {said}")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def desk(place: Path, port: int) -> Iterator[Callable[[], Desk]]:  # noqa: F811
    """Starts the desk of this test's home; whatever is left of it is stopped at the end."""
    started: list[Desk] = []

    def start() -> Desk:
        started.append(Desk(place / "home", port))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.stop()
        one.process.stdout.close()
