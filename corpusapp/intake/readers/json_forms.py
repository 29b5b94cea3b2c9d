"""Read JSON: one article per line (.jsonl, .ndjson), or a file with an object or a list of objects."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader
from typing import Any

from corpusapp.intake.columns import HTML, mapped
from corpusapp.intake.draft import Draft, Failure, Unfit, draft_from_record
from corpusapp.intake.readers.encodings import LineFile
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import Broken
from corpusapp.text import wellformed

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OBJECT = re.compile(r'\s*\{\s*"(?:[^"\\]|\\.){1,200}"\s*:')
_LIST = re.compile(r'\s*\[\s*\{\s*"')


def record_draft(record: Any, reading: Reading, *, item: str, line: int | None) -> Draft:
    """The draft of an object with common keys; HTML in it goes through the HTML extractor. Raises `Unfit`."""
    record, notes = mapped(record, reading.mapping)
    html = record.pop(HTML, None) if isinstance(record, dict) and HTML in record else None
    if isinstance(html, str) and not record.get("text"):
        data, url = html.encode("utf-8", "replace"), str(record.get("url") or "")
        record = _filled(record, reading.page(data, url=url, item=item, line=line, charset="utf-8"))
    draft = draft_from_record(record, item=item, line=line)
    return replace(draft, notes=(*draft.notes, *notes)) if notes else draft


def _filled(record: dict[str, Any], page: Draft) -> dict[str, Any]:
    """The record, with missing fields from the page."""
    found = {"text": page.text}
    found |= {name: value for name in ("title", "source", "language") if (value := getattr(page, name))}
    if page.published_on:
        found["published_on"] = page.published_on.isoformat()
    said = {key: value for key, value in record.items() if value not in (None, "")}
    return {**found, **said, "metadata": {**page.metadata, **(record.get("metadata") or {})}}


def _read_lines(source: Source, reading: Reading) -> Items:
    file = LineFile(source, reading.encoding)
    for number, data in _lines(file.stream, reading.limits.line_bytes):
        if data is None:
            reason = f"the line has more than {reading.limits.line_bytes} bytes: split it, or raise the limit"
            yield Failure(source.item, number, reason)
        elif data.strip():
            yield _line(data, source.item, number, file, reading)


def _lines(stream: BufferedReader, limit: int) -> Iterator[tuple[int, bytes | None]]:
    """(number, bytes) of each line; None for a line that is too long."""
    number = 0
    while data := stream.readline(limit + 1):
        number += 1
        if len(data) > limit:
            while data and not data.endswith(b"\n"):
                data = stream.readline(1 << 20)
            yield number, None
        else:
            yield number, data.removeprefix(_BYTE_ORDER_MARK) if number == 1 else data


def _line(data: bytes, item: str, number: int | None, file: LineFile, reading: Reading) -> Draft | Failure:
    try:
        text = file.text_of(data)
    except Unfit as unfit:
        # No bytes for a retry: those of the decoded line differ from the file.
        return Failure(item, number, unfit.reason)
    try:
        record = wellformed.load_json(text)
        draft = record_draft(record, reading, item=item, line=number)
    except json.JSONDecodeError as error:
        reason, field = f"not valid JSON: {error.msg} at character {error.pos + 1}", ""
    except RecursionError:
        reason, field = "the JSON is nested too deep", ""
    except Unfit as unfit:
        reason, field = unfit.reason, unfit.field
    except ValueError as error:
        reason, field = f"not valid JSON: {error}", ""
    else:
        return _kept(draft, file, data)
    return Failure(item, number, reason, field, "json", data)


def _kept(draft: Draft, file: LineFile, data: bytes) -> Draft:
    return replace(draft, notes=(*draft.notes, *file.notes()), encoding=file.encoding, form="json", raw=data)


def _read_values(source: Source, reading: Reading) -> Items:
    file = LineFile(source, reading.encoding)
    for line, data in values_of(file.stream, reading.limits.line_bytes):
        if data is None:
            reason = f"the object has more than {reading.limits.line_bytes} bytes: split it, or raise the limit"
            yield Failure(source.item, line, reason)
        else:
            yield _line(data, source.item, line, file, reading)


def _recognises_lines(head: Head, named: bool) -> bool:
    return named or _begins_with_objects(head.text, 1)


def _begins_with_objects(text: str, count: int) -> bool:
    """Whether each of the first `count` lines is an object; a line longer than the head counts as one."""
    lines = [line for line in text.split("\n") if line.strip()][:count]
    return len(lines) == count and all(_is_object(line, "\n" in text) for line in lines)


def _is_object(line: str, whole: bool) -> bool:
    if not _OBJECT.match(line):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return not whole


def _recognises_values(head: Head, named: bool) -> bool:
    if head.suffix in JSONL.suffixes or _begins_with_objects(head.text, 2):
        return False
    return named or bool(
        _LIST.match(head.text) or (_OBJECT.match(head.text) and not _begins_with_objects(head.text, 1))
    )


JSON = Reader("json", (".json",), _recognises_values, _read_values)
JSONL = Reader("jsonl", (".jsonl", ".ndjson"), _recognises_lines, _read_lines)


_OUTSIDE = re.compile(rb'["{}\[\]]')
_STRING_END = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+"', re.S)
_BARE_END = re.compile(rb"[,\]\s]")
_MARK = b"\xef\xbb\xbf"
Value = tuple[int, bytes | None]


def values_of(stream: BufferedReader, limit: int) -> Iterator[Value]:
    """(line, bytes) of each element of a top-level list, or of the top-level values themselves.

    The bytes are None if they exceed `limit`. Anything between the objects of a list is returned as a value too, and
    refused by the JSON parser. Raises `Broken` if the file ends within a value.
    """
    if stream.peek()[:3] == _MARK:
        stream.read(3)
    return _Splitter(stream, limit).values()


class _Splitter:
    def __init__(self, stream: BufferedReader, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._line = 1
        self._listed = False

    def values(self) -> Iterator[Value]:
        while head := self._skip_blank():
            if head == b"[" and not self._listed:
                self._listed = True
                self._stream.read(1)
            elif head == b"," and self._listed:
                self._stream.read(1)
            elif head == b"]" and self._listed:
                self._stream.read(1)
                if self._skip_blank():
                    raise Broken(f"line {self._line}: data after the end of the list is ignored")
                return
            else:
                yield self._value()
        if self._listed:
            raise Broken("the file breaks off before its list ends")

    def _skip_blank(self) -> bytes:
        """Skip white space and peek at the next byte; empty at the end."""
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
    """Finds the end of one JSON value in chunks, by counting brackets and skipping strings."""

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
