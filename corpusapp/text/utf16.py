"""Convert offsets between UTF-16 units (Java, JavaScript) and code points."""

import re
from bisect import bisect_left

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Utf16:
    """Offsets of one text. A text without characters beyond the basic plane costs one search."""

    def __init__(self, text: str) -> None:
        self._points = [] if text.isascii() else [match.start() for match in _ASTRAL.finditer(text)]
        self._units = [point + number for number, point in enumerate(self._points)]
        self.length = len(text) + len(self._points)

    def units(self, point: int) -> int:
        """The offset in UTF-16 units of an offset in code points."""
        return point + bisect_left(self._points, point)

    def points(self, unit: int, *, up: bool = False) -> int:
        """The offset in code points of an offset in UTF-16 units. Within a character: its start, with `up` its end."""
        before = bisect_left(self._units, unit)
        return unit - before + (up and self.splits(unit))

    def splits(self, unit: int) -> bool:
        """Whether the offset is between the two units of one character."""
        before = bisect_left(self._units, unit)
        return before > 0 and self._units[before - 1] + 1 == unit
