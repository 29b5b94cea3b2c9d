"""ISO-2022-JP as mails have it: with the characters that Windows and NEC added, which Python's codecs refuse."""

import re
from contextlib import suppress

_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJI])")
_KATAKANA = b"(I"


def as_windows_writes(data: bytes) -> str:
    """The text of bytes in ISO-2022-JP. Raises `UnicodeError` for what is none."""
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
    return b"".join(map(_shifted, data[::2], data[1::2])).decode("cp932")


def _shifted(row: int, cell: int) -> bytes:
    """A pair of JIS as Shift JIS has it."""
    lead = (row - 0x21) // 2 + (0x81 if row < 0x5F else 0xC1)
    return bytes((lead, cell + ((0x1F if cell < 0x60 else 0x20) if row % 2 else 0x7E)))
