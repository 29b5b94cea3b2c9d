"""Zip archives that are written as a stream, the same bytes for the same members, and read without trust."""

import io
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from annotations.formats.report import Report

# One member, unpacked, in bytes.
MAX_MEMBER = 512 * 1024 * 1024
_SPOOL = 16 * 1024 * 1024
_CHUNK = 1024 * 1024
# The beginning of zip's calendar: a file's time would make every archive differ.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class _Outlet(io.RawIOBase):
    """Takes what the archive writes, hands it on in pieces; nothing can be sought in it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._pieces.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def zipped(members: Iterable[tuple[str, bytes | BinaryIO]]) -> Iterator[bytes]:
    """An archive of (name, content) in order, piece by piece; files are copied, already packed, as they are."""
    outlet = _Outlet()
    with zipfile.ZipFile(outlet, "w") as archive:  # type: ignore[arg-type]
        for name, content in members:
            if isinstance(content, bytes):
                archive.writestr(_info(name, zipfile.ZIP_DEFLATED), content)
                yield outlet.taken()
                continue
            with archive.open(_info(name, zipfile.ZIP_STORED), "w", force_zip64=True) as member:
                while data := content.read(_CHUNK):
                    member.write(data)
                    yield outlet.taken()
    yield outlet.taken()


def _info(name: str, compression: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.compress_type, info.external_attr, info.create_system = compression, 0o644 << 16, 3
    return info


@contextmanager
def sought(source: BinaryIO) -> Iterator[BinaryIO]:
    """The source as a file that can be sought: itself where it can, else a copy."""
    if source.seekable():
        yield source
        return
    with tempfile.SpooledTemporaryFile(_SPOOL) as spool:
        while data := source.read(_CHUNK):
            spool.write(data)
        spool.seek(0)
        yield spool


@contextmanager
def opened(source: BinaryIO, report: Report) -> Iterator[zipfile.ZipFile | None]:
    """The archive; None, told, where it is none."""
    with sought(source) as file:
        try:
            archive = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, ValueError, OSError):
            report.refuse("file", "this is not a zip archive", "file")
            yield None
            return
        with archive:
            yield archive


def member(archive: zipfile.ZipFile, name: str, report: Report) -> bytes | None:
    """The member's bytes; None, told, where it cannot be read or is too large."""
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


def is_archive(file: BinaryIO) -> bool:
    """Whether a file that can be sought is an archive, by its first bytes; it stays where it is."""
    head = file.read(2)
    file.seek(-len(head), io.SEEK_CUR)
    return head == b"PK"


def of_a_mac(name: str) -> bool:
    """Whether a member holds what a Mac knows of a file, and not the file."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2].startswith("._")


def members_of(file: BinaryIO, endings: tuple[str, ...], report: Report) -> Iterator[tuple[str, BinaryIO]]:
    """(name, content) of the members whose names end so, in the order of their names; what cannot be read is told."""
    with opened(file, report) as archive:
        for name in sorted(archive.namelist()) if archive is not None else ():
            if name.lower().endswith(endings) and not of_a_mac(name):
                data = member(archive, name, report)
                if data is not None:
                    yield name, io.BytesIO(data)


def document_name(id: int | str | None, number: int) -> str:
    """A file name for an article: of its number here, or of its place where it has none."""
    return f"article-{id}" if type(id) is int else f"article-n{number}"
