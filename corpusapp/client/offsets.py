"""Offsets in the units of other languages. A desk counts Unicode code points, as Python does."""

from bisect import bisect_right

# The last code point that is one unit of UTF-16.
_LAST_OF_ONE_UNIT = 0xFFFF


class Utf16Offsets:
    """Offsets of one text in UTF-16 units, as JavaScript, Java and C# count, and back.

    >>> offsets = Utf16Offsets("🙂 Zarif")
    >>> offsets.to_utf16(2), offsets.to_code_points(3)
    (3, 2)
    """

    def __init__(self, text: str) -> None:
        self._length = len(text)
        # Where the characters of two units are, in code points, and in units.
        self._wide = [] if text.isascii() else [at for at, char in enumerate(text) if ord(char) > _LAST_OF_ONE_UNIT]
        self._wide_units = [at + number for number, at in enumerate(self._wide)]

    def to_utf16(self, offset: int) -> int:
        if not 0 <= offset <= self._length:
            raise ValueError(f"offset {offset} lies outside the text ({self._length} code points)")
        return offset + bisect_right(self._wide, offset - 1)

    def to_code_points(self, offset: int) -> int:
        """Raises ValueError for an offset in the middle of a character."""
        before = bisect_right(self._wide_units, offset - 1)
        if before and self._wide_units[before - 1] == offset - 1:
            raise ValueError(f"offset {offset} is in the middle of a character")
        found = offset - before
        if not 0 <= found <= self._length:
            raise ValueError(f"offset {offset} lies outside the text ({self._length + len(self._wide)} UTF-16 units)")
        return found
