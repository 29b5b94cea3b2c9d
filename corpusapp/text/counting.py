"""Offsets as other programs count them, and the code points of a text that they stand for.

Known countings: UTF-16 units (Java, JavaScript), bytes of UTF-8, CRLF as one character (whoever reads text files with
universal line ends), LF as two (a file whose line ends were changed after it was annotated), a byte-order mark that
stands in the text and was not counted, or that was counted and is gone.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import product

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_BYTE_ORDER_MARK = "\ufeff"
# Bytes of longer texts are not tried: each character beyond ASCII would have to be kept.
_LONGEST_IN_BYTES = 1_000_000


class Counting:
    """One way to count a text. `widths` are those of characters that do not count as one, by their code point."""

    def __init__(self, name: str, widths: dict[int, int], shift: int = 0) -> None:
        self.name, self._shift = name, shift
        self._widths: list[int] = []
        # Where these characters begin, as counted here, and what the ones before each add.
        self._starts: list[int] = []
        self._added = [0]
        for place, width in sorted(widths.items()):
            self._starts.append(place + self._added[-1])
            self._widths.append(width)
            self._added.append(self._added[-1] + width - 1)

    def start(self, offset: int) -> int | None:
        """The code point where a span begins; None within a character. What is not counted stands before it."""
        number = bisect_left(self._starts, offset - self._shift)
        while number < len(self._starts) and self._widths[number] == 0 and self._counted(number, offset):
            number += 1
        return self._point(offset, number)

    def end(self, offset: int) -> int | None:
        """The code point where a span ends; None within a character. What is not counted stands behind it."""
        return self._point(offset, bisect_left(self._starts, offset - self._shift))

    def _counted(self, number: int, offset: int) -> bool:
        return self._starts[number] == offset - self._shift

    def _point(self, offset: int, before: int) -> int | None:
        offset -= self._shift
        if before and self._starts[before - 1] < offset < self._starts[before - 1] + self._widths[before - 1]:
            return None
        return offset - self._added[before]


def other_countings(text: str) -> Iterator[Counting]:
    """The known countings that differ from code points in this text, those that differ in less first.

    Of equally simple ones units go before line ends, and line ends before marks, which are rarer.
    """
    options = product(_marks(text), _line_ends(text), _units(text))
    for chosen in sorted(options, key=lambda parts: sum(bool(name) for name, _, _ in parts)):
        names = [name for name, _, _ in reversed(chosen) if name]
        widths = {place: width for _, found, _ in chosen for place, width in found.items()}
        if names:
            yield Counting(", ".join(names), widths, sum(shift for _, _, shift in chosen))


# Each: what it is called, the characters that do not count as one, and what the first offset is.
_Option = tuple[str, dict[int, int], int]
_AS_IT_STANDS: _Option = ("", {}, 0)


def _units(text: str) -> list[_Option]:
    found = [_AS_IT_STANDS]
    if widths := {match.start(): 2 for match in _ASTRAL.finditer(text)}:
        found.append(("UTF-16 units", widths, 0))
    if not text.isascii() and len(text) <= _LONGEST_IN_BYTES:
        found.append(
            ("bytes of UTF-8", {match.start(): len(match[0].encode()) for match in _NOT_ASCII.finditer(text)}, 0)
        )
    return found


def _line_ends(text: str) -> list[_Option]:
    if widths := {match.start(): 0 for match in re.finditer("\r\n", text)}:
        return [_AS_IT_STANDS, ("CRLF as one", widths, 0)]
    widths = {match.start(): 2 for match in re.finditer("\n", text)}
    return [_AS_IT_STANDS, ("line ends as two", widths, 0)] if widths else [_AS_IT_STANDS]


def _marks(text: str) -> list[_Option]:
    if text.startswith(_BYTE_ORDER_MARK):
        return [_AS_IT_STANDS, ("without the byte-order mark", {0: 0}, 0)]
    return [_AS_IT_STANDS, ("with a byte-order mark that is gone", {}, 1)]
