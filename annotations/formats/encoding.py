"""Files of other tools that are not in UTF-8: read as any other text is, with a note that names the encoding.

What detects encodings is imported when the first such file comes: whoever only writes formats never loads it.
"""

import codecs
import io
import re
from collections.abc import Iterator
from importlib import import_module
from typing import IO, Any

from annotations.formats.report import Report
from corpusapp.intake.draft import Unfit
from corpusapp.intake.encoding.names import also_utf8, detected_note, marked

# Bytes of the part where a file that is read line by line leaves UTF-8, and of its end: they tell its encoding.
_SAMPLE = 1_000_000
UTF8 = "utf-8"
_MARK = "\ufeff"
# What stands for bytes that are no characters (PEP 383).
_BROKEN = re.compile("[\udc80-\udcff]")
_WHOLE_LINES = re.compile(rb"[\r\n](.*[\r\n])", re.DOTALL)


def text_of(data: bytes, where: str, report: Report, *, like: str = UTF8, named: str = "") -> tuple[str, str] | None:
    """(text, encoding) of a whole file, in the encoding `like` which another one has if that fits; None, told, where it
    cannot be read. A byte-order mark stays in the text. What is `named` by a person counts, or the file is refused.
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
    """(number, line) of a file that can be sought, without its end, be that of Unix, Windows or an old Mac; None for a
    line that is not in the file's encoding. Raises Unfit where nobody can tell that.
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
    """One decision a file: its byte-order mark, what was named for it, UTF-8, and detection last."""
    head = file.read(_SAMPLE)
    if encoding := marked(head) or named:
        for note in also_utf8(_begun(head), named) if encoding == named else ():
            report.note("encoding", note, "file")
        return encoding
    sample = _sample(file, head)
    if sample is None:
        return UTF8
    encoding = _decoded(sample).encoding
    report.note("encoding", "parts of it are not UTF-8" if encoding == UTF8 else detected_note(encoding), "file")
    return encoding


def _sample(file: IO[bytes], head: bytes) -> bytes | None:
    """Whole lines of a file from where it leaves UTF-8, and of its end; None where it does not."""
    decoder = codecs.getincrementaldecoder(UTF8)()
    block = head
    try:
        while block:
            decoder.decode(block)
            block = file.read(_SAMPLE)
        return None
    except UnicodeDecodeError:
        part = _begun(head) if block is head else _within(block)
    file.seek(max(file.tell(), file.seek(0, io.SEEK_END) - _SAMPLE))
    return part + _within(file.read())


def _begun(head: bytes) -> bytes:
    """The beginning of a file without its last line, which may have been cut within a character."""
    return head if len(head) < _SAMPLE else head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head


def _within(block: bytes) -> bytes:
    """The whole lines of a part of a file."""
    found = _WHOLE_LINES.search(block)
    return found[1] if found else b""


def _decoded(data: bytes, named: str = "") -> Any:
    return import_module("corpusapp.intake.readers.encodings").decode(data, named=named)
