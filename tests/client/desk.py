"""A desk as `make run` starts it, which can be killed, and lines to it that break."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from django.conf import settings

from corpusapp.client import Corpus, Desk
from tests.desk.conftest import Desk as Process


class RunningDesk:
    """A desk in its own home, with the admin's token. It keeps its port when it is started again."""

    def __init__(self, home: Path, port: int) -> None:
        self._home, self.port = home, port
        self.process = Process(home, port)
        self.url = self.process.url
        self.token = self.manage("create_token", "admin")
        self._corpora = 0

    def manage(self, *command: str) -> str:
        """What a management command prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=settings.BASE_DIR,
            env=self.process.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def kill(self) -> None:
        """kill -9, of all of its processes."""
        for pid in [self.process.process.pid, *self.process.children()]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.process.wait(timeout=30)
        self.process.process.stdout.close()

    def start(self) -> None:
        self.process = Process(self._home, self.port)

    def restart(self) -> None:
        self.kill()
        self.start()

    def stop(self) -> None:
        if self.process.process.poll() is None:
            self.process.stop()

    def client(self, url: str = "", **options: Any) -> Desk:
        return Desk(url or self.url, self.token, **options)

    def new_corpus(self, url: str = "", **options: Any) -> Corpus:
        """A corpus without articles."""
        self._corpora += 1
        slug = f"corpus-{self._corpora}"
        self.client().post("corpora/", {"slug": slug})
        return self.client(url, **options).corpus(slug)


class BreakingLine:
    """Passes everything on to `port`, and breaks the first connections after so many bytes of their answers."""

    def __init__(self, port: int, *breaks_after: int) -> None:
        self._to, self._breaks = port, list(breaks_after)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        self.requests: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def is_whole(self) -> bool:
        """Whether there is nothing left to break."""
        return not self._breaks

    def close(self) -> None:
        self._listening.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                threading.Thread(target=self._ask, args=[near, far], daemon=True).start()
                threading.Thread(target=self._answer, args=[near, far], daemon=True).start()

    def _ask(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(65536):
                self.requests.append(data)
                far.sendall(data)
            far.shutdown(socket.SHUT_WR)

    def _answer(self, near: socket.socket, far: socket.socket) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := far.recv(4096):
                passed += len(data)
                if self._breaks and passed > self._breaks[0]:
                    del self._breaks[0]
                    break
                near.sendall(data)
        for one in (near, far):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
