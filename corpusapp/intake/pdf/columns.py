"""Order the glyphs of a page into paragraphs: rows first, then columns by the gaps that rows have in common.

A gap in a single row, however wide, does not separate columns: justified lines have such gaps.
"""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise
from statistics import median

from corpusapp.intake.pdf.direction import read_order, runs_from_right

# All in ems, the font size.
_SAME_ROW = 0.4
_SPACE = 0.15
_GUTTER = 0.8
_DRAWN_TWICE = 0.08
_EDGE = 0.3
# Minimum share of lines that begin or end at the edge of a column.
_AT_EDGE = 0.6
_BETWEEN_PARAGRAPHS = 0.7
_OTHER_SIZE = 1.15
# Minimum distance between columns and a row that spans them, in line distances.
_MORE_ROOM = 1.3
# Maximum distance between rows of one column.
_SECTION = 2.5
# Minimum rows beside a gutter, and letters per row; with fewer it is a table.
_FEWEST_ROWS = 3
_FEWEST_LETTERS = 8
# More rows than a newspaper page has; with more, columns are not searched.
_MOST_ROWS = 600
_MOST_GAPS = 30


@dataclass(frozen=True)
class Glyph:
    """The text of one glyph and its position, y upwards; `base` is the height of its line."""

    text: str
    x0: float
    x1: float
    base: float
    size: float


@dataclass
class _Row:
    """Glyphs at one height, left to right."""

    glyphs: list[Glyph]
    gaps: list[tuple[float, float]] = field(default_factory=list)

    @property
    def base(self) -> float:
        return self.glyphs[0].base

    @property
    def size(self) -> float:
        return max(glyph.size for glyph in self.glyphs)


def paragraphs_of(glyphs: Iterable[Glyph]) -> list[str]:
    """The paragraphs of a page, each with its original lines."""
    rows = _rows(_with_marks(glyphs))
    if not rows:
        return []
    letters = "".join(glyph.text for row in rows for glyph in row.glyphs)
    return _read(rows, runs_from_right(letters)) if len(rows) <= _MOST_ROWS else _leaf(rows)


