"""Read gzip and TAR files as streams: no list of members is kept, and names are never used as paths."""

import tarfile
import zlib
from collections.abc import Iterator
from io import BufferedReader

from corpusapp.intake.draft import Failure
from corpusapp.intake.readers.members import (
    Member,
    Ratio,
    check_depth,
    display_name,
    inner_source,
    is_ignored,
    member_source,
    unsafe_reason,
)
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import CHUNK, Broken, read_exactly

_MAGIC = b"\x1f\x8b\x08"


def _read_gzip(source: Source, reading: Reading) -> Items:
    check_depth(source, reading.limits)
    chunks = _inflated(source.stream, Ratio(reading.limits), reading)
    yield from reading.read(inner_source(source, _inner_name(source.name), chunks))


def _inner_name(name: str) -> str:
    lower = name.lower()
    if lower.endswith(".tgz"):
        return f"{name[:-4]}.tar"
    return name[:-3] if lower.endswith(".gz") else name


def _inflated(stream: BufferedReader, ratio: Ratio, reading: Reading) -> Iterator[bytes]:
    """The content of all gzip members in a row; WARC files have one per record. Raises `Broken` if it is damaged."""
    first = True
    while head := stream.peek()[:3]:
        if not first and head != _MAGIC:
            if stream.read(1) == b"\0":  # Padding, as on tapes.
                continue
            raise Broken("data after the end of the gzip file is ignored")
        first = False
        yield from _member(stream, ratio, reading)


def _member(stream: BufferedReader, ratio: Ratio, reading: Reading) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    while not inflater.eof:
        data = stream.peek()[:CHUNK]
        if not data:
            raise Broken("the gzip file breaks off: what came before is read")
        try:
            out = inflater.decompress(data, CHUNK)
            left = len(inflater.unused_data) if inflater.eof else len(inflater.unconsumed_tail)
        except zlib.error as error:
            raise Broken(f"the gzip file is damaged: {error}") from error
        ratio.packed(len(data) - left)
        stream.read(len(data) - left)
        if out:
            ratio.unpacked(len(out))
            reading.unpacked(len(out))
            yield out


def _recognises_gzip(head: Head, named: bool) -> bool:
    return head.data.startswith(_MAGIC)


GZIP = Reader("gzip", (".gz", ".tgz"), _recognises_gzip, _read_gzip, signed=True)


_BLOCK = tarfile.BLOCKSIZE
# Long names and extended attributes are separate small members.
_EXTRA = {tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE}
_MOST_EXTRA = 1_000_000
_REFUSED = {
    tarfile.LNKTYPE: "a link",
    tarfile.SYMTYPE: "a link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.GNUTYPE_SPARSE: "a sparse file",
}


def _read_tar(source: Source, reading: Reading) -> Items:
    check_depth(source, reading.limits)
    stream = source.stream
    for count, member in enumerate(_members(stream), 1):
        if count > reading.limits.archive_members:
            raise Broken(f"the archive has more than {reading.limits.archive_members} members: split it")
        chunks = Member(read_exactly(stream, member.size))
        if not is_ignored(member.name):
            item = f"{source.item}/{display_name(member.name)}"
            reason = unsafe_reason(member.name) or _wrong_kind(member)
            if reason:
                yield Failure(item, None, reason)
            elif not member.isdir():
                yield from reading.read(member_source(source, member.name, chunks))
        chunks.finish(drain=True)
        for _ in read_exactly(stream, -member.size % _BLOCK):
            pass


def _wrong_kind(member: tarfile.TarInfo) -> str | None:
    kind = _REFUSED.get(member.type)
    return f"this is {kind}, not a file with an article" if kind else None


def _members(stream: BufferedReader) -> Iterator[tarfile.TarInfo]:
    """The headers of the members. After each, the caller reads the member's content from the stream."""
    name, size = "", None
    while True:
        block = stream.read(_BLOCK)
        if not block or not block.strip(b"\0"):
            if not block:
                raise Broken("the archive breaks off: what came before is read")
            return
        try:
            member = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except tarfile.HeaderError as error:
            raise Broken(f"the archive is damaged: {error}") from error
        if member.type in _EXTRA:
            attributes = _extra(stream, member)
            name, size = attributes.get("path", name), attributes.get("size", size)
            continue
        member.name = name or member.name
        member.size = int(size) if size is not None and str(size).isdigit() else member.size
        if (member.type in _REFUSED and member.type != tarfile.GNUTYPE_SPARSE) or member.isdir():
            member.size = 0
        if member.size < 0:
            raise Broken("the archive is damaged: a size below zero")
        yield member
        name, size = "", None


def _extra(stream: BufferedReader, member: tarfile.TarInfo) -> dict[str, str]:
    if not 0 <= member.size <= _MOST_EXTRA:
        raise Broken(f"the archive is damaged: {member.size} bytes of attributes")
    data = b"".join(read_exactly(stream, member.size))
    for _ in read_exactly(stream, -member.size % _BLOCK):
        pass
    if member.type == tarfile.GNUTYPE_LONGNAME:
        return {"path": data.rstrip(b"\0").decode("utf-8", "surrogateescape")}
    return _pax(data) if member.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE) else {}


def _pax(data: bytes) -> dict[str, str]:
    """The attributes of a pax extended header (POSIX.1-2001): lines of `length key=value`."""
    found = {}
    while data:
        length, _, _ = data.partition(b" ")
        if not length.isdigit() or not len(length) < int(length) <= len(data):
            break
        key, _, value = data[len(length) + 1 : int(length)].rstrip(b"\n").partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        data = data[int(length) :]
    return found


def _recognises_tar(head: Head, named: bool) -> bool:
    if len(head.data) < _BLOCK:
        return False
    if head.data[257:262] != b"ustar" and not named:
        return False
    try:
        tarfile.TarInfo.frombuf(head.data[:_BLOCK], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


TAR = Reader("tar", (".tar",), _recognises_tar, _read_tar, signed=True)
