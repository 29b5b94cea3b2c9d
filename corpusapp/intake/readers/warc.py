"""Read WARC files: every page and plain text with status 200 is an article; other records are skipped."""

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from corpusapp.intake.dates import day_of
from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.readers.encodings import looks_binary
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import CHUNK, HEAD, BlockReader, Broken, read_limited, stream_of

_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
_RECORDS = ("response", "resource", "conversion")


def _read(source: Source, reading: Reading) -> Items:
    for record in _records(source):
        kind, charset = _content_type(record)
        if record.rec_type not in _RECORDS or not _answered(record) or kind not in _TYPES:
            continue
        url = record.rec_headers.get_header("WARC-Target-URI") or ""
        item = f"{source.item}#{url.strip('<>')}"
        try:
            data = _payload(record, reading.limits.page_bytes)
            part = _part(data, item, url.strip("<>"), kind, charset, source.depth)
            for found in reading.read(part):
                yield _with_day(found, record)
        except Unfit as unfit:
            yield Failure(item, None, unfit.reason, unfit.field)


def _records(source: Source) -> Iterator[Any]:
    from warcio.archiveiterator import ArchiveIterator

    try:
        yield from ArchiveIterator(BlockReader(source.stream))
    except (Broken, Unfit, GeneratorExit):
        raise
    except Exception as error:  # warcio lets zlib's, its own and ValueErrors through.
        raise Broken(f"the WARC cannot be read further: {str(error)[:200] or type(error).__name__}") from error


def _content_type(record: Any) -> tuple[str, str]:
    """(type, charset) from the server's headers, or those of the record."""
    headers = record.http_headers or record.rec_headers
    kind, _, rest = (headers.get_header("Content-Type") or "").partition(";")
    _, _, charset = rest.lower().partition("charset=")
    return kind.strip().lower(), charset.split(";")[0].strip(" \"'")


def _answered(record: Any) -> bool:
    return record.http_headers is None or record.http_headers.get_statuscode() == "200"


def _payload(record: Any, limit: int) -> bytes:
    try:
        data = read_limited(record.content_stream(), limit, "the page")
    except (Broken, Unfit):
        raise
    except Exception as error:
        raise Unfit(f"its content cannot be unpacked: {type(error).__name__}") from error
    while record.raw_stream.read(CHUNK):
        pass
    if left := getattr(record.raw_stream, "limit", 0):
        raise Broken(f"the WARC breaks off: {left} more bytes were announced")
    return data


def _part(data: bytes, item: str, url: str, kind: str, charset: str, depth: int) -> Source:
    """The payload as a source. Its declared type is only a hint, like a file name."""
    if looks_binary(data[:HEAD]):
        raise Unfit("the record's content is binary, or has unsupported compression")
    name = "record.txt" if kind == "text/plain" else "record.html"
    return Source(item, name, stream_of(iter([data]) if data else ()), depth, BytesIO(data), url, charset)


def _with_day(found: Draft | Failure, record: Any) -> Draft | Failure:
    """Add the crawl date to the metadata; it is not the publication date."""
    crawled = record.rec_headers.get_header("WARC-Date") or ""
    if isinstance(found, Failure) or day_of(crawled) is None:
        return found
    return replace(found, metadata={**found.metadata, "crawled": crawled})


def _recognises(head: Head, named: bool) -> bool:
    return head.data.startswith(b"WARC/")


WARC = Reader("warc", (".warc",), _recognises, _read, signed=True)
