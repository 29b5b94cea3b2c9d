"""Zones: ranges of an article that are not running text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TITLE, DATELINE, BYLINE, CAPTION, CHROME = KINDS = ("title", "dateline", "byline", "caption", "chrome")
# Display names that differ from the stored value.
_NAMES = {CHROME: "boilerplate"}


def zone_name(kind: str) -> str:
    """The display name of a kind of zone."""
    return _NAMES.get(kind, kind)


@dataclass(frozen=True, order=True)
class ZoneRange:
    """`[start, end)` in code points; `kind` is one of KINDS."""

    start: int
    end: int
    kind: str


def gaps(length: int, ranges: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The ranges of a text of `length` code points that none of `ranges` covers, in order."""
    position = 0
    for start, end in sorted(ranges):
        if start > position:
            yield position, start
        position = max(position, end)
    if position < length:
        yield position, length
