"""Charts as SVG that a page holds: drawn by pygal, coloured by our stylesheet.

pygal writes a style sheet, a script and its settings into each picture. The pages' policy takes neither: they are taken
out, and what the classes mean stands in `css/charts.css`.
"""

from collections.abc import Mapping, Sequence

import pygal
from django.utils.safestring import SafeString, mark_safe
from lxml import etree

_SVG = "{http://www.w3.org/2000/svg}"
# The table says what titles and descriptions would; a title would hover over the picture.
_LEFT_OUT = ("style", "script", "title", "desc")

# As many letters of a row's name are shown.
_ROW_MARK = 18


def stacked_bars(
    title: str, marks: Sequence[str], series: Mapping[str, Sequence[int]], *, height: int = 240
) -> SafeString:
    """Bars over `marks`, the series stacked in each; the numbers stand in the table behind it."""
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
    """Lying bars, a row for each of `marks` from the top down, for names that need room."""
    # pygal begins at the bottom.
    shown = [mark if len(mark) <= _ROW_MARK else f"{mark[: _ROW_MARK - 1]}…" for mark in marks]
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
        integer_scale=True,
        min_scale=2,
        max_scale=4,
        formatter=lambda value: f"{int(value)}",
        range=None if any(any(numbers) for numbers in series.values()) else (0, 1),
    )
    for name, numbers in series.items():
        chart.add(name, list(numbers)[::-1])
    return _picture(chart.render_tree(), title)


def _ticks(most: int) -> list[int]:
    """0 and up to five numbers above it, round ones, the last no less than `most`."""
    step = next(n * 10**power for power in range(20) for n in (1, 2, 5) if 5 * n * 10**power >= most)
    return list(range(0, max(most, 1) + step, step))


def _picture(tree: etree._Element, title: str) -> SafeString:
    for element in list(tree.iter(etree.Comment, *_LEFT_OUT, *(f"{_SVG}{name}" for name in _LEFT_OUT))):
        element.getparent().remove(element)
    for element in tree.iter():
        element.attrib.pop("style", None)
    tree.attrib.pop("id", None)
    tree.set("role", "img")
    tree.set("aria-label", title)
    return mark_safe(etree.tostring(tree, encoding="unicode"))
