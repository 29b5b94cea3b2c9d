"""Names of encodings in files and from people, decoding by name, and messages about encodings."""

import codecs
import re
from contextlib import suppress

# Byte-order marks. UTF-32 first: its little-endian mark begins with that of UTF-16.
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The WHATWG Encoding Standard decodes these by a superset, as browsers do.
_READ_AS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "big5": "cp950",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-8-sig": "utf-8",
}
# Labels of the standard that Python does not know.
_LABELS = tuple(
    (re.compile(pattern), codec)
    for pattern, codec in {
        r"(?:windows|dos|x-cp)-?([0-9]{3,4})": r"cp\1",
        r"(?:cs)?iso-?8859-?([0-9]{1,2})(?:-?[ei])?": r"iso8859-\1",
        r"visual|logical": "iso8859-8",
        r"windows-31j|x-sjis": "cp932",
        r"ks_?c_?5601(?:[-_]198[79])?|csksc56011987|cseuckr|iso-ir-149": "cp949",
        r"(?:cs)?gb_?2312(?:[-_]80)?|x-gbk": "gb18030",
        r"(?:cn|x-x)-big5": "big5",
        r"koi8?": "koi8-r",
        r"koi8-ru": "koi8-u",
        r"x-euc-jp": "euc-jp",
        r"x-mac-(?:cyrillic|ukrainian)": "mac-cyrillic",
        r"(?:cs|x-)?mac(?:intosh|-roman)?": "mac-roman",
        r"(?:x-)?unicode(?:-1-)?[12][01]?-?utf-?8": "utf-8",
    }.items()
)
# Python codecs that are not encodings of files.
_NO_FILES = frozenset(["idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem", "utf-7"])
_USUAL = "utf-8, cp1252 (Western Europe), cp1250 (Central Europe), cp1251 (Cyrillic), mac_roman, cp932 (Japanese)"
WHERE_LISTED = f"use {_USUAL} or another of “Standard Encodings” at docs.python.org/3/library/codecs.html"

LINE_END = re.compile(rb"\r\n?|\n")


def bom_encoding(data: bytes) -> str:
    """The codec for the byte-order mark of `data`; empty if it has none."""
    return next((name for mark, name in BYTE_ORDER_MARKS if data.startswith(mark)), "")


def codec_of(label: str) -> str:
    """The codec for a label; raises `LookupError` if there is none."""
    codec = _lookup(label).name
    if codec.replace("_", "-") in _NO_FILES:
        raise LookupError(label)
    with suppress(UnicodeError):
        b"ab".decode(codec)  # LookupError for codecs that do not decode to text, such as rot13.
    return _READ_AS.get(codec, codec)


def _lookup(label: str) -> codecs.CodecInfo:
    try:
        return codecs.lookup(label)
    except LookupError:
        found = ((pattern.fullmatch(label.strip().lower()), codec) for pattern, codec in _LABELS)
        if codec := next((match.expand(codec) for match, codec in found if match), None):
            return codecs.lookup(codec)
        raise


def checked_encoding(name: str) -> str:
    """The codec of a name that a person chose, empty for none; raises `ValueError` if it is unknown."""
    name = name.strip()
    if not name:
        return ""
    try:
        return codec_of(name)
    except (LookupError, ValueError) as error:
        raise ValueError(f"the encoding {name[:40]!r} is unknown: {WHERE_LISTED}") from error


def decode_declared(data: bytes, label: str) -> tuple[str, str, str] | None:
    """(text, codec, note) of bytes with a declared encoding; None if they are not valid in it.

    Valid UTF-8 is decoded as UTF-8, whatever is declared: text in other encodings is not valid UTF-8 by chance. For
    Big5, the variant of Hong Kong is tried too.
    """
    known = _codec_or_itself(label)
    for codec in dict.fromkeys((known, label, *(["big5hkscs"] if known == "cp950" else []))):
        try:
            text = decode_iso2022_jp(data) if codec.startswith("iso2022_jp") else data.decode(codec)
        except (LookupError, ValueError):
            continue
        if codec != "utf-8" and not data.isascii() and (plain := _utf8(data)) is not None:
            return plain, "utf-8", f"it is declared as {label[:40]} and is valid UTF-8, as which it was read"
        return text, codec, ""
    return None


def _codec_or_itself(label: str) -> str:
    try:
        return codec_of(label)
    except (LookupError, ValueError):
        return label


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def also_utf8(data: bytes, named: str) -> tuple[str, ...]:
    """A note if bytes decoded in an encoding that a person chose are valid UTF-8 too."""
    doubtful = named != "utf-8" and not data.isascii() and _utf8(data) is not None
    return (f"it was read as {named}, as was asked; it is valid UTF-8 too",) if doubtful else ()


def detected_note(encoding: str) -> str:
    return f"the encoding was detected: {encoding}; where that is wrong, import it again and name the encoding"


def misfit_reason(data: bytes, error: UnicodeDecodeError, named: str) -> str:
    """Why bytes are invalid in the encoding that a person chose, with the place."""
    ends = list(LINE_END.finditer(data, 0, error.start))
    at = error.start - (ends[-1].end() if ends else 0)
    place = f"byte 0x{data[error.start]:02X} in line {len(ends) + 1} (byte {at + 1} of it)"
    return f"{place} is not valid {named}, the encoding you chose: choose another, or none to detect it"


_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI])")
_KATAKANA = b"(I"


def decode_iso2022_jp(data: bytes) -> str:
    """Decode ISO-2022-JP with the extensions of Windows and NEC, which Python lacks. Raises `UnicodeError`."""
    with suppress(UnicodeError):
        return data.decode("iso2022_jp_ext")
    first, *rest = _ESCAPE.split(data)
    if any(b"\x1b" in piece for piece in (first, *rest)):
        raise UnicodeError("an escape that is none of ISO-2022-JP")
    return first.decode("ascii") + "".join(map(_segment, rest[::2], rest[1::2]))


def _segment(escape: bytes, data: bytes) -> str:
    if escape == _KATAKANA:
        return bytes(byte | 0x80 for byte in data).decode("cp932")
    if not escape.startswith(b"$"):
        return data.decode("ascii")
    if len(data) % 2 or not all(0x21 <= byte <= 0x7E for byte in data):
        raise UnicodeError("not in pairs of JIS")
    return b"".join(map(_to_shift_jis, data[::2], data[1::2])).decode("cp932")


def _to_shift_jis(row: int, cell: int) -> bytes:
    """A JIS pair in Shift JIS."""
    lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    return bytes((lead, cell + ((0x1F if cell < 0x60 else 0x20) if row % 2 else 0x7E)))
