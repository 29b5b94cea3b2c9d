"""Read CSV and TSV: one article per row, columns by common names or a mapping."""

import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from corpusapp.intake.columns import has_text
from corpusapp.intake.draft import Failure, Unfit
from corpusapp.intake.readers.encodings import LineFile
from corpusapp.intake.readers.json_forms import record_draft
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.text import wellformed


@dataclass(frozen=True)
class Row:
    """The cells of the row that begins in `line` (from 1), or the reason why it cannot be read."""

    line: int
    cells: list[str]
    fault: str = ""


@dataclass(frozen=True)
class Shape:
    """The dialect of a table; `escaped`: quotes are escaped by a backslash instead of doubled."""

    delimiter: str
    escaped: bool = False

    def reader(self, lines: Iterator[str]) -> Iterator[list[str]]:
        escape = "\\" if self.escaped else None
        return csv.reader(lines, delimiter=self.delimiter, doublequote=not self.escaped, escapechar=escape, strict=True)


class _Lines:
    """Physical lines for csv; keeps those of the current row so that they can be read again."""

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

    def begin_row(self) -> None:
        self.taken.clear()
        self._size = 0

    def reread_from_second(self) -> None:
        """Go back to the second line of this row."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1


def rows_of(file: LineFile, shape: Shape, limit: int) -> Iterator[Row]:
    """The rows, beginning with the header, whose width the others must have. Raises `Broken` like the stream.

    Unreadable lines after a broken row of several lines are part of it.
    """
    # The default limit of csv, 131072, is global to the process; `limit` is ours.
    csv.field_size_limit(max(csv.field_size_limit(), limit))
    lines = _Lines(file, limit)
    reader = shape.reader(lines)
    width = 0
    broken: Row | None = None
    while True:
        lines.begin_row()
        line = lines.number + 1
        row = _next_row(reader, lines, line, width)
        if row is None:
            break
        if row.fault:
            if broken is None and len(lines.taken) == 1:
                yield row
                continue
            lines.reread_from_second()
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


def _next_row(reader: Iterator[list[str]], lines: _Lines, line: int, width: int) -> Row | None:
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


# Maximum length of the `sep=;` line, which spreadsheets may write above the header.
_SEP_LINE = 16
# A quote within a cell, escaped by a backslash or doubled, but not at the start or end of a cell.
_ESCAPED = re.compile(r'\\"(?![,;\t|\r\n"]|$)')
_DOUBLED = re.compile(r'(?<=[^,;\t|\r\n"])""(?=[^,;\t|\r\n"])')
_QUOTE = '"'
_DELIMITERS = ",;\t|"
# A file without a suffix of tables must begin with a short line of names.
_LONGEST_HEADER = 1000
# Columns whose cells are JSON, as in our exports.
_STRUCTURED = ("spans", "zones", "metadata")


def shape_of(text: str, mapping: Mapping[str, str]) -> tuple[Shape, list[str]]:
    """The dialect and the columns of a table that begins with `text`, detected from its header line."""
    header = _header_line(text)
    escaped = bool(_ESCAPED.search(text)) and not _DOUBLED.search(text)
    shapes = [Shape(delimiter, escaped) for delimiter in _DELIMITERS]
    read = [(shape, _cells(header, shape)) for shape in shapes]
    return max(read, key=lambda found: (has_text(found[1], mapping), len(found[1])))


def _header_line(text: str) -> str:
    """The first line, after a `sep=;` line if there is one."""
    lines = [line for line in text.split("\n", 3)[:3] if line.strip()]
    skip = bool(lines) and lines[0].lower().startswith("sep=")
    return lines[skip].rstrip("\r") if len(lines) > skip else ""


def _cells(line: str, shape: Shape) -> list[str]:
    try:
        return next(shape.reader(iter([line])), [])
    except csv.Error:
        return []


def _read(source: Source, reading: Reading) -> Items:
    file = LineFile(source, reading.encoding)
    head = file.stream.peek().decode("utf-8", "replace").removeprefix("\ufeff")
    shape, _ = shape_of(head, reading.mapping)
    if head.lower().startswith("sep="):
        file.stream.readline(_SEP_LINE)
    header: list[str] | None = None
    for row in rows_of(file, shape, reading.limits.row_bytes):
        if row.fault:
            yield Failure(source.item, row.line, f"the row {row.fault}")
        elif header is None:
            header = _checked(row.cells, reading.mapping)
        else:
            yield _row(row, header, source.item, reading, file)


def _checked(cells: list[str], mapping: Mapping[str, str]) -> list[str]:
    """The names of the columns; raises `Unfit` if none has articles, or two are equal."""
    header = [cell.strip() for cell in cells]
    if not has_text(header, mapping):
        raise Unfit(f"no column is named text (or content, body, html …), but {', '.join(header)[:200]}: map one")
    doubled = {name for name in header if name and header.count(name) > 1}
    if doubled:
        raise Unfit(f"two columns are named {sorted(doubled)[0]!r}: rename one")
    return header


def _row(row: Row, header: list[str], item: str, reading: Reading, file: LineFile) -> Any:
    cells = [(name, cell) for name, cell in zip(header, row.cells, strict=True) if name and cell.strip()]
    try:
        record = {name: _value(name, cell) for name, cell in cells}
        draft = record_draft(record, reading, item=item, line=row.line)
    except Unfit as unfit:
        return Failure(item, row.line, unfit.reason, unfit.field, "csv", _written(header, row.cells))
    notes = (*draft.notes, *file.notes())
    return replace(draft, notes=notes, encoding=file.encoding, form="csv", raw=_written(header, row.cells))


def _value(name: str, cell: str) -> Any:
    if name not in _STRUCTURED:
        return cell
    try:
        return wellformed.load_json(cell)
    except (json.JSONDecodeError, RecursionError):
        return cell
    except ValueError as error:
        raise Unfit(f"{name} is not valid JSON: {error}", name) from error


def _written(*rows: list[str]) -> bytes:
    """The row as a table with its header."""
    lines = (",".join(f'"{cell.replace(_QUOTE, _QUOTE * 2)}"' for cell in row) for row in rows)
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _recognises(head: Head, named: bool) -> bool:
    if named:
        return True
    if len(_header_line(head.text)) > _LONGEST_HEADER:
        return False
    _, columns = shape_of(head.text, {})
    return len(columns) > 1 and has_text(columns, {}) and all(len(column) < 40 and column for column in columns)


CSV = Reader("csv", (".csv", ".tsv", ".tab"), _recognises, _read)
