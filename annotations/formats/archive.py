"""ZIP archives, written as a reproducible stream, and read with limits."""

from __future__ import annotations

import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from annotations.formats.report import Report

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Bytes of one uncompressed member.
MAX_MEMBER = 512 * 1024 * 1024
_SPOOL = 16 * 1024 * 1024
_CHUNK = 1024 * 1024
# The earliest time of ZIP: real times would make every archive differ.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class _Buffer(io.RawIOBase):
    """Collects what the archive writes until it is taken. Not seekable."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        return len(piece)

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def zip_stream(members: Iterable[tuple[str, bytes | IO[bytes]]]) -> Iterator[bytes]:
    """An archive of (name, content), in chunks. Bytes are compressed; files, which are already, are stored."""
    buffer = _Buffer()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            if isinstance(content, bytes):
                archive.writestr(_info(name, zipfile.ZIP_DEFLATED), content)
                yield buffer.take()
                continue
            with archive.open(_info(name, zipfile.ZIP_STORED), "w", force_zip64=True) as member:
                while data := content.read(_CHUNK):
                    member.write(data)
                    yield buffer.take()
    yield buffer.take()


def _info(name: str, compression: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.compress_type, info.external_attr, info.create_system = compression, 0o644 << 16, 3
    return info


@contextmanager
def seekable(source: IO[bytes]) -> Iterator[IO[bytes]]:
    """The source, or a copy if it is not seekable."""
    if source.seekable():
        yield source
        return
    with tempfile.SpooledTemporaryFile(_SPOOL) as spool:
        while data := source.read(_CHUNK):
            spool.write(data)
        spool.seek(0)
        yield spool


@contextmanager
def open_archive(source: IO[bytes], report: Report) -> Iterator[zipfile.ZipFile | None]:
    """The archive; None and a fault if it is not one."""
    with seekable(source) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError):
            report.refuse("file", "this is not a zip archive", "file")
            yield None
            return
        with archive:
            yield archive


def read_member(archive: zipfile.ZipFile, name: str, report: Report) -> bytes | None:
    """The bytes of a member; None and a fault if it is not readable or too large."""
    try:
        with archive.open(name) as file:
            data = file.read(MAX_MEMBER + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        report.refuse("file", "damaged, encrypted or packed in an unknown way", name)
        return None
    if len(data) > MAX_MEMBER:
        report.refuse("file", f"unpacks into more than {MAX_MEMBER} bytes", name)
        return None
    return data


def is_archive(file: IO[bytes]) -> bool:
    """Whether a seekable file is an archive, by its first bytes. Keeps the position."""
    head = file.read(2)
    file.seek(-len(head), io.SEEK_CUR)
    return head == b"PK"


def is_mac_metadata(name: str) -> bool:
    """Whether a member is metadata of macOS."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


def read_members(file: IO[bytes], endings: tuple[str, ...], report: Report) -> Iterator[tuple[str, IO[bytes]]]:
    """(name, content) of the members with these endings, by name. Unreadable ones are reported."""
    with open_archive(file, report) as archive:
        if archive is None:
            return
        for name in sorted(archive.namelist()):
            if name.lower().endswith(endings) and not is_mac_metadata(name):
                data = read_member(archive, name, report)
                if data is not None:
                    yield name, io.BytesIO(data)


def document_name(id: int | str | None, number: int) -> str:
    """A file name for an article: by its id, or by its position if it has none."""
    return f"article-{id}" if type(id) is int else f"article-n{number}"
