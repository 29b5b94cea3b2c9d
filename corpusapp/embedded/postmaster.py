"""The server's main process, as its pid file names it, told apart from a stranger who was given that pid; its logs."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from corpusapp.embedded.errors import ServerError

_STOP_SECONDS = 120
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Postmaster:
    """The server on this data folder."""

    data: Path

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def pid(self) -> int | None:
        """The pid of the living server, None where the file is absent or names somebody else."""
        pid = self._recorded()
        return pid if pid is not None and str(self.data) in _arguments(pid) else None

    def disown_stranger(self) -> None:
        """Keep a living stranger's pid from blocking the start.

        PostgreSQL takes a file with its parent's pid for a stale one, and goes on to look for orphaned backends by
        the shared memory that the file's other lines name. So the first line changes and the file stays.
        """
        recorded = self._recorded()
        if recorded is not None and self.pid() is None:
            with self._pid_file.open("r+") as file:
                rest = file.read().partition("\n")[2]
                file.seek(0)
                file.truncate()
                file.write(f"{os.getpid()}\n{rest}")

    def stop(self) -> None:
        """Stop it cleanly, ending all connections, and wait until it is gone."""
        pid = self.pid()
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)  # PostgreSQL's fast shutdown
        deadline = time.monotonic() + _STOP_SECONDS
        while self.pid() == pid:
            if time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL (process {pid}) on {self.data} does not stop: see its log, or wait")
            time.sleep(_POLL_SECONDS)

    def _recorded(self) -> int | None:
        try:
            first = self._pid_file.read_text().partition("\n")[0]
        except FileNotFoundError:
            return None
        return int(first) if first.strip().isdigit() else None


def _arguments(pid: int) -> list[str]:
    """A process's command line; empty for one that is gone or has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="surrogateescape").split("\0")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return []
    except ProcessLookupError:
        return []
    listed = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True)
    # Without /proc (macOS) arguments come in one line: the data folder is the last.
    _, _, data = listed.stdout.strip().partition(" -D ")
    return [data]


START = "postgresql-start.log"
ORPHANS = "pre-existing shared memory block"


def failure(folder: Path) -> str:
    """Why the server ended at its start: its last fatal line, and where to read on."""
    logs = sorted(folder.glob("postgresql*.log"), key=lambda log: log.stat().st_mtime_ns)
    for log in reversed(logs):
        if fatal := [line for line in log.read_text(errors="replace").splitlines() if "FATAL:" in line]:
            return f"{fatal[-1].partition('FATAL:')[2].strip()} (see {log})"
    return f"no reason given (see {folder})"
