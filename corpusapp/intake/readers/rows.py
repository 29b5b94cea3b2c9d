"""Rows of a CSV file of any size: a broken one fails alone, and an unclosed quote swallows nothing for good."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from corpusapp.intake.draft import Unfit
from corpusapp.intake.readers.encodings import LineFile


@dataclass(frozen=True)
class Row:
    """The cells of the row that begins in `line` (from 1), or why there are none."""

    line: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True)
class Shape:
    """How cells are told apart: `escaped` where a backslash, not a second quote, stands before a quote."""

    delimiter: str
    escaped: bool = False

    def reader(self, lines: Iterator[str]) -> "csv._reader":
        escape = "\\" if self.escaped else None
        return csv.reader(lines, delimiter=self.delimiter, doublequote=not self.escaped, escapechar=escape, strict=True)


class _Lines:
    """Physical lines for csv, which remembers those of the row at hand so that they can be read again."""

    def __init__(self, file: LineFile, limit: int) -> None:
        self._file = file
        self._stream = file.stream
        self._limit = limit
        self._again: deque[bytes] = deque()
        self._size = 0
        self.taken: list[bytes] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        data = self._again.popleft() if self._again else self._stream.readline(self._limit + 1)
        if not data:
            raise StopIteration
        self.number += 1
        self.taken.append(data)
        self._size += len(data)
        if self._size > self._limit:
            self._rest_of_line(data)
            raise Unfit(f"has more than {self._limit} bytes: a quote may not be closed")
        try:
            text = self._file.text_of(data)
        except Unfit as unfit:
            raise Unfit(f"cannot be read: {unfit.reason}") from unfit
        return text.removeprefix("\ufeff") if self.number == 1 else text

    def _rest_of_line(self, data: bytes) -> None:
        while data and not data.endswith(b"\n"):
            data = self._stream.readline(1 << 20)

    def begin(self) -> None:
        self.taken.clear()
        self._size = 0

    def back_to_second(self) -> None:
        """Have all lines of this row but its first read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def rows_of(file: LineFile, shape: Shape, limit: int) -> Iterator[Row]:
    """The rows, first of them the header, whose width the others must have. Raises `Broken` as the stream does.

    What follows a broken row of several lines and cannot be read either counts as part of it.
    """
    # csv's own limit, 131072, is of the whole process; ours is `limit`.
    csv.field_size_limit(max(csv.field_size_limit(), limit))
    lines = _Lines(file, limit)
    reader = shape.reader(lines)
    width = 0
    broken: Row | None = None
    while True:
        lines.begin()
        line = lines.number + 1
        row = _next_row(reader, lines, line, width)
        if row is None:
            break
        if row.fault:
            if broken is None and len(lines.taken) == 1:
                yield row
                continue
            lines.back_to_second()
            broken = broken or row
            continue
        if broken:
            yield _until(broken, line - 1)
            broken = None
        if row.cells:
            width = width or len(row.cells)
            yield row
    if broken:
        yield _until(broken, lines.number)


def _next_row(reader: "csv._reader", lines: _Lines, line: int, width: int) -> Row | None:
    try:
        cells = next(reader, None)
    except csv.Error as error:
        return Row(line, [], f"cannot be read: {error}")
    except Unfit as unfit:
        return Row(line, [], unfit.reason)
    if cells is None:
        return None
    while width and len(cells) > width and not cells[-1].strip():
        cells.pop()
    if width and cells and len(cells) != width:
        return Row(line, [], f"has {len(cells)} columns, the header {width}")
    return Row(line, cells)


def _until(row: Row, last: int) -> Row:
    reach = f", nor the lines up to {last}" if last > row.line else ""
    return Row(row.line, [], row.fault + reach)
