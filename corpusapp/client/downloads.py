"""Downloads: resumed after a broken connection, checked, and complete or absent at their path."""

import base64
import contextlib
import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import httpx

from .errors import BrokenDownload, RangeNotSatisfiable
from .jobs import ProgressBar
from .transport import Transport

# So many times in a row a download may break without another byte.
_TRIES = 5
# Ranges are of the file itself.
_PLAIN = {"Accept-Encoding": "identity"}


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` when it is complete, and is deleted if it is not."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with draft.open("x+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def download(http: Transport, address: httpx.URL, file: IO[bytes], *, sha256: str, bar: ProgressBar) -> str:
    """Write a file of the desk and return its SHA-256.

    Raises `BrokenDownload` if it is not `sha256`, or, if that is empty, not the digest that the desk sends with it.
    """
    found, expected = _Resumed(http, address, file, bar).run()
    if (sha256 or expected) not in ("", found):
        raise BrokenDownload(f"the file has the SHA-256 {found}, and not {sha256 or expected}: fetch it again")
    return found


class _Resumed:
    """One download into a file, which continues where it broke off as long as the desk has the same file."""

    def __init__(self, http: Transport, address: httpx.URL, file: IO[bytes], bar: ProgressBar) -> None:
        self._http, self._address, self._file, self._bar = http, address, file, bar
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._hash, self._size, self._etag, self._digest = hashlib.sha256(), 0, "", ""

    def run(self) -> tuple[str, str]:
        """The SHA-256 of the file, and the one that the desk says it has; empty if it does not say."""
        tries, before = 0, 0
        while True:
            try:
                self._read()
                return self._hash.hexdigest(), self._digest
            except (httpx.TransportError, RangeNotSatisfiable) as broken:
                tries = tries + 1 if self._size <= before else 1
                before = self._size
                if tries >= _TRIES:
                    raise BrokenDownload(f"the download broke off after {self._size:,} bytes: {broken}") from broken
                if isinstance(broken, RangeNotSatisfiable):
                    self._begin_anew()

    def _read(self) -> None:
        headers = dict(_PLAIN)
        if self._size and self._etag:
            headers |= {"Range": f"bytes={self._size}-", "If-Range": self._etag}
        with self._http.stream(self._address, headers=headers) as response:
            if response.status_code != httpx.codes.PARTIAL_CONTENT:
                self._begin_anew()
                self._etag = response.headers.get("ETag", "")
                self._digest = sha256_of(response)
            left = int(response.headers.get("Content-Length") or 0)
            total = self._size + left
            for piece in response.iter_raw():
                self._file.write(piece)
                self._hash.update(piece)
                self._size += len(piece)
                if total:
                    self._bar.draw(100 * self._size / total)


def sha256_of(response: httpx.Response) -> str:
    """The SHA-256 in `Repr-Digest` (RFC 9530), in hexadecimal; empty if there is none."""
    for member in response.headers.get("Repr-Digest", "").split(","):
        name, _, value = member.strip().partition("=")
        if name == "sha-256":
            with contextlib.suppress(ValueError):
                return base64.b64decode(value.split(";")[0].strip(": "), validate=True).hex()
    return ""


def lines_of(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of a stream, without their ends. Empty lines are left out."""
    begun: list[bytes] = []
    for piece in pieces:
        head, end, rest = piece.partition(b"\n")
        begun.append(head)
        if not end:
            continue
        if line := b"".join(begun):
            yield line
        *whole, last = rest.split(b"\n")
        yield from filter(None, whole)
        begun = [last]
    if line := b"".join(begun):
        yield line


def loads() -> Any:
    """A function that reads JSON: orjson's if it is installed, which is several times faster."""
    try:
        import orjson
    except ImportError:
        import json

        return json.loads
    return orjson.loads
