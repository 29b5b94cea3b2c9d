"""How well furniture is found: precision, recall and F1 over characters, pooled over all articles.

White space is not counted. `running_text_lost` is the number of characters marked as furniture that are none.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from corpusapp.text.zones import CHROME, ZoneRange
from corpusapp.text.zoning import find_zones

Finder = Callable[[str], Iterable[ZoneRange]]


@dataclass(frozen=True)
class Counts:
    """Characters in code points: found and true, found and not true, true and not found."""

    both: int = 0
    only_found: int = 0
    only_true: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.both + other.both, self.only_found + other.only_found, self.only_true + other.only_true)

    @property
    def precision(self) -> float:
        """Of what was found, the true part; 1 where nothing was found."""
        found = self.both + self.only_found
        return self.both / found if found else 1.0

    @property
    def recall(self) -> float:
        """Of what is true, the found part; 1 where there is nothing."""
        true = self.both + self.only_true
        return self.both / true if true else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def compare(text: str, found: Iterable[tuple[int, int]], true: Iterable[tuple[int, int]]) -> Counts:
    """The visible characters of `text` in `found` and in `true`, ranges in code points, end exclusive."""
    marked, wanted = _visible(text, found), _visible(text, true)
    both = len(marked & wanted)
    return Counts(both, len(marked) - both, len(wanted) - both)


def evaluate_kind(lines: Iterable[Mapping[str, Any]], kind: str, finder: Finder = find_zones) -> Counts:
    """Pooled counts of one kind of zone over articles with `text` and true `zones` of [start, end, kind]."""
    total = Counts()
    for line in lines:
        true = [(start, end) for start, end, named in line["zones"] if named == kind]
        total += compare(line["text"], _of_kind(finder(line["text"]), kind), true)
    return total


def evaluate_chrome(lines: Iterable[Mapping[str, Any]], finder: Finder = find_zones) -> dict[str, Any]:
    """Precision, recall, F1 and running text lost over articles with `text` and true `chrome` of [start, end].

    A line without `chrome` counts as an article without furniture. ValueError names a line that has no text or a range
    outside it.
    """
    total, articles = Counts(), 0
    for number, line in enumerate(lines, 1):
        text, true = _checked(line, number)
        total += compare(text, _of_kind(finder(text), CHROME), true)
        articles += 1
    return {
        "articles": articles,
        "precision": round(total.precision, 4),
        "recall": round(total.recall, 4),
        "f1": round(total.f1, 4),
        "running_text_lost": total.only_found,
    }


def _checked(line: Mapping[str, Any], number: int) -> tuple[str, list[tuple[int, int]]]:
    text = line.get("text")
    if not isinstance(text, str):
        raise ValueError(f"line {number} has no text: give each line a string under the key 'text'")
    ranges = line.get("chrome") or []
    for entry in ranges if isinstance(ranges, list) else [ranges]:
        if not _is_range(entry, len(text)):
            raise ValueError(f"line {number}: chrome {entry!r} is no range of a text of {len(text)} code points")
    return text, [(start, end) for start, end in ranges]


def _is_range(entry: Any, length: int) -> bool:
    whole = isinstance(entry, list) and len(entry) == 2 and all(type(offset) is int for offset in entry)
    return whole and 0 <= entry[0] < entry[1] <= length


def _of_kind(zones: Iterable[ZoneRange], kind: str) -> list[tuple[int, int]]:
    return [(zone.start, zone.end) for zone in zones if zone.kind == kind]


def _visible(text: str, ranges: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in ranges for at in range(start, end) if not text[at].isspace()}
