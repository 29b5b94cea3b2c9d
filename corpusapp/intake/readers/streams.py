"""Byte chunks as a file with `peek()`; an error is raised after all bytes before it were read."""

import io
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from corpusapp.intake.draft import Unfit

CHUNK = 1 << 18
HEAD = 1 << 16


class Broken(Exception):
    """A stream that breaks off. `reported`: one level has already reported it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.reported = False


class _Chunks(io.RawIOBase):
    """A readable file over byte chunks. Every read after an error raises it again."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")
        self._error: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        filled = 0
        while filled < len(buffer):
            if not self._rest and not self._advance():
                break
            count = min(len(buffer) - filled, len(self._rest))
            buffer[filled : filled + count] = self._rest[:count]
            self._rest = self._rest[count:]
            filled += count
        if not filled and self._error:
            raise self._error
        return filled

    def _advance(self) -> bool:
        if self._error:
            return False
        try:
            self._rest = memoryview(next(self._chunks, b""))
        except Exception as error:
            self._error = error
            return False
        return bool(self._rest)


def stream_of(chunks: Iterable[bytes]) -> io.BufferedReader:
    """A file over `chunks`, none of them empty; its `peek()` returns up to CHUNK bytes."""
    return io.BufferedReader(_Chunks(chunks), CHUNK)


class BlockReader:
    """A file for parsers that read in blocks: returns available bytes, and raises only if there are none."""

    def __init__(self, stream: io.BufferedReader) -> None:
        self._stream = stream

    def read(self, size: int = CHUNK) -> bytes:
        return self._stream.read1(size if size > 0 else CHUNK)


def chunks_of(file: BinaryIO) -> Iterator[bytes]:
    """The content of `file` in chunks, up to the last byte before an error."""
    read = BlockReader(file).read if isinstance(file, io.BufferedReader) else file.read
    while data := read(CHUNK):
        yield data


def read_exactly(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The next `size` bytes of `file` in chunks; raises `Broken` if it ends before."""
    while size:
        data = file.read(min(size, CHUNK))
        if not data:
            raise Broken(f"it breaks off: {size} more bytes were announced")
        size -= len(data)
        yield data


def read_limited(file: BinaryIO, limit: int, what: str) -> bytes:
    """The whole content of `file`; raises `Unfit` if it has more than `limit` bytes."""
    data = file.read(limit + 1)
    if len(data) > limit:
        raise Unfit(f"{what} has more than {limit} bytes: split it, or raise the limit")
    return data
