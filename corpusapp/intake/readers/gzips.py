"""One gzip file (.gz, .tgz): what it holds is looked at like any other file."""

import zlib
from collections.abc import Iterator
from io import BufferedReader

from corpusapp.intake.readers.members import Ratio, inner_source, not_too_deep
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import CHUNK, Broken

_MAGIC = b"\x1f\x8b\x08"


def _read(source: Source, reading: Reading) -> Items:
    not_too_deep(source, reading.limits)
    chunks = _inflated(source.stream, Ratio(reading.limits), reading)
    yield from reading.read(inner_source(source, _inner_name(source.name), chunks))


def _inner_name(name: str) -> str:
    lower = name.lower()
    if lower.endswith(".tgz"):
        return f"{name[:-4]}.tar"
    return name[:-3] if lower.endswith(".gz") else name


def _inflated(stream: BufferedReader, ratio: Ratio, reading: Reading) -> Iterator[bytes]:
    """The content of all members in a row, as WARC files have one a record. Raises `Broken` where it is damaged."""
    first = True
    while head := stream.peek()[:3]:
        if not first and head != _MAGIC:
            if stream.read(1) == b"\0":  # Tapes and some writers fill up with zeros.
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


def _sees(head: Head, named: bool) -> bool:
    return head.data.startswith(_MAGIC)


GZIP = Reader("gzip", (".gz", ".tgz"), _sees, _read, signed=True)
