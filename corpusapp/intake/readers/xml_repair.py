"""What feeds in the wild get wrong and XML does not forgive: bare ampersands, and HTML's named characters."""

import re
from collections.abc import Iterator
from html.entities import html5
from io import BufferedReader

from corpusapp.intake.readers.streams import chunks_of

_TOKEN = re.compile(rb"<!\[CDATA\[|\]\]>|&(?:#\d{1,7};|#x[0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{0,31});)?")
_LONGEST = 40
_XML = (b"amp", b"lt", b"gt", b"quot", b"apos")


def mended(stream: BufferedReader) -> Iterator[bytes]:
    """The bytes of an XML file, ampersands outside CDATA made well-formed; UTF-16 and UTF-32 stay as they are."""
    if b"\0" in stream.peek()[:64]:
        yield from chunks_of(stream)
        return
    rest, within = b"", False
    for data in chunks_of(stream):
        data = rest + data
        out, rest, within = _mended(data, len(data) - _LONGEST, within)
        if out:
            yield out
    out, _, _ = _mended(rest, len(rest), within)
    if out:
        yield out


def _mended(data: bytes, until: int, within: bool) -> tuple[bytes, bytes, bool]:
    """(mended, not yet looked at, within CDATA); tokens that begin at `until` or later wait for what follows."""
    pieces = []
    kept = 0
    for match in _TOKEN.finditer(data):
        if match.start() >= until:
            break
        token = match[0]
        if not token.startswith(b"&"):
            within = token.startswith(b"<")
        elif not within:
            pieces += (data[kept : match.start()], _reference(token, match[1]))
            kept = match.end()
    end = max(kept, until, 0)
    return b"".join((*pieces, data[kept:end])), data[end:], within


def _reference(token: bytes, name: bytes | None) -> bytes:
    if token == b"&":
        return b"&amp;"
    characters = html5.get(f"{name.decode()};") if name and name not in _XML else None
    return "".join(f"&#{ord(character)};" for character in characters).encode() if characters else token
