"""The bytes of a page as text: by its byte-order mark, its own declaration, then by charset-normalizer.

The labels follow the WHATWG Encoding Standard where it departs from the codecs' names: what is called Latin-1 or ASCII
is Windows-1252, and a UTF-16 that can be read in an ASCII declaration is UTF-8.
"""

import codecs
import re
from dataclasses import dataclass

from charset_normalizer import from_bytes

from corpusapp.intake.draft import Unfit

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The standard looks at the first 1024 bytes; pages in the wild declare later.
_DECLARED_WITHIN = 4096
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,400}?\b(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
# A page of UTF-8 that is cut in a character, or holds one odd byte, is still UTF-8.
_TOLERATED_SHARE = 0.001
# What charset-normalizer looks at; a page says what it is written in well before.
_GUESSED_FROM = 262_144


@dataclass(frozen=True)
class Decoded:
    """`encoding` is a codec's name; `source` says how it was found: mark, declared, valid UTF-8 or guessed."""

    text: str
    encoding: str
    source: str
    notes: tuple[str, ...] = ()


def decode(data: bytes) -> Decoded:
    """The text of a page's bytes. Raises `Unfit` where no encoding fits, as for a binary file."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decoded(data[len(mark) :], encoding, "mark", errors="replace")
    if data[:_DECLARED_WITHIN].count(0) > len(data[:_DECLARED_WITHIN]) // 10:
        return _guessed(data, ())
    declared, notes = _declared(data)
    if declared and declared != "utf-8" and not data.isascii() and _is_utf8(data):
        note = f"the page declares {declared} and is valid UTF-8, as which it was read"
        return _decoded(data, "utf-8", "valid UTF-8", (*notes, note))
    if declared:
        try:
            return _decoded(data, declared, "declared", notes)
        except UnicodeDecodeError:
            if _nearly(data, declared):
                note = f"bytes that are no {declared} stand as U+FFFD"
                return _decoded(data, declared, "declared", (*notes, note), errors="replace")
            notes = (*notes, f"the page declares {declared} and is not written in it")
    return _decoded(data, "utf-8", "valid UTF-8", notes) if _is_utf8(data) else _guessed(data, notes)


def _declared(data: bytes) -> tuple[str | None, tuple[str, ...]]:
    """The codec that the page names; None where it names none, or one that is not known, which is noted."""
    match = _DECLARED.search(data[:_DECLARED_WITHIN])
    if not match:
        return None, ()
    label = match[1].decode("ascii", "replace")
    try:
        codec = codecs.lookup(label)
        if not codec._is_text_encoding:
            raise LookupError(label)
    except LookupError:
        return None, (f"the page declares the encoding {label[:40]!r}, which is not known",)
    return _READ_AS.get(codec.name, codec.name), ()


def _decoded(data: bytes, encoding: str, source: str, notes: tuple[str, ...] = (), errors: str = "strict") -> Decoded:
    # Windows-1252 leaves five bytes open, which browsers pass through; they are no reason to doubt the page.
    lenient = "replace" if encoding.startswith("cp125") else errors
    return Decoded(data.decode(encoding, lenient), encoding, source, notes)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _nearly(data: bytes, encoding: str) -> bool:
    wrong = data.decode(encoding, "replace").count("\ufffd")
    return wrong <= max(1, len(data) * _TOLERATED_SHARE)


def _guessed(data: bytes, notes: tuple[str, ...]) -> Decoded:
    best = from_bytes(data[:_GUESSED_FROM]).best()
    if best is None:
        raise Unfit("the encoding of the page cannot be told: save it as UTF-8 and import it again", "text")
    return _decoded(data, best.encoding, "guessed", notes, errors="replace")
