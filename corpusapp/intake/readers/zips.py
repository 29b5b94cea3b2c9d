"""ZIP, entry after entry; no name is ever used as a path."""

import bz2
import tempfile
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from corpusapp.intake.draft import Failure, Unfit
from corpusapp.intake.readers.members import Member, Ratio, member_source, not_too_deep, passed_over, shown, unsafe
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import CHUNK, Broken, chunks_of
from corpusapp.intake.readers.zip_entries import Entry, entries_of

_STORED, _DEFLATED, _BZIP2 = 0, 8, 12


def _read(source: Source, reading: Reading) -> Items:
    not_too_deep(source, reading.limits)
    if source.file is not None:
        yield from _members(source.file, source, reading)
        return
    with tempfile.SpooledTemporaryFile(max_size=8 << 20) as kept:
        most = reading.limits.nested_bytes
        cut = None
        try:
            for data in _within(source.stream, most):
                kept.write(data)
        except Broken as broken:
            cut = broken
        yield from _members(kept, source, reading)  # type: ignore[arg-type]
        if cut:
            raise cut


def _within(stream: BinaryIO, most: int) -> Iterator[bytes]:
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
        if entry.name.endswith("/") and not unsafe(entry.name):
            entry.end = entry.start
            continue
        if not passed_over(entry.name):
            if reason := unsafe(entry.name) or _wrong_kind(entry):
                yield Failure(f"{source.item}/{shown(entry.name)}", None, reason)
            else:
                yield from reading.read(member_source(source, entry.name, member))
        member.finish(drain=entry.packed is None)


def _wrong_kind(entry: Entry) -> str | None:
    if entry.link:
        return "this is a link, not a file with an article"
    if entry.encrypted:
        return "it is protected by a password: pack it without"
    if entry.method not in (_STORED, _DEFLATED, _BZIP2):
        return f"it is packed by method {entry.method}, which is not taken: pack it by the usual one (deflate)"
    if entry.start < 0:
        return "the archive's directory names it, but it is not there: the archive is damaged"
    if entry.method == _STORED and entry.packed is None:
        return "its length is not told where the archive was cut off"
    return None


def _unpacked(file: BinaryIO, entry: Entry, reading: Reading) -> Iterator[bytes]:
    """The content. Other readers may move `file` between two chunks; the place is kept here."""
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
    """All that `data` unpacks to, at most CHUNK bytes at a time."""
    bzip2 = isinstance(unpacker, bz2.BZ2Decompressor)
    while not unpacker.eof:
        out = unpacker.decompress(data, CHUNK)
        data = b"" if bzip2 else unpacker.unconsumed_tail
        if out:
            yield out
        if unpacker.needs_input if bzip2 else not data:
            return


def _sees(head: Head, named: bool) -> bool:
    opendocument = head.data[30:38] == b"mimetype"
    return head.data.startswith((b"PK\3\4", b"PK\5\6")) and not opendocument


ZIP = Reader("zip", (".zip",), _sees, _read, signed=True)
