"""The server's main process, found by its pid file, and the reasons in its logs why it did not start."""

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from corpusapp.embedded.errors import ServerError

_STOP_SECONDS = 120
_POLL_SECONDS = 0.02
# The log of the start, before the server writes its own logs.
START = "postgresql-start.log"
# The error of a start while processes of a killed server still run.
ORPHANS = "pre-existing shared memory block"


@dataclass(frozen=True)
class Postmaster:
    """The server on this data folder."""

    data: Path

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def pid(self) -> int | None:
        """The pid of the running server. None if there is no pid file, or the pid is another process's."""
        pid = self._recorded()
        return pid if pid is not None and str(self.data) in _arguments(pid) else None

    def clear_stale_pid(self) -> None:
        """Keep a pid file with another process's pid from preventing a start.

        The pid is replaced by our own: PostgreSQL ignores its parent's pid, but still uses the other lines of the file
        to find orphaned backends by their shared memory.
        """
        recorded = self._recorded()
        if recorded is not None and self.pid() is None:
            with self._pid_file.open("r+") as file:
                rest = file.read().partition("\n")[2]
                file.seek(0)
                file.truncate()
                file.write(f"{os.getpid()}\n{rest}")

    def stop(self) -> None:
        """Stop the server cleanly, closing all connections, and wait. Raises ServerError if it does not stop."""
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
    """A process's command line; empty if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="surrogateescape").split("\0")
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return []
    except ProcessLookupError:
        return []
    listed = subprocess.run(["ps", "-ww", "-o", "args=", "-p", str(pid)], capture_output=True, text=True)
    # Without /proc (macOS), the arguments are one line, with the data folder at the end.
    _, _, data = listed.stdout.strip().partition(" -D ")
    return [data]


def failure_reason(folder: Path) -> str:
    """Why the server did not start: the last fatal line in the logs of this folder, and the log's path."""
    logs = sorted(folder.glob("postgresql*.log"), key=lambda log: log.stat().st_mtime_ns)
    for log in reversed(logs):
        if fatal := [line for line in log.read_text(errors="replace").splitlines() if "FATAL:" in line]:
            return f"{fatal[-1].partition('FATAL:')[2].strip()} (see {log})"
    return f"no reason given (see {folder})"
