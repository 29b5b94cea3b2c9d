"""Lists as CSV downloads. Cells that a spreadsheet would run as formulas are made text."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from corpusapp.core.downloads import stream_response

# Rows that are sent together.
_BLOCK = 200
# How a formula begins. A quote before it is what spreadsheets themselves write for text (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_response(
    request: HttpRequest, name: str, head: Sequence[str], rows: Iterable[Sequence[object]]
) -> HttpResponseBase:
    """A CSV file in UTF-8 with these columns, sent while its rows are read. None is an empty cell."""
    disposition = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    headers = {"Content-Disposition": disposition, "Cache-Control": "private, no-cache"}
    return stream_response(request, _lines(head, rows), content_type="text/csv; charset=utf-8", headers=headers)


def cell(value: object) -> object:
    """The value as a cell: numbers as they are, text that begins like a formula with a quote before it."""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for number, row in enumerate(chain([head], rows), 1):
        writer.writerow([cell(value) for value in row])
        if number % _BLOCK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    data = buffer.getvalue().encode("utf-8", "replace")
    buffer.seek(0)
    buffer.truncate()
    return data
