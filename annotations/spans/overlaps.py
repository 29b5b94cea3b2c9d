"""Which of many ranges another one overlaps: soon told, also of the hundred thousand of a long article."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

# So many new ranges are looked through one by one before all are sorted again.
_MOST_NEW = 256


class Overlaps:
    """Ranges `[start, end)`, each with a word about it."""

    def __init__(self, ranges: Iterable[tuple[int, int, str]] = ()) -> None:
        self._new = list(ranges)
        self._sorted: list[tuple[int, int, str]] = []
        self._starts: list[int] = []
        # For each range the farthest end among it and those before it, with the word about that one.
        self._reach: list[tuple[int, str]] = []

    def add(self, start: int, end: int, word: str) -> None:
        self._new.append((start, end, word))

    def at(self, start: int, end: int) -> str | None:
        """The word about a range that overlaps this one; None where none does."""
        if len(self._new) > _MOST_NEW:
            self._sort()
        for first, last, word in self._new:
            if first < end and start < last:
                return word
        place = bisect_left(self._starts, end) - 1
        if place < 0 or self._reach[place][0] <= start:
            return None
        return self._reach[place][1]

    def _sort(self) -> None:
        self._sorted = sorted(self._sorted + self._new)
        self._new = []
        self._starts = [start for start, _, _ in self._sorted]
        self._reach = list(accumulate(((end, word) for _, end, word in self._sorted), max))
