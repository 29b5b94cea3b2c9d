"""Read ZIP archives entry by entry. Names are never used as paths."""

import bz2
import stat
import struct
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from corpusapp.intake.draft import Failure, Unfit
from corpusapp.intake.readers.members import (
    Member,
    Ratio,
    check_depth,
    display_name,
    is_ignored,
    member_source,
    unsafe_reason,
)
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import CHUNK, Broken, chunks_of

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_LOCATOR_SIZE = 20
_END64 = struct.Struct("<4sQ2H2I4Q")
_BLOCK = 1 << 16
_WIDE = 0xFFFFFFFF


@dataclass
class Entry:
    """One member. `packed` is the length of its data, None if unknown before reading; `end` is set after reading."""

    name: str
    flags: int
    method: int
    crc: int
    packed: int | None
    start: int
    link: bool = False
    end: int | None = None

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & 1)


def entries_of(file: BinaryIO) -> Iterator[Entry]:
    """All entries. Raises `Broken` after the last one found if the file is damaged or truncated."""
    size = file.seek(0, 2)
    found = _directory(file, size)
    return _central(file, *found) if found else _local(file)


def _directory(file: BinaryIO, size: int) -> tuple[int, int, int] | None:
    """(offset, length, shift) of the directory; `shift` is the number of bytes prepended to the archive."""
    tail_start = max(0, size - _END.size - 0xFFFF)
    file.seek(tail_start)
    tail = file.read(size - tail_start)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        return None
    *_, length, offset, _ = _END.unpack_from(tail, at)
    end = tail_start + at
    # Zip64, for many or large members, has another record and its locator before this one.
    wide = tail.rfind(b"PK\6\6", 0, at)
    if tail[at - _LOCATOR_SIZE : at].startswith(b"PK\6\7") and 0 <= wide <= at - _LOCATOR_SIZE - _END64.size:
        *_, length, offset = _END64.unpack_from(tail, wide)
        end = tail_start + wide
    shift = end - length - offset
    return (offset + shift, length, shift) if shift >= 0 and offset >= 0 else None


def _central(file: BinaryIO, offset: int, length: int, shift: int) -> Iterator[Entry]:
    buffer = b""
    at, last = offset, offset + length
    while buffer or at < last:
        while len(buffer) < _CENTRAL.size + 3 * 0xFFFF and at < last:
            file.seek(at)
            block = file.read(min(_BLOCK, last - at))
            if not block:
                break
            buffer += block
            at += len(block)
        if len(buffer) < _CENTRAL.size or not buffer.startswith(b"PK\1\2"):
            raise Broken("the zip file's directory is damaged: what came before is read")
        fields = _CENTRAL.unpack_from(buffer)
        made_by, flags, method, crc, packed = fields[1], fields[3], fields[4], fields[7], fields[8]
        unpacked, names, extras, comments, external, start = fields[9], *fields[10:13], fields[15], fields[16]
        name = buffer[_CENTRAL.size : _CENTRAL.size + names]
        extra = buffer[_CENTRAL.size + names : _CENTRAL.size + names + extras]
        buffer = buffer[_CENTRAL.size + names + extras + comments :]
        packed, start = _wide(extra, unpacked, packed, start)
        link = made_by >> 8 == 3 and stat.S_ISLNK(external >> 16)
        data_start = _data_start(file, start + shift)
        yield Entry(_decoded(name, flags), flags, method, crc, packed, data_start, link)


def _wide(extra: bytes, unpacked: int, packed: int, start: int) -> tuple[int, int]:
    """(packed, start), from the Zip64 field if they exceed 32 bits."""
    while len(extra) >= 4:
        kind, size = struct.unpack_from("<2H", extra)
        if kind == 1:
            numbers = iter(struct.unpack_from(f"<{size // 8}Q", extra[4 : 4 + size].ljust(size, b"\0")))
            if unpacked == _WIDE:
                next(numbers, 0)
            packed = next(numbers, packed) if packed == _WIDE else packed
            start = next(numbers, start) if start == _WIDE else start
        extra = extra[4 + size :]
    return packed, start


def _data_start(file: BinaryIO, start: int) -> int:
    """The offset of an entry's data; -1 if there is no entry."""
    if start >= file.seek(0, 2):
        return -1
    file.seek(start)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\3\4"):
        return -1
    *_, names, extras = _LOCAL.unpack(header)
    data_start: int = start + _LOCAL.size + names + extras
    return data_start


def _local(file: BinaryIO) -> Iterator[Entry]:
    """Entries by their local headers. The caller reads each entry, and sets its `end`, before it takes the next."""
    at = 0
    while True:
        file.seek(at)
        header = file.read(_LOCAL.size)
        if len(header) < _LOCAL.size or not header.startswith(b"PK\3\4"):
            raise Broken("the zip file breaks off: what came before is read")
        _, _, flags, method, _, _, crc, packed, unpacked, names, extras = _LOCAL.unpack(header)
        name = file.read(names)
        packed, _ = _wide(file.read(extras), unpacked, packed, 0)
        later = bool(flags & 8) and not packed
        start = at + _LOCAL.size + names + extras
        entry = Entry(_decoded(name, flags), flags, method, crc, None if later else packed, start)
        yield entry
        at = _after_descriptor(file, entry.end) if later else start + packed


