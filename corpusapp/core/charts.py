"""Charts as inline SVG, drawn by pygal and styled by `css/charts.css`.

pygal writes inline styles and a script into each chart. The Content-Security-Policy forbids both, so they are removed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pygal
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lxml import etree

_SVG = "{http://www.w3.org/2000/svg}"
# Titles and descriptions would repeat the table of the chart, and show as tooltips.
_REMOVED = ("style", "script", "title", "desc")
# Characters of a row's name that are shown.
_ROW_NAME_LENGTH = 18
# Share of a bar that its smallest segment has.
_LEAST_WIDTH = 0.01


@dataclass(frozen=True)
class Figure:
    """A chart and its table: rows of a name with a number for each series. `head` is the heading of the names."""

    title: str
    head: str
    series: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]
    chart: SafeString

    @property
    def empty(self) -> bool:
        return not any(any(numbers) for _, numbers in self.rows)


def stacked_bars(
    title: str, marks: Sequence[str], series: Mapping[str, Sequence[int]], *, height: int = 240
) -> SafeString:
    """Vertical bars with x labels `marks`; each stacks the numbers of all `series` at its position."""
    chart = pygal.StackedBar(
        width=760,
        height=height,
        explicit_size=False,
        js=[],
        css=[],
        show_legend=False,
        print_values=False,
        margin=8,
        spacing=8,
        x_labels=list(marks),
        truncate_label=-1,
        x_labels_major_count=6,
        show_minor_x_labels=False,
        y_labels=_ticks(max(map(sum, zip(*series.values(), strict=True)), default=0)),
        value_formatter=lambda value: f"{round(value)}",
    )
    for name, numbers in (series or {title: [0] * len(marks)}).items():
        chart.add(name, list(numbers))
    return _picture(chart.render_tree(), title)


def stacked_rows(title: str, marks: Sequence[str], series: Mapping[str, Sequence[int]]) -> SafeString:
    """Horizontal bars, a row for each of `marks` from the top down, for long names."""
    # pygal starts at the bottom.
    shown = [mark if len(mark) <= _ROW_NAME_LENGTH else f"{mark[: _ROW_NAME_LENGTH - 1]}…" for mark in marks]
    chart = pygal.HorizontalStackedBar(
        width=480,
        height=48 + 26 * max(len(marks), 1),
        explicit_size=False,
        js=[],
        css=[],
        style=pygal.style.Style(label_font_size=15),
        show_legend=False,
        print_values=False,
        margin=8,
        spacing=8,
        x_labels=shown[::-1],
        truncate_label=-1,
        y_labels=_ticks(max(map(sum, zip(*series.values(), strict=True)), default=0)),
        value_formatter=lambda value: f"{round(value)}",
        range=None if any(any(numbers) for numbers in series.values()) else (0, 1),
    )
    for name, numbers in series.items():
        chart.add(name, list(numbers)[::-1])
    return _picture(chart.render_tree(), title)


def _ticks(most: int) -> list[int]:
    """Ticks of an axis: 0 and up to five round numbers, the last at least `most`."""
    step = next(n * 10**power for power in range(20) for n in (1, 2, 5) if 5 * n * 10**power >= most)
    return list(range(0, max(most, 1) + step, step))


def _picture(tree: etree._Element, title: str) -> SafeString:
    for element in list(tree.iter(etree.Comment, *_REMOVED, *(f"{_SVG}{name}" for name in _REMOVED))):
        element.getparent().remove(element)
    for element in tree.iter():
        element.attrib.pop("style", None)
    tree.attrib.pop("id", None)
    tree.set("role", "img")
    tree.set("aria-label", title)
    return mark_safe(etree.tostring(tree, encoding="unicode"))


@dataclass(frozen=True)
class Segment:
    """A part of a segmented bar. `start` and `width` are percentages of the bar, as an SVG attribute has them."""

    name: str
    title: str
    number: int
    start: str
    width: str


def segmented_bar(parts: Sequence[tuple[str, str, int]]) -> list[Segment]:
    """The segments of (name, title, number), without those of 0. None is too narrow to be seen."""
    shown = [part for part in parts if part[2]]
    total = sum(number for _, _, number in shown)
    widths = [max(number / total, _LEAST_WIDTH) for _, _, number in shown]
    scale, start, segments = 100 / sum(widths, 0) if widths else 0, 0.0, []
    for (name, title, number), width in zip(shown, widths, strict=True):
        segments.append(Segment(name, title, number, f"{start:.2f}%", f"{width * scale:.2f}%"))
        start += width * scale
    return segments


def spark_bars(title: str, numbers: Sequence[int]) -> SafeString:
    """A small picture of a trend, a bar for each number, to stand in a line of text. Empty without a number over 0."""
    most = max(numbers, default=0)
    if most <= 0:
        return mark_safe("")
    heights = [(at, max(2, round(20 * number / most))) for at, number in enumerate(numbers) if number > 0]
    bars = (f'<rect x="{4 * at}" y="{20 - height}" width="3" height="{height}"></rect>' for at, height in heights)
    return format_html(
        '<svg class="spark" viewBox="0 0 {} 20" role="img" aria-label="{}">{}</svg>',
        4 * len(numbers),
        title,
        mark_safe("".join(bars)),
    )