def _with_marks(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Join combining marks with the letter that they are over."""
    found: list[Glyph] = []
    marks: list[Glyph] = []
    for glyph in glyphs:
        (marks if glyph.text and all(map(unicodedata.combining, glyph.text)) else found).append(glyph)
    for mark in marks:
        middle = (mark.x0 + mark.x1) / 2
        near = [i for i, glyph in enumerate(found) if abs(glyph.base - mark.base) < _SAME_ROW * mark.size]
        if near:
            i = min(near, key=lambda i: abs((found[i].x0 + found[i].x1) / 2 - middle))
            found[i] = replace(found[i], text=found[i].text + mark.text)
    return found


def _rows(glyphs: list[Glyph]) -> list[_Row]:
    """The rows from top to bottom, without glyphs that are drawn twice."""
    rows: list[_Row] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.base):
        if rows and rows[-1].base - glyph.base < _SAME_ROW * max(rows[-1].size, glyph.size):
            rows[-1].glyphs.append(glyph)
        else:
            rows.append(_Row([glyph]))
    for row in rows:
        row.glyphs = _without_doubles(sorted(row.glyphs, key=lambda glyph: (glyph.x0, glyph.x1)))
        row.gaps = _gaps(row)
    return [row for row in rows if row.glyphs and any(not glyph.text.isspace() for glyph in row.glyphs)]


def _without_doubles(glyphs: list[Glyph]) -> list[Glyph]:
    kept: list[Glyph] = []
    for glyph in glyphs:
        again = kept and kept[-1].text == glyph.text and glyph.x0 - kept[-1].x0 < _DRAWN_TWICE * glyph.size
        if not again or glyph.text.isspace():
            kept.append(glyph)
    return kept


def _gaps(row: _Row) -> list[tuple[float, float]]:
    """The gaps of a row, with the page's margins."""
    gaps = []
    reach = float("-inf")
    for glyph in row.glyphs:
        if glyph.text.isspace():
            continue
        if glyph.x0 - reach >= _GUTTER * glyph.size:
            gaps.append((reach, glyph.x0))
        reach = max(reach, glyph.x1)
    widest = sorted(gaps, key=lambda gap: gap[0] - gap[1])[:_MOST_GAPS]
    return [*sorted(widest), (reach, float("inf"))]


def _read(rows: list[_Row], from_right: bool) -> list[str]:
    """The paragraphs of some rows: above the columns, the columns one by one, below."""
    found = _columns(rows)
    if found is None:
        return _leaf(rows)
    first, last, gutter = _section(rows, *found)
    middle = (gutter[0] + gutter[1]) / 2
    sides = [
        _side(rows[first:last], lambda glyph: glyph.x1 <= middle),
        _side(rows[first:last], lambda g: g.x1 > middle),
    ]
    if from_right:
        sides.reverse()
    read = [
        _read(rows[:first], from_right),
        *(_read(side, from_right) for side in sides),
        _read(rows[last:], from_right),
    ]
    return [paragraph for part in read for paragraph in part]


def _side(rows: Sequence[_Row], takes: Callable[[Glyph], bool]) -> list[_Row]:
    return _rows([glyph for row in rows for glyph in row.glyphs if takes(glyph)])


def _columns(rows: list[_Row]) -> tuple[int, int, tuple[float, float]] | None:
    """(first row, row after the last, gutter) of the longest run of rows with a common gap."""
    best: tuple[int, int, tuple[float, float]] | None = None
    for first in range(len(rows)):
        longest = best[1] - best[0] if best else 2
        if len(rows) - first <= longest:
            break
        for last, gutter in reversed([found for found in _common(rows, first) if found[0] - first > longest]):
            if _separates_columns(rows, first, last, gutter):
                best = (first, last, gutter)
                break
    return best


def _common(rows: list[_Row], first: int) -> Iterable[tuple[int, tuple[float, float]]]:
    """For each row after `first`, the common gaps of the rows from `first` up to but not including it."""
    common = rows[first].gaps
    for last in range(first + 1, len(rows) + 1):
        for gap in common:
            if gap[0] != float("-inf") and gap[1] != float("inf"):
                yield last, gap
        if last < len(rows):
            width = _GUTTER * rows[last].size
            common = [(max(one[0], other[0]), min(one[1], other[1])) for one in common for other in rows[last].gaps]
            common = [gap for gap in common if gap[1] - gap[0] >= width]
            if not common:
                return


def _separates_columns(rows: list[_Row], first: int, last: int, gutter: tuple[float, float]) -> bool:
    """Whether a gap separates two columns, not cells of a table or, by chance, words of justified lines."""
    left = [row for row in rows[first:last] if sum(glyph.text.isalpha() for glyph in _before(row, gutter))]
    right = [row for row in rows[first:last] if sum(glyph.text.isalpha() for glyph in _after(row, gutter))]
    if min(_count_beside(left, right), _count_beside(right, left)) < _FEWEST_ROWS:
        return False
    letters = (
        median(sum(glyph.text.isalpha() for glyph in side(row, gutter)) for row in of)
        for side, of in ((_before, left), (_after, right))
    )
    if min(letters) < _FEWEST_LETTERS or not _is_edge(left, right, gutter):
        return False
    pitch = median(one.base - other.base for one, other in pairwise(left))
    above, below = rows[max(0, first - 1) : first + 1], rows[last - 1 : last + 1]
    return all(_are_separate(pair[0], pair[1], pitch) for pair in (above, below) if len(pair) == 2)


def _section(
    rows: list[_Row], first: int, last: int, gutter: tuple[float, float]
) -> tuple[int, int, tuple[float, float]]:
    """The rows of the columns without those only above or below one of them: a headline, a page footer."""
    sides = [(bool(_before(row, gutter)), bool(_after(row, gutter))) for row in rows[first:last]]
    pitch = median(one.base - other.base for one, other in pairwise(rows[first:last]))
    size = median(row.size for row in rows[first:last])
    both = [at for at, side in enumerate(sides, first) if _spans(rows, first, at, sides, _SECTION * pitch)]
    begin, end = both[0], both[-1] + 1
    for at in range(begin + 1, end):
        headline = rows[at].size > _OTHER_SIZE * size and not _spans(rows, first, at, sides, rows[at].size)
        if headline and at - begin >= _FEWEST_ROWS:
            end = at
            break
    while begin > first and rows[begin - 1].base - rows[begin].base < _SECTION * pitch:
        begin -= 1
    while end < last and rows[end - 1].base - rows[end].base < _SECTION * pitch and rows[end].size < _OTHER_SIZE * size:
        end += 1
    return begin, end, gutter


def _spans(rows: list[_Row], first: int, at: int, sides: list[tuple[bool, bool]], reach: float) -> bool:
    """Whether both sides of a gutter have text within the distance `reach` of a row."""
    near = [side for row, side in zip(rows[first:], sides, strict=False) if abs(row.base - rows[at].base) <= reach]
    return any(left for left, _ in near) and any(right for _, right in near)


def _count_beside(rows: list[_Row], others: list[_Row]) -> int:
    """How many of `rows` are within the height of `others`; their lines may be interleaved."""
    return sum(others[-1].base - row.size <= row.base <= others[0].base + row.size for row in rows) if others else 0


def _are_separate(above: _Row, row: _Row, pitch: float) -> bool:
    """Whether two rows are in different parts of a page: a larger distance, or another font size."""
    low, high = sorted((above.size, row.size))
    return above.base - row.base > _MORE_ROOM * pitch or high > _OTHER_SIZE * low


def _before(row: _Row, gutter: tuple[float, float]) -> list[Glyph]:
    return [glyph for glyph in row.glyphs if glyph.x1 <= gutter[0] + 0.1]


def _after(row: _Row, gutter: tuple[float, float]) -> list[Glyph]:
    return [glyph for glyph in row.glyphs if glyph.x0 >= gutter[1] - 0.1]


def _is_edge(left: list[_Row], right: list[_Row], gutter: tuple[float, float]) -> bool:
    """Whether most lines begin at the right side of a gutter, or end at the left."""
    begin = [_after(row, gutter)[0].x0 - gutter[1] <= _EDGE * row.size for row in right]
    end = [gutter[0] - _before(row, gutter)[-1].x1 <= _EDGE * row.size for row in left]
    return any(sum(side) >= _AT_EDGE * len(side) for side in (begin, end))


def _leaf(rows: list[_Row]) -> list[str]:
    """The paragraphs of rows in one column."""
    paragraphs: list[list[list[str]]] = []
    above: _Row | None = None
    for row in rows:
        if above is None or _is_new_paragraph(above, row):
            paragraphs.append([])
        paragraphs[-1].append(_spaced(row))
        above = row
    return ["\n".join(_lines(paragraph)) for paragraph in paragraphs]


def _lines(paragraph: list[list[str]]) -> Iterable[str]:
    from_right = runs_from_right("".join(chain.from_iterable(paragraph)))
    return (read_order(glyphs, from_right).strip() for glyphs in paragraph)


def _is_new_paragraph(above: _Row, row: _Row) -> bool:
    low, high = sorted((above.size, row.size))
    return above.base - row.base - row.size > _BETWEEN_PARAGRAPHS * row.size or high > _OTHER_SIZE * low


def _spaced(row: _Row) -> list[str]:
    """The texts of the glyphs of a row, with spaces for gaps between them."""
    pieces: list[str] = []
    before: Glyph | None = None
    for glyph in row.glyphs:
        apart = before is not None and glyph.x0 - before.x1 > _SPACE * max(glyph.size, before.size)
        if apart and not glyph.text.isspace() and not pieces[-1].isspace():
            pieces.append(" ")
        pieces.append(glyph.text)
        before = glyph
    return pieces
