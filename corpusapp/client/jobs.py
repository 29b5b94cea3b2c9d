"""Waiting for a job of the desk, with a progress bar where there is a terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from .errors import JobFailed, seconds_to_wait
from .transport import Transport

_UNENDED = ("waiting", "running")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0
_WIDTH = 30


class ProgressBar:
    """One line on standard error that is drawn anew; nothing if that is no terminal, or if it is switched off."""

    def __init__(self, title: str, shown: bool | None = None, stream: TextIO | None = None) -> None:
        self._title = title
        self._stream = stream or sys.stderr
        self._is_shown = self._stream.isatty() if shown is None else shown
        self._drawn = ""

    def draw(self, percent: float, note: str = "") -> None:
        if not self._is_shown:
            return
        full = round(min(max(percent, 0.0), 100.0) / 100 * _WIDTH)
        line = f"{self._title} [{'#' * full}{' ' * (_WIDTH - full)}] {percent:3.0f}% {note}".rstrip()
        if line != self._drawn:
            self._stream.write("\r" + line.ljust(len(self._drawn)))
            self._stream.flush()
            self._drawn = line

    def count(self, number: int, what: str) -> None:
        """For work whose end is not known."""
        if self._is_shown:
            line = f"{self._title} {number:,} {what}"
            self._stream.write("\r" + line.ljust(len(self._drawn)))
            self._stream.flush()
            self._drawn = line

    def close(self) -> None:
        if self._drawn:
            self._stream.write("\n")
            self._drawn = ""


@contextmanager
def progress_bar(title: str, shown: bool | None = None) -> Iterator[ProgressBar]:
    bar = ProgressBar(title, shown)
    try:
        yield bar
    finally:
        bar.close()


def wait_for(http: Transport, job: dict[str, Any], bar: ProgressBar) -> dict[str, Any]:
    """The record of a job that has ended, in whatever way. `job` is what the desk answered when it was created."""
    pause = _FIRST_PAUSE
    while not has_ended(job):
        response = http.send("GET", http.own(job["url"]))
        # The address stands in the first answer only where an import is created.
        job = {"url": job["url"], **response.json()}
        bar.draw(job.get("percent") or 0)
        if not has_ended(job):
            asked = seconds_to_wait(response)
            time.sleep(pause if asked is None else min(asked, _LONGEST_PAUSE))
            pause = min(1.5 * pause, _LONGEST_PAUSE)
    return job


def has_ended(job: dict[str, Any]) -> bool:
    if "done" in job:
        return bool(job["done"])
    return "job_state" in job and job["job_state"] not in _UNENDED


def require_success(job: dict[str, Any], what: str) -> dict[str, Any]:
    """The job. Raises `JobFailed` if it failed or was cancelled."""
    if job.get("job_state") != "done":
        reason = job.get("reason") or "the desk gives no reason"
        raise JobFailed(f"{what} is {job.get('job_state', 'unknown')}: {reason}", job)
    return job
