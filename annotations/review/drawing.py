"""An article's text as HTML in which every code point of it stands, once and in order, and nothing else is text.

Labels, captions and marks are drawn by the stylesheet from attributes, so that what is selected, copied or read back
from the page is the text itself.
"""

import re
from collections.abc import Callable, Sequence
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from annotations.review.colours import short_name
from annotations.review.models import Span
from annotations.spans.segments import Segment, lanes, segments
from corpusapp.articles.models import Zone
from corpusapp.text.zones import CHROME, TITLE

# More spans over one place are drawn as the innermost of them; the list beside the text holds them all.
DRAWN_DEPTH = 6
_LANES = 5
# A line this long, in code points, is a paragraph: the stylesheet sets the next one off from it.
_PARAGRAPH = 60
_LINES = re.compile(r"\n+|[^\n]+")


def draw(
    text: str, spans: Sequence[Span], zones: Sequence[Zone], *, headline: str = "", hand: int = 0, extra: str = ""
) -> SafeString:
    """The text with its spans and zones. `hand` is the id of the span in hand; `extra` goes on in every link."""
    stretches = [(zone.start, zone.end, zone.kind) for zone in zones] or _opening(text, headline)
    ranges = [(span.start, span.end) for span in spans]
    edges = [edge for start, end, _ in stretches for edge in (start, end)]
    found = segments(len(text), ranges, cuts=edges, depth=DRAWN_DEPTH)
    brush = _Brush(text, spans, lanes(found, ranges), hand, escape(extra))
    pieces: list[str] = []
    for zone, members in groupby(found, key=_zone_finder(len(text), stretches)):
        inner = [brush.segment(segment) for segment in members]
        pieces += inner if zone is None else _zoned(stretches[zone], text, inner, brush.opened)
        brush.opened = False
    return mark_safe("".join(pieces))


def _opening(text: str, headline: str) -> list[tuple[int, int, str]]:
    """The text's first line, where it is the headline: drawn as one, though nobody marked it."""
    start = len(text) - len(text.lstrip())
    end = start + len(headline)
    return [(start, end, TITLE)] if headline and text[start:end] == headline and text[end : end + 1] == "\n" else []


def _zone_finder(length: int, zones: Sequence[tuple[int, int, str]]) -> Callable[[Segment], int | None]:
    """For segments from left to right: the position of the zone that shows, site furniture before all others."""
    stretches = iter(segments(length, [(start, end) for start, end, _ in zones]))
    at: Segment | None = next(stretches, None)

    def zone_of(segment: Segment) -> int | None:
        nonlocal at
        while at is not None and at.end <= segment.start:
            at = next(stretches, None)
        covering = list(at.covering) if at else []
        furniture = [position for position in covering if zones[position][2] == CHROME]
        return (furniture or covering or [None])[-1]

    return zone_of


def _zoned(zone: tuple[int, int, str], text: str, inner: list[str], opened: bool) -> list[str]:
    start, end, kind = zone
    if kind != CHROME:
        return [f'<span class="zone {kind}">', *inner, "</span>"]
    lines = sum(1 for line in text[start:end].split("\n") if line.strip())
    caption = f"site furniture, {lines} {'line' if lines == 1 else 'lines'}"
    summary = f'<summary data-caption="{caption}" aria-label="{caption}"></summary>'
    return [f'<details class="zone {kind}"{" open" if opened else ""}>{summary}', *inner, "</details>"]


class _Brush:
    """Draws one segment after the other."""

    def __init__(self, text: str, spans: Sequence[Span], lane: Sequence[int], hand: int, extra: str) -> None:
        self.text, self.spans, self.extra = text, spans, extra
        self.hand = hand
        # Whether a span of the present zone is in hand, so that a folded one opens.
        self.opened = False
        self.classes = [
            f"sp {span.state} l-{span.label_id} n{min(level, _LANES - 1)} {_strength(span)}"
            f"{' hand' if span.pk == hand else ''}"
            for span, level in zip(spans, lane, strict=True)
        ]

    def segment(self, segment: Segment) -> str:
        if not segment.covering:
            return _plain(self.text, segment.start, segment.end)
        words = escape(self.text[segment.start : segment.end])
        *outer, inner = segment.covering
        opening = "".join(f"<span {self._attributes(position, segment)}>" for position in outer)
        span = self.spans[inner]
        link = f'href="?span={span.pk}{self.extra}#s{span.pk}" draggable="false" title="{_described(span)}"'
        return f"{opening}<a {self._attributes(inner, segment)} {link}>{words}</a>{'</span>' * len(outer)}"

    def _attributes(self, position: int, segment: Segment) -> str:
        span = self.spans[position]
        self.opened = self.opened or span.pk == self.hand
        parts = [f'class="{self.classes[position]}"']
        if segment.start == span.start:
            parts.append(f'id="s{span.pk}"')
        if segment.end == span.end:
            parts.append(f'data-tag="{escape(short_name(span.label.name))}"')
        return " ".join(parts)


def _plain(text: str, start: int, end: int) -> str:
    """Words between spans. They stand in elements, line breaks beside them: so that empty lines can be drawn low."""
    return "".join(
        f"<span>{escape(run[0])}</span>" if run[0][0] != "\n" else _line_breaks(text, run.start(), run[0])
        for run in _LINES.finditer(text, start, end)
    )


def _line_breaks(text: str, start: int, breaks: str) -> str:
    line = start - text.rfind("\n", 0, start)
    alone = len(breaks) == 1 and text[start + 1 : start + 2] not in ("", "\n")
    return f"<i>{breaks}</i>" if alone and line > _PARAGRAPH else breaks


def _strength(span: Span) -> str:
    """Paler with a lower score; a person's own has none and is drawn in full."""
    if span.score is None or span.score >= 0.8:
        return "strong"
    return "middling" if span.score >= 0.5 else "weak"


def _described(span: Span) -> str:
    score = f", score {span.score:.2f}" if span.score is not None else ""
    return escape(f"{span.label.name}, {span.state}{score}")
