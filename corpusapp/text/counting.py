"""Convert offsets that other programs count differently to code points.

Known countings: UTF-16 units (Java, JavaScript), bytes of UTF-8, CRLF as one character (programs that read text files
with universal newlines), LF as two (the line ends were changed after annotating), a byte-order mark that was not
counted, or that was counted and later removed.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import product

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_BYTE_ORDER_MARK = "\ufeff"
# Code points up to which bytes are tried: the position of each character past ASCII is kept in memory.
_LONGEST_IN_BYTES = 1_000_000


class Counting:
    """One way to count a text. `widths` has the characters that do not count as one, by their offset in code points."""

    def __init__(self, name: str, widths: dict[int, int], shift: int = 0) -> None:
        self.name, self._shift = name, shift
        self._widths: list[int] = []
        # Their starts in this counting, and the difference that all before each add up to.
        self._starts: list[int] = []
        self._added = [0]
        for place, width in sorted(widths.items()):
            self._starts.append(place + self._added[-1])
            self._widths.append(width)
            self._added.append(self._added[-1] + width - 1)

    def start(self, offset: int) -> int | None:
        """The code point at which a span starts; None within a character. Uncounted characters come before it."""
        number = bisect_left(self._starts, offset - self._shift)
        while number < len(self._starts) and self._widths[number] == 0 and self._is_at(number, offset):
            number += 1
        return self._code_point(offset, number)

    def end(self, offset: int) -> int | None:
        """The code point at which a span ends; None within a character. Uncounted characters come after it."""
        return self._code_point(offset, bisect_left(self._starts, offset - self._shift))

    def _is_at(self, number: int, offset: int) -> bool:
        return self._starts[number] == offset - self._shift

    def _code_point(self, offset: int, before: int) -> int | None:
        offset -= self._shift
        if before and self._starts[before - 1] < offset < self._starts[before - 1] + self._widths[before - 1]:
            return None
        return offset - self._added[before]


def other_countings(text: str) -> Iterator[Counting]:
    """The known countings that differ from code points in this text, the simplest first.

    Among equally simple ones, units come before line ends, and line ends before byte-order marks, which are rarer.
    """
    options = product(_byte_order_marks(text), _line_ends(text), _units(text))
    for chosen in sorted(options, key=lambda parts: sum(bool(name) for name, _, _ in parts)):
        names = [name for name, _, _ in reversed(chosen) if name]
        widths = {place: width for _, found, _ in chosen for place, width in found.items()}
        if names:
            yield Counting(", ".join(names), widths, sum(shift for _, _, shift in chosen))


# (name, widths of the characters that do not count as one, first offset).
_Option = tuple[str, dict[int, int], int]
_CODE_POINTS: _Option = ("", {}, 0)


def _units(text: str) -> list[_Option]:
    found = [_CODE_POINTS]
    if widths := {match.start(): 2 for match in _ASTRAL.finditer(text)}:
        found.append(("UTF-16 units", widths, 0))
    if not text.isascii() and len(text) <= _LONGEST_IN_BYTES:
        found.append(
            ("bytes of UTF-8", {match.start(): len(match[0].encode()) for match in _NOT_ASCII.finditer(text)}, 0)
        )
    return found


def _line_ends(text: str) -> list[_Option]:
    if widths := {match.start(): 0 for match in re.finditer("\r\n", text)}:
        return [_CODE_POINTS, ("CRLF as one", widths, 0)]
    widths = {match.start(): 2 for match in re.finditer("\n", text)}
    return [_CODE_POINTS, ("line ends as two", widths, 0)] if widths else [_CODE_POINTS]


def _byte_order_marks(text: str) -> list[_Option]:
    if text.startswith(_BYTE_ORDER_MARK):
        return [_CODE_POINTS, ("without the byte-order mark", {0: 0}, 0)]
    return [_CODE_POINTS, ("with a byte-order mark that is gone", {}, 1)]
