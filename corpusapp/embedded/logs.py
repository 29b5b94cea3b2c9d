"""The server's logs: `postgresql-start.log` until it reads its configuration, then one for each day of the week."""

from pathlib import Path

START = "postgresql-start.log"
ORPHANS = "pre-existing shared memory block"


def failure(folder: Path) -> str:
    """Why the server ended at its start: its last fatal line, and where to read on."""
    logs = sorted(folder.glob("postgresql*.log"), key=lambda log: log.stat().st_mtime_ns)
    for log in reversed(logs):
        if fatal := [line for line in log.read_text(errors="replace").splitlines() if "FATAL:" in line]:
            return f"{fatal[-1].partition('FATAL:')[2].strip()} (see {log})"
    return f"no reason given (see {folder})"
