"""Where the process of waiting followers is: a file in the home that it renews, so that other processes find it."""

import json
import time
from dataclasses import asdict, dataclass

from corpusapp.core.home import Home

BEAT_SECONDS = 5.0
_DEAD_AFTER_SECONDS = 20.0
_NAME = "feed.json"


@dataclass(frozen=True)
class WaitingProcess:
    """The port it listens on, and how many followers wait."""

    port: int
    waiting: int


def renew(home: Home, process: WaitingProcess) -> None:
    """Say that the process lives."""
    draft = home.folder() / f".{_NAME}"
    draft.write_text(json.dumps(asdict(process)))
    draft.replace(home.path / _NAME)


def withdraw(home: Home) -> None:
    """Say that the process has ended."""
    (home.path / _NAME).unlink(missing_ok=True)


def find(home: Home) -> WaitingProcess | None:
    """The process; None if none runs."""
    return _read(home) if _silent_seconds(home) <= _DEAD_AFTER_SECONDS else None


def has_died(home: Home) -> bool:
    """Whether a process has ended without saying so."""
    return _DEAD_AFTER_SECONDS < _silent_seconds(home) < float("inf")


def _silent_seconds(home: Home) -> float:
    try:
        return time.time() - (home.path / _NAME).stat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _read(home: Home) -> WaitingProcess | None:
    try:
        return WaitingProcess(**json.loads((home.path / _NAME).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
