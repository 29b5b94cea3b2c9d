"""The objects of a JSON file of any size, cut out by their brackets, so that a bad one fails alone."""

import re
from collections.abc import Iterator
from io import BufferedReader

from corpusapp.intake.readers.streams import Broken

_OUTSIDE = re.compile(rb'["{}\[\]]')
_STRING_END = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)
_BARE_END = re.compile(rb"[,\]\s]")
_MARK = b"\xef\xbb\xbf"
Value = tuple[int, bytes | None]


def values_of(stream: BufferedReader, limit: int) -> Iterator[Value]:
    """(line, bytes) of each element of a top-level list, or of the top-level values themselves.

    None stands for bytes of more than `limit`. What stands between the objects of a list is handed out as a value
    too, for JSON to refuse. Raises `Broken` where the file ends within a value.
    """
    if stream.peek()[:3] == _MARK:
        stream.read(3)
    return _Cutter(stream, limit).values()


class _Cutter:
    def __init__(self, stream: BufferedReader, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._line = 1
        self._listed = False

    def values(self) -> Iterator[Value]:
        while head := self._blank_skipped():
            if head == b"[" and not self._listed:
                self._listed = True
                self._stream.read(1)
            elif head == b"," and self._listed:
                self._stream.read(1)
            elif head == b"]" and self._listed:
                self._stream.read(1)
                if self._blank_skipped():
                    raise Broken(f"line {self._line}: something stands after the list's end; it is not read")
                return
            else:
                yield self._value()
        if self._listed:
            raise Broken("the file breaks off before its list ends")

    def _blank_skipped(self) -> bytes:
        """The next byte that is no white space, not yet read; empty at the end."""
        while data := self._stream.peek():
            blank = len(data) - len(data.lstrip(b" \t\r\n"))
            self._line += data.count(b"\n", 0, blank)
            self._stream.read(blank)
            if blank < len(data):
                return data[blank : blank + 1]
        return b""

    def _value(self) -> Value:
        line, size = self._line, 0
        scanner = _Scanner()
        pieces: list[bytes] | None = []
        while not scanner.ended:
            data = self._stream.peek()
            if not data:
                if scanner.open:
                    raise Broken(f"the file breaks off within the value that begins in line {line}")
                break
            end = scanner.scan(data)
            self._line += data.count(b"\n", 0, end)
            size += end
            self._stream.read(end)
            if size > self._limit:
                pieces = None
            elif pieces is not None:
                pieces.append(data[:end])
        return line, None if pieces is None else b"".join(pieces)


class _Scanner:
    """Where one JSON value ends, over chunks. It counts brackets and steps over strings; JSON judges the rest."""

    def __init__(self) -> None:
        self.ended = False
        self._depth = 0
        self._in_string = self._escaped = self._bare = False
        self._started = False

    @property
    def open(self) -> bool:
        return self._in_string or self._depth > 0

    def scan(self, data: bytes) -> int:
        """How many bytes of `data` belong to the value."""
        position = 0
        if not self._started:
            self._started = True
            self._bare = data[:1] not in (b"{", b"[", b'"')
            position = int(self._bare)
        if self._bare:
            found = _BARE_END.search(data, position)
            self.ended = found is not None
            return found.start() if found else len(data)
        while position < len(data) and not self.ended:
            position = self._string(data, position) if self._in_string else self._structure(data, position)
        return position

    def _string(self, data: bytes, position: int) -> int:
        if self._escaped:
            self._escaped = False
            return position + 1
        if match := _STRING_END.match(data, position):
            self._in_string = False
            self.ended = not self._depth
            return match.end()
        tail = data[position:]
        self._escaped = (len(tail) - len(tail.rstrip(b"\\"))) % 2 == 1
        return len(data)

    def _structure(self, data: bytes, position: int) -> int:
        match = _OUTSIDE.search(data, position)
        if not match:
            return len(data)
        if match[0] == b'"':
            self._in_string = True
        else:
            self._depth += 1 if match[0] in b"{[" else -1
            self.ended = self._depth <= 0
        return match.end()
