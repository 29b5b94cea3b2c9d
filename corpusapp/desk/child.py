"""A process that the desk starts, and starts again when it dies."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

_FIRST_PAUSE_SECONDS = 1.0
_LONGEST_PAUSE_SECONDS = 60.0
_STEADY_SECONDS = 60.0  # a process that lived this long starts again without a longer pause
_LONGEST_LOG_BYTES = 10_000_000
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Child:
    """One process in a session of its own, where the terminal's Ctrl-C does not reach it; its output goes to `log`."""

    name: str
    command: list[str]
    folder: Path
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    _pause: float = _FIRST_PAUSE_SECONDS
    _started: float = 0.0
    _due: float = field(default=0.0)

    def start(self) -> None:
        _shorten(self.log)
        self._started = time.monotonic()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent,
            )

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_alive(self) -> str | None:
        """Start it again when its pause is over. Returns a line to print where it has just died."""
        if self.process is not None and self.process.poll() is not None:
            ended, self.process = self.process, None
            if time.monotonic() - self._started > _STEADY_SECONDS:
                self._pause = _FIRST_PAUSE_SECONDS
            self._due = time.monotonic() + self._pause
            line = (
                f"The {self.name} ended ({_manner(ended.returncode)}) and starts again in {self._pause:.0f} s; "
                f"its log is {self.log}"
            )
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
            return line
        if self.process is None and time.monotonic() >= self._due:
            self.start()
        return None

    def ask_to_stop(self) -> None:
        if self.is_alive and self.process is not None:
            self.process.terminate()

    def wait_or_kill(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic seconds), then end it and its own children."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def _end_with_parent() -> None:
    """Have the kernel stop this process should the desk be killed (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _manner(code: int) -> str:
    return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _shorten(log: Path) -> None:
    """Keep one older log beside the present one."""
    if log.exists() and log.stat().st_size > _LONGEST_LOG_BYTES:
        log.replace(log.with_suffix(".1.log"))
