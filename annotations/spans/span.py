"""Arithmetic of spans: overlaps, and segments of a text between the boundaries of its spans."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise


def find_quote(text: str, quote: str, limit: int = 100) -> list[tuple[int, int]]:
    """Occurrences of `quote` in `text` as ranges in code points, at most `limit`."""
    if not quote:
        return []
    found: list[tuple[int, int]] = []
    position = text.find(quote)
    while position >= 0 and len(found) < limit:
        found.append((position, position + len(quote)))
        position = text.find(quote, position + 1)
    return found


# New ranges that are searched one by one before all are sorted again.
_MOST_NEW = 256


class Overlaps:
    """Ranges `[start, end)` with a string each, to be searched for overlaps."""

    def __init__(self, ranges: Iterable[tuple[int, int, str]] = ()) -> None:
        self._new = list(ranges)
        self._sorted: list[tuple[int, int, str]] = []
        self._starts: list[int] = []
        # For each range: the highest end so far, with the string of that range.
        self._reach: list[tuple[int, str]] = []

    def add(self, start: int, end: int, word: str) -> None:
        self._new.append((start, end, word))

    def at(self, start: int, end: int) -> str | None:
        """The string of a range that overlaps this one; None if there is none."""
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


@dataclass(frozen=True, slots=True)
class Segment:
    """`[start, end)` in code points. `covering` are the positions of the ranges that cover it, outermost first."""

    start: int
    end: int
    covering: tuple[int, ...]


def segments(
    length: int, ranges: Sequence[tuple[int, int]], *, cuts: Iterable[int] = (), depth: int | None = None
) -> list[Segment]:
    """The segments of a text of `length` code points, from left to right, without gaps.

    Of two ranges, the outer one is the one that starts first, then the longer one. `cuts` are further offsets to cut
    at. At most the `depth` innermost ranges are listed for a segment.
    """
    order = sorted(range(len(ranges)), key=lambda position: (ranges[position][0], -ranges[position][1], position))
    rank = {position: number for number, position in enumerate(order)}
    starting, ending = defaultdict(list), defaultdict(list)
    for position, (start, end) in enumerate(ranges):
        starting[start].append(rank[position])
        ending[end].append(rank[position])
    boundaries = sorted({0, length, *cuts, *starting, *ending})
    keep = slice(-depth if depth else None, None)
    found: list[Segment] = []
    active: list[int] = []
    for start, end in pairwise(boundaries):
        for number in ending[start]:
            active.remove(number)
        for number in starting[start]:
            insort(active, number)
        found.append(Segment(start, end, tuple(order[number] for number in active[keep])))
    return found


def lanes(found: Sequence[Segment], ranges: Sequence[tuple[int, int]]) -> list[int]:
    """The lane of each range, from 0, for stacked underlines: the lowest that no shorter overlapping range has."""
    of_range = defaultdict(list)
    for segment_number, segment in enumerate(found):
        for position in segment.covering:
            of_range[position].append(segment_number)
    taken: list[set[int]] = [set() for _ in found]
    lane = [0] * len(ranges)
    for position in sorted(of_range, key=lambda p: (ranges[p][1] - ranges[p][0], ranges[p], p)):
        used = set().union(*(taken[number] for number in of_range[position]))
        lane[position] = next(level for level in range(len(used) + 1) if level not in used)
        for number in of_range[position]:
            taken[number].add(lane[position])
    return lane
