"""The span as a plain value."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class SpanValue:
    """`[start, end)` in code points with a label's name."""

    start: int
    end: int
    label: str

    def overlaps(self, other: "SpanValue") -> bool:
        return self.start < other.end and other.start < self.end


def find_quote(text: str, quote: str, limit: int = 100) -> list[tuple[int, int]]:
    """Where `quote` stands in `text`, as ranges in code points, left to right, at most `limit`."""
    if not quote:
        return []
    found = []
    position = text.find(quote)
    while position >= 0 and len(found) < limit:
        found.append((position, position + len(quote)))
        position = text.find(quote, position + 1)
    return found
