"""The progress of long commands: a bar on a terminal, plain lines elsewhere."""

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import OutputWrapper

_WIDTH = 20
_UNTIL_LINE_END = "\x1b[K"


class ByteCount:
    """Opens files, and counts the bytes read from all of them."""

    def __init__(self) -> None:
        self.bytes = 0

    def open(self, path: Path) -> BinaryIO:
        return io.BufferedReader(_Counted(path, self))


class _Counted(io.FileIO):
    def __init__(self, path: Path, count: ByteCount) -> None:
        super().__init__(path)
        self._count = count

    def readinto(self, buffer: Any) -> int:
        size = super().readinto(buffer) or 0
        self._count.bytes += size
        return size

    def readall(self) -> bytes:
        data = super().readall()
        self._count.bytes += len(data)
        return data


class ProgressLine:
    """Writes progress to `stream`, a command's stderr, with the rate in items per second.

    On a terminal, one line is redrawn; elsewhere, each call writes a line.
    """

    def __init__(
        self, stream: OutputWrapper, unit: str, *, total: int = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream, self._unit, self._total, self._clock = stream, unit, total, clock
        self._started = clock()
        self._drawn = False

    def say(self, counts: str, *, items: int, done: int = 0) -> None:
        """Report progress. `items` give the rate; `done`, in the unit of `total`, the share, unless `total` is 0."""
        rate = items / max(self._clock() - self._started, 1e-3)
        share = min(1.0, done / self._total) if self._total else None
        parts = [counts, f"{rate:,.0f} {self._unit}/s"]
        if share is not None:
            parts.insert(0, f"{share:.0%}")
        if not self._stream.isatty():
            self._write(", ".join(parts) + "\n")
            return
        bar = "" if share is None else f"[{'#' * round(share * _WIDTH):-<{_WIDTH}}] "
        self._write(f"\r{bar}{'  '.join(parts)}{_UNTIL_LINE_END}")
        self._drawn = True

    def close(self) -> None:
        """End the line of the bar."""
        if self._drawn:
            self._write("\n")
            self._drawn = False

    def _write(self, text: str) -> None:
        # Without the style of errors and without a line end.
        self._stream.write(text, str, "")
        self._stream.flush()
