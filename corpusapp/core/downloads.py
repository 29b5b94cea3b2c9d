"""Responses with files and streams: conditional requests, one range (RFC 9110), digests (RFC 9530), and gzip.

A file can be resumed by `Range`. Text that no range is asked of is compressed where `Accept-Encoding` asks for it. The
lengths of compressed responses tell no secrets: files and streams hold none, and repeat nothing of the request.
"""

import base64
import os
import re
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from time import monotonic
from typing import BinaryIO

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header
from rest_framework.request import Request

from corpusapp.core.api.problem_details import PreconditionFailed
from corpusapp.core.errors import RangeNotSatisfiable

# Bytes that are read and sent together.
_BLOCK = 64 * 1024
# A single range. Several are answered with the whole file, which RFC 9110 allows.
_RANGE = re.compile(r"bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*", re.IGNORECASE)
_GZIP = re.compile(r"(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q=([0-9.]+)\s*)?(?=,|\Z)", re.IGNORECASE)
_TEXT = re.compile(r"text/|application/(?:[\w.-]+\+)?(?:json|xml|x-ndjson)\b")
# The fastest level of zlib, and the window that stands for a header of gzip.
_LEVEL, _GZIP_WINDOW = 1, 31
_FLUSH_SECONDS = 1.0


class _Download(FileResponse):
    block_size = _BLOCK


def file_response(
    request: HttpRequest | Request,
    file: BinaryIO,
    *,
    name: str,
    content_type: str,
    sha256: str = "",
    headers: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    """A file that never changes, as a download: all of it, or the range that the request asks for.

    `sha256` is that of the file in hexadecimal, if known; it becomes the ETag and `Repr-Digest`. Raises
    `RangeNotSatisfiable`, and `PreconditionFailed` if `If-Match` names another ETag.
    """
    size = file.seek(0, os.SEEK_END)
    ranged = request.method == "GET" and "Range" in request.headers
    gzipped = not ranged and _is_text(content_type) and _accepts_gzip(request)
    etag = f'"{sha256}"' if sha256 else _etag_of(file, size)
    etag = f"W/{etag}" if gzipped else etag
    try:
        response = _unchanged(request, etag) or _with_content(request, file, size, etag, gzipped=gzipped)
    except Exception:
        file.close()
        raise
    if response.status_code == 304 or request.method == "HEAD":
        file.close()
    if response.status_code != 304:
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    if sha256 and "Accept-Ranges" in response:
        response["Repr-Digest"] = f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
    kept = {"ETag": etag, "Cache-Control": "private, no-cache"}
    return _described(response, content_type, kept | dict(headers or {}))


def stream_response(
    request: HttpRequest | Request,
    chunks: Iterable[bytes],
    *,
    content_type: str,
    headers: Mapping[str, str] | None = None,
) -> HttpResponseBase:
    """A stream of unknown length, compressed if the request asks for it. Nothing of it is made for HEAD."""
    gzipped = _is_text(content_type) and _accepts_gzip(request)
    return _described(_streamed(request, chunks, gzipped=gzipped), content_type, headers or {})


def _described(response: HttpResponseBase, content_type: str, headers: Mapping[str, str]) -> HttpResponseBase:
    if response.status_code != 304:
        response["Content-Type"] = content_type
    for name, value in headers.items():
        response[name] = value
    if _is_text(content_type):
        patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _streamed(request: HttpRequest | Request, chunks: Iterable[bytes], *, gzipped: bool) -> HttpResponseBase:
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    else:
        response = StreamingHttpResponse(_Compressed(chunks) if gzipped else chunks)
    if gzipped:
        response["Content-Encoding"] = "gzip"
    return response


def _with_content(
    request: HttpRequest | Request, file: BinaryIO, size: int, etag: str, *, gzipped: bool
) -> HttpResponseBase:
    file.seek(0)
    if gzipped:
        return _streamed(request, _Slice(file, size), gzipped=True)
    chosen = _range_of(request, etag, size)
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    elif chosen is None:
        response = _Download(file)
    else:
        file.seek(chosen.start)
        response = StreamingHttpResponse(_Slice(file, len(chosen)), status=206)
        response["Content-Range"] = f"bytes {chosen.start}-{chosen.stop - 1}/{size}"
    response["Content-Length"] = str(size if chosen is None else len(chosen))
    response["Accept-Ranges"] = "bytes"
    return response


def _unchanged(request: HttpRequest | Request, etag: str) -> HttpResponseBase | None:
    """304 if `If-None-Match` names the ETag. Raises `PreconditionFailed` if `If-Match` does not."""
    plain = request._request if isinstance(request, Request) else request
    response = get_conditional_response(plain, etag=etag)
    if response is not None and response.status_code == 412:
        raise PreconditionFailed(f"the file is another one: its ETag is {etag}", field="If-Match")
    return response


def _etag_of(file: BinaryIO, size: int) -> str:
    return f'"{os.fstat(file.fileno()).st_mtime_ns:x}-{size:x}"'


def _range_of(request: HttpRequest | Request, etag: str, size: int) -> range | None:
    """The bytes that a GET asks for; None for the whole file, also where the header is malformed, as by RFC 9110.

    `If-Range` with another ETag, or with a date, asks for the whole file.
    """
    asked = _RANGE.fullmatch(request.headers.get("Range", "")) if request.method == "GET" else None
    if not asked or request.headers.get("If-Range", etag) != etag:
        return None
    first, last = map(_number, asked.groups())
    if first is not None:
        start, stop = first, size if last is None else min(last + 1, size)
        malformed = last is not None and last < first
    else:
        # The last bytes, of which an empty file has none.
        start, stop = (max(size - last, 0) if last else size), size
        malformed = last is None or (last > 0 and not size)
    if malformed:
        return None
    if start >= size:
        raise RangeNotSatisfiable(
            f"the file has {size} bytes, and none at {request.headers['Range'][:60]!r}: leave Range out", size=size
        )
    return range(start, stop)


def _number(digits: str) -> int | None:
    """Of digits. No file has the bytes of a number that is cut."""
    return int(digits.lstrip("0")[:20] or "0") if digits else None


def _is_text(content_type: str) -> bool:
    """Whether gzip makes it shorter: archives and binary formats are compressed already."""
    return _TEXT.match(content_type) is not None


def _accepts_gzip(request: HttpRequest | Request) -> bool:
    found = _GZIP.search(request.headers.get("Accept-Encoding", ""))
    return found is not None and (found[1] is None or found[1].strip("0.") != "")


class _Slice:
    """The next bytes of a file in blocks."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self._file, self._left = file, length

    def __iter__(self) -> Iterator[bytes]:
        while block := self._file.read(min(_BLOCK, self._left)):
            self._left -= len(block)
            yield block

    def close(self) -> None:
        self._file.close()


class _Compressed:
    """Chunks as gzip. The first one is sent at once, and none is kept for longer than until the next after a second."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Generator[bytes]:
        compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        kept, flushed = _BLOCK, monotonic()
        for chunk in self._chunks:
            data = compressor.compress(chunk)
            kept += len(chunk)
            if kept >= _BLOCK or monotonic() - flushed >= _FLUSH_SECONDS:
                data += compressor.flush(zlib.Z_SYNC_FLUSH)
                kept, flushed = 0, monotonic()
            if data:
                yield data
        yield compressor.flush()

    def close(self) -> None:
        if close := getattr(self._chunks, "close", None):
            close()
