"""JSON: a line an article (.jsonl, .ndjson), or a file with one object or a list of them."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from io import BufferedReader
from typing import Any

from corpusapp.intake.columns import HTML, mapped
from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.readers.encodings import LineFile
from corpusapp.intake.readers.json_values import values_of
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.records import draft_from_record
from corpusapp.text import strict_json

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_OBJECT = re.compile(r'\s*\{\s*"(?:[^"\\]|\\.){1,200}"\s*:')
_LIST = re.compile(r'\s*\[\s*\{\s*"')


def record_draft(record: Any, reading: Reading, *, item: str, line: int | None) -> Draft:
    """The draft of an object with the world's keys; a page in it goes through the HTML seam. Raises `Unfit`."""
    record, notes = mapped(record, reading.mapping)
    html = record.pop(HTML, None) if isinstance(record, dict) and HTML in record else None
    if isinstance(html, str) and not record.get("text"):
        given = {"url": str(record.get("url") or ""), "item": item, "line": line}
        page = reading.page(html.encode("utf-8", "replace"), **given, charset="utf-8")
        record = _filled(record, page)
    draft = draft_from_record(record, item=item, line=line)
    return replace(draft, notes=(*draft.notes, *notes)) if notes else draft


def _filled(record: dict[str, Any], page: Draft) -> dict[str, Any]:
    """What the page says, where the record itself is silent."""
    found = {"text": page.text, "title": page.title, "source": page.source, "language": page.language}
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
    """(number, line) of each line, None for one that is too long."""
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
        # No bytes for another try: those of the line are not what stood in the file.
        return Failure(item, number, unfit.reason)
    try:
        record = strict_json.loads(text)
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


def _sees_lines(head: Head, named: bool) -> bool:
    return named or _begins_with_objects(head.text, 1)


def _begins_with_objects(text: str, count: int) -> bool:
    """Whether each of the first `count` lines is an object; one that is longer than the head is believed."""
    lines = [line for line in text.split("\n") if line.strip()][:count]
    return len(lines) == count and all(_is_object(line, "\n" in text) for line in lines)


def _is_object(line: str, whole: bool) -> bool:
    if not _OBJECT.match(line):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return not whole


def _sees_values(head: Head, named: bool) -> bool:
    if head.suffix in JSONL.suffixes or _begins_with_objects(head.text, 2):
        return False
    return named or bool(
        _LIST.match(head.text) or (_OBJECT.match(head.text) and not _begins_with_objects(head.text, 1))
    )


JSON = Reader("json", (".json",), _sees_values, _read_values)
JSONL = Reader("jsonl", (".jsonl", ".ndjson"), _sees_lines, _read_lines)
