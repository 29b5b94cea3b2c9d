"""Decodes files of other tools. An encoding other than UTF-8 is noted.

The detector of encodings is imported with the first such file, so that writing formats does not load it.
"""

import codecs
import io
import re
from collections.abc import Iterator
from importlib import import_module
from typing import IO, Any

from annotations.formats.report import Report
from corpusapp.intake.draft import Unfit
from corpusapp.intake.encoding.names import also_utf8, bom_encoding, detected_note

# Bytes of the two samples that decide the encoding of a file: from its first byte that is not UTF-8, and from its end.
_SAMPLE = 1_000_000
UTF8 = "utf-8"
_MARK = "\ufeff"
# Surrogates for invalid bytes (PEP 383).
_BROKEN = re.compile("[\udc80-\udcff]")
_WHOLE_LINES = re.compile(rb"[\r\n](.*[\r\n])", re.DOTALL)


def text_of(data: bytes, where: str, report: Report, *, like: str = UTF8, named: str = "") -> tuple[str, str] | None:
    """(text, encoding) of a file; None and a fault if it cannot be decoded. A byte order mark stays in the text.

    `like` is the encoding of another file, tried first. `named` is the only one tried, if a user named it.
    """
    for encoding in () if named else dict.fromkeys([UTF8, like]):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    try:
        found = _decoded(data, named)
    except Unfit as unfit:
        report.refuse("file", unfit.reason, where)
        return None
    for note in found.notes:
        report.note("encoding", note, where)
    return found.text, found.encoding


def lines_of(file: IO[bytes], report: Report, *, named: str = "") -> Iterator[tuple[int, str | None]]:
    """(number, line) of a seekable file, without the line ending of any system. The line is None if it is not in the
    encoding of the file. Raises `Unfit` if the encoding is unknown.
    """
    start = file.tell()
    encoding = _encoding(file, report, named)
    file.seek(start)
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    lines = io.TextIOWrapper(file, encoding, errors)
    try:
        for number, line in enumerate(lines, 1):
            line = (line.removeprefix(_MARK) if number == 1 else line).removesuffix("\n")
            yield number, None if _BROKEN.search(line) else line
    finally:
        lines.detach()


def _encoding(file: IO[bytes], report: Report, named: str) -> str:
    """The encoding of a file: its byte order mark, the named one, UTF-8, or the detected one."""
    head = file.read(_SAMPLE)
    if encoding := bom_encoding(head) or named:
        for note in also_utf8(_complete_lines(head), named) if encoding == named else ():
            report.note("encoding", note, "file")
        return encoding
    sample = _sample(file, head)
    if sample is None:
        return UTF8
    detected: str = _decoded(sample).encoding
    report.note("encoding", "parts of it are not UTF-8" if detected == UTF8 else detected_note(detected), "file")
    return detected


def _sample(file: IO[bytes], head: bytes) -> bytes | None:
    """Lines from the first byte that is not UTF-8, and from the end; None if all is UTF-8."""
    decoder = codecs.getincrementaldecoder(UTF8)()
    block = head
    try:
        while block:
            decoder.decode(block)
            block = file.read(_SAMPLE)
        return None
    except UnicodeDecodeError:
        part = _complete_lines(head) if block is head else _inner_lines(block)
    file.seek(max(file.tell(), file.seek(0, io.SEEK_END) - _SAMPLE))
    return part + _inner_lines(file.read())


def _complete_lines(head: bytes) -> bytes:
    """The beginning of a file, without its last line, which may be cut."""
    return head if len(head) < _SAMPLE else head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head


def _inner_lines(block: bytes) -> bytes:
    """The complete lines of a part of a file."""
    found = _WHOLE_LINES.search(block)
    return found[1] if found else b""


def _decoded(data: bytes, named: str = "") -> Any:
    return import_module("corpusapp.intake.readers.encodings").decode(data, named=named)
