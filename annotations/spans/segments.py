"""A text cut at every boundary of its spans, so that it can be drawn with spans that nest, overlap or cross."""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Segment:
    """`[start, end)` in code points; `covering` holds the positions of the ranges that cover it, outermost first."""

    start: int
    end: int
    covering: tuple[int, ...]


def segments(
    length: int, ranges: Sequence[tuple[int, int]], *, cuts: Iterable[int] = (), depth: int | None = None
) -> list[Segment]:
    """The segments of a text of `length` code points, left to right: together they are the whole text, each part once.

    Of two ranges, the one that starts first is the outer one; of two that start together, the longer one. `cuts` are
    further offsets to cut at; of more than `depth` ranges over one place, only the innermost are told.
    """
    order = sorted(range(len(ranges)), key=lambda position: (ranges[position][0], -ranges[position][1], position))
    rank = {position: number for number, position in enumerate(order)}
    starting, ending = defaultdict(list), defaultdict(list)
    for position, (start, end) in enumerate(ranges):
        starting[start].append(rank[position])
        ending[end].append(rank[position])
    boundaries = sorted({0, length, *cuts, *starting, *ending})
    keep = slice(-depth if depth else None, None)
    found, active = [], []
    for start, end in pairwise(boundaries):
        for number in ending[start]:
            active.remove(number)
        for number in starting[start]:
            insort(active, number)
        found.append(Segment(start, end, tuple(order[number] for number in active[keep])))
    return found


def lanes(found: Sequence[Segment], ranges: Sequence[tuple[int, int]]) -> list[int]:
    """For each range the lowest lane, from 0, that no shorter range it overlaps has taken: underlines stack by it."""
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
