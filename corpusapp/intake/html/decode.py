"""Decode the bytes of a page: by byte-order mark, declaration, external charset, or detection, in this order.

Labels follow the WHATWG Encoding Standard: Latin-1 and ASCII are decoded as Windows-1252, and a UTF-16 that is declared
in readable ASCII is UTF-8.
"""

import codecs
import re
from dataclasses import dataclass

from corpusapp.intake.draft import Unfit
from corpusapp.intake.encoding.detect import ranked, sample_of
from corpusapp.intake.encoding.names import also_utf8, codec_of, decode_declared, detected_note, misfit_reason

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The standard requires the first 1024 bytes; many pages declare it later.
_DECLARED_WITHIN = 4096
_DECLARED = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,400}?\b(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE
)
_UTF_16 = ("utf-16", "utf-16-le", "utf-16-be")
# UTF-8 with a truncated character or an invalid byte is still UTF-8.
_TOLERATED_SHARE = 0.001
_LANGUAGE = re.compile(
    rb"""<(?:html|body)\b[^>]{0,400}?\blang\s*=\s*["']?([a-z]{2})\b"""
    rb"""|<meta\b[^>]{0,200}?content-language[^>]{0,200}?content\s*=\s*["']?([a-z]{2})\b""",
    re.IGNORECASE,
)
# Not text of the page: it would be detected as English.
_NO_TEXT = re.compile(rb"<(script|style)\b.*?</\1\s*>|<!--.*?-->|<[^>]*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Decoded:
    """`source` is how `encoding`, a codec, was found: mark, declared, charset, valid UTF-8, named or guessed."""

    text: str
    encoding: str
    source: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, *, charset: str = "", named: str = "") -> Decoded:
    """The text of a page's bytes. Raises `Unfit` if no encoding fits, as for a binary file.

    `charset` is external; it is used if the page declares none and it fits. `named` is the one that a person chose for
    pages that declare none; if it does not fit, the page is refused.
    """
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
                note = f"bytes that are not valid {declared} are replaced by U+FFFD"
                return _decoded(data, declared, "declared", (*notes, note), errors="replace")
            notes = (*notes, f"the page declares {declared} but has another encoding")
    return _undeclared(data, charset if not declared else "", named, notes)


def _undeclared(data: bytes, charset: str, named: str, notes: tuple[str, ...]) -> Decoded:
    if charset:
        if found := decode_declared(data, charset):
            text, codec, note = found
            return Decoded(text, codec, "charset", (*notes, note) if note else notes)
        notes = (*notes, f"the page came as {charset[:40]} but has another encoding")
    if named:
        try:
            return Decoded(data.decode(named), named, "named", (*notes, *also_utf8(data, named)))
        except UnicodeDecodeError as error:
            raise Unfit(misfit_reason(data, error, named), "text") from error
    return _decoded(data, "utf-8", "valid UTF-8", notes) if _is_utf8(data) else _guessed(data, notes)


def _declared(data: bytes) -> tuple[str | None, tuple[str, ...]]:
    """(codec that the page declares, notes); None if there is none, or if it is unknown, which is noted."""
    match = _DECLARED.search(data[:_DECLARED_WITHIN])
    if not match:
        return None, ()
    label = match[1].decode("ascii", "replace")
    try:
        codec = codec_of(label)
    except (LookupError, ValueError):
        return None, (f"the page declares the encoding {label[:40]!r}, which is unknown",)
    return "utf-8" if codec in _UTF_16 else codec, ()


def _decoded(data: bytes, encoding: str, source: str, notes: tuple[str, ...] = (), errors: str = "strict") -> Decoded:
    # Windows-1252 has five undefined bytes, which browsers accept: they do not make the page invalid.
    lenient = "replace" if encoding.startswith("cp125") else errors
    text = data.decode(encoding, lenient)
    if lenient != errors and (unknown := text.count("\ufffd")):
        notes = (*notes, f"{unknown} bytes that are not valid {encoding} are replaced by U+FFFD")
    return Decoded(text, encoding, source, notes)


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
    found = _LANGUAGE.search(data[:_DECLARED_WITHIN])
    language = (found[1] or found[2]).decode().lower() if found else ""
    text = _NO_TEXT.sub(b"\n", sample_of(data))
    encodings = ranked(text, language=language, tolerated=_TOLERATED_SHARE)
    if not encodings:
        raise Unfit("the encoding of the page was not detected: choose it, or save the page as UTF-8", "text")
    return _decoded(data, encodings[0], "guessed", (*notes, detected_note(encodings[0])), errors="replace")
