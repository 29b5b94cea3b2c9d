"""CSV and TSV: a row an article, columns by their usual names or a given mapping."""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from corpusapp.intake.columns import has_text
from corpusapp.intake.draft import Failure, Unfit
from corpusapp.intake.readers.encodings import LineFile
from corpusapp.intake.readers.json_forms import record_draft
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.rows import Row, Shape, rows_of
from corpusapp.text import strict_json

# `sep=;` and its line end, which spreadsheets may write above the header.
_SEP_LINE = 16
# A quote within a cell: behind a backslash, or doubled, where no cell begins or ends.
_ESCAPED = re.compile(r'\\"(?![,;\t|\r\n"]|$)')
_DOUBLED = re.compile(r'(?<=[^,;\t|\r\n"])""(?=[^,;\t|\r\n"])')
_QUOTE = '"'
_DELIMITERS = ",;\t|"
# A file that is not named a table begins with a short line of names, or is none.
_LONGEST_HEADER = 1000
# Cells that hold JSON, as exports of tables with such columns write it.
_STRUCTURED = ("spans", "zones", "metadata")


def shape_of(text: str, mapping: Mapping[str, str]) -> tuple[Shape, list[str]]:
    """How a table beginning with `text` is written, and its columns; judged by its header line."""
    header = _header_line(text)
    escaped = bool(_ESCAPED.search(text)) and not _DOUBLED.search(text)
    shapes = [Shape(delimiter, escaped) for delimiter in _DELIMITERS]
    read = [(shape, _cells(header, shape)) for shape in shapes]
    return max(read, key=lambda found: (has_text(found[1], mapping), len(found[1])))


def _header_line(text: str) -> str:
    """The first line; spreadsheets may write `sep=;` before it, which is no row."""
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
    """The names of the columns; raises `Unfit` where none holds articles or two are alike."""
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
        return strict_json.loads(cell)
    except (json.JSONDecodeError, RecursionError):
        return cell
    except ValueError as error:
        raise Unfit(f"{name} is not valid JSON: {error}", name) from error


def _written(*rows: list[str]) -> bytes:
    """The row under its header, as a table of its own."""
    lines = (",".join(f'"{cell.replace(_QUOTE, _QUOTE * 2)}"' for cell in row) for row in rows)
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _sees(head: Head, named: bool) -> bool:
    if named:
        return True
    if len(_header_line(head.text)) > _LONGEST_HEADER:
        return False
    _, columns = shape_of(head.text, {})
    return len(columns) > 1 and has_text(columns, {}) and all(len(column) < 40 and column for column in columns)


CSV = Reader("csv", (".csv", ".tsv", ".tab"), _sees, _read)
