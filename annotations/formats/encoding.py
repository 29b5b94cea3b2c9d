"""Files of other tools that are not in UTF-8: read as any other text is, with a note that names the encoding.

What detects encodings is imported when the first such file comes: whoever only writes formats never loads it.
"""

import codecs
import io
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, BinaryIO

from annotations.formats.report import Report
from corpusapp.intake.draft import Unfit

# Bytes that tell the encoding of a file that is read line by line.
_SAMPLE = 1_000_000
UTF8 = "utf-8"
_MARK = "\ufeff"
# What stands for bytes that are no characters (PEP 383).
_BROKEN = re.compile("[\udc80-\udcff]")


def text_of(data: bytes, where: str, report: Report, *, like: str = UTF8) -> tuple[str, str] | None:
    """(text, encoding) of a whole file, in the encoding `like` which another one has if that fits; None, told, where it
    cannot be read. A byte-order mark stays in the text.
    """
    for encoding in dict.fromkeys([UTF8, like]):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    try:
        found = _decoded(data)
    except Unfit as unfit:
        report.refuse("file", unfit.reason, where)
        return None
    _tell(found.encoding, where, report)
    return found.text, found.encoding


def lines_of(file: BinaryIO, report: Report) -> Iterator[tuple[int, str | None]]:
    """(number, line) of a file that can be sought, without its end, be that of Unix, Windows or an old Mac; None for a
    line that is not in the file's encoding. Raises Unfit where nobody can tell that.
    """
    encoding = _encoding(file, report)
    errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
    lines = io.TextIOWrapper(file, encoding, errors)
    try:
        for number, line in enumerate(lines, 1):
            line = (line.removeprefix(_MARK) if number == 1 else line).removesuffix("\n")
            yield number, None if _BROKEN.search(line) else line
    finally:
        lines.detach()


def _encoding(file: BinaryIO, report: Report) -> str:
    start = file.tell()
    sample = file.read(_SAMPLE)
    file.seek(start)
    try:
        codecs.getincrementaldecoder(UTF8)().decode(sample)
        return UTF8
    except UnicodeDecodeError:
        found = _decoded(sample)
    _tell(found.encoding, "file", report)
    return found.encoding


def _tell(encoding: str, where: str, report: Report) -> None:
    reason = f"it is no UTF-8, and was read as {encoding}: where that is wrong, save it as UTF-8"
    report.note("encoding", "parts of it are no UTF-8" if encoding == UTF8 else reason, where)


def _decoded(data: bytes) -> Any:
    return import_module("corpusapp.intake.readers.encodings").decode(data)