def _after_descriptor(file: BinaryIO, end: int | None) -> int:
    """The offset of the next header, after a data descriptor of 12 to 24 bytes."""
    if end is None:
        raise Broken("the zip file is incomplete, and its next entry was not found")
    file.seek(end)
    data = file.read(28)
    found = [data.find(mark, 12) for mark in (b"PK\3\4", b"PK\1\2")]
    return end + min((place for place in found if place >= 0), default=len(data))


def _decoded(name: bytes, flags: int) -> str:
    """Decode a name: UTF-8 if flagged or valid, else code page 437."""
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("utf-8", "replace") if flags & 0x800 else name.decode("cp437")


_STORED, _DEFLATED, _BZIP2 = 0, 8, 12


def _read(source: Source, reading: Reading) -> Items:
    check_depth(source, reading.limits)
    if source.file is not None:
        yield from _members(source.file, source, reading)
        return
    with tempfile.SpooledTemporaryFile(max_size=8 << 20) as kept:
        most = reading.limits.nested_bytes
        cut = None
        try:
            for data in _limited(source.stream, most):
                kept.write(data)
        except Broken as broken:
            cut = broken
        yield from _members(kept, source, reading)  # type: ignore[arg-type]
        if cut:
            raise cut


def _limited(stream: BinaryIO, most: int) -> Iterator[bytes]:
    for data in chunks_of(stream):
        most -= len(data)
        if most < 0:
            raise Unfit("the archive within the archive is too large: unpack the outer one")
        yield data


def _members(file: BinaryIO, source: Source, reading: Reading) -> Items:
    for count, entry in enumerate(entries_of(file), 1):
        if count > reading.limits.archive_members:
            raise Broken(f"the archive has more than {reading.limits.archive_members} members: split it")
        member = Member(_unpacked(file, entry, reading))
        if entry.name.endswith("/") and not unsafe_reason(entry.name):
            entry.end = entry.start
            continue
        if not is_ignored(entry.name):
            if reason := unsafe_reason(entry.name) or _wrong_kind(entry):
                yield Failure(f"{source.item}/{display_name(entry.name)}", None, reason)
            else:
                yield from reading.read(member_source(source, entry.name, member))
        member.finish(drain=entry.packed is None)


def _wrong_kind(entry: Entry) -> str | None:
    if entry.link:
        return "this is a link, not a file with an article"
    if entry.encrypted:
        return "it is protected by a password: pack it without"
    if entry.method not in (_STORED, _DEFLATED, _BZIP2):
        return f"it is packed by method {entry.method}, which is not supported: use the usual one (deflate)"
    if entry.start < 0:
        return "the archive's directory names it, but it is not there: the archive is damaged"
    if entry.method == _STORED and entry.packed is None:
        return "the archive is incomplete, and the length of the entry is unknown"
    return None


def _unpacked(file: BinaryIO, entry: Entry, reading: Reading) -> Iterator[bytes]:
    """The content in chunks. The position is kept here, since other readers may move `file` between two chunks."""
    ratio, crc = Ratio(reading.limits), 0
    unpacker: Any = {_DEFLATED: zlib.decompressobj(-15), _BZIP2: bz2.BZ2Decompressor()}.get(entry.method)
    try:
        for out in _inflated(file, entry, unpacker, ratio):
            ratio.unpacked(len(out))
            reading.unpacked(len(out))
            crc = zlib.crc32(out, crc)
            yield out
    except (zlib.error, OSError, EOFError) as error:
        raise Unfit(f"it is damaged: {error}") from error
    if entry.packed is not None and crc != entry.crc:
        raise Unfit("it is damaged: its checksum differs")


def _inflated(file: BinaryIO, entry: Entry, unpacker: Any, ratio: Ratio) -> Iterator[bytes]:
    at, last = entry.start, None if entry.packed is None else entry.start + entry.packed
    while last is None or at < last:
        file.seek(at)
        data = file.read(CHUNK if last is None else min(CHUNK, last - at))
        if not data:
            raise Broken("the zip file breaks off: what came before is read")
        at += len(data)
        ratio.packed(len(data))
        if unpacker is None:
            yield data
            continue
        yield from _drained(unpacker, data)
        if unpacker.eof:
            entry.end = at - len(unpacker.unused_data)
            return
    if unpacker is not None and not unpacker.eof:
        raise Unfit("it is damaged: its data end too early")


def _drained(unpacker: Any, data: bytes) -> Iterator[bytes]:
    """The unpacked `data`, at most CHUNK bytes at a time."""
    bzip2 = isinstance(unpacker, bz2.BZ2Decompressor)
    while not unpacker.eof:
        out = unpacker.decompress(data, CHUNK)
        data = b"" if bzip2 else unpacker.unconsumed_tail
        if out:
            yield out
        if unpacker.needs_input if bzip2 else not data:
            return


def _recognises(head: Head, named: bool) -> bool:
    opendocument = head.data[30:38] == b"mimetype"
    return head.data.startswith((b"PK\3\4", b"PK\5\6")) and not opendocument


ZIP = Reader("zip", (".zip",), _recognises, _read, signed=True)
