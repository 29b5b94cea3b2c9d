"""An article's text as HTML in which every code point of it stands, once and in order, and nothing else is text.

Labels, captions and marks are drawn by the stylesheet from attributes, so that what is selected, copied or read back
from the page is the text itself. Each line with the breaks after it is a block of its own: so that a browser, when a
span changes, sets that line anew and not the whole article. `static/js/text-renderer.js` draws stretches of it the
same way.
"""

import re
from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

from annotations.review.queries.page import ShownSpan
from annotations.review.queries.record import ZoneRow
from annotations.spans.span import Segment, lanes, segments
from corpusapp.text.zones import CHROME, TITLE, zone_name

# More spans over one place are drawn as the innermost of them; the list beside the text holds them all.
DRAWN_DEPTH = 6
_LANES = 5
# A line this long, in code points, is a paragraph: the stylesheet sets the next one off from it.
_PARAGRAPH = 60
_LINES = re.compile(r"\n+|[^\n]+")
_BREAKS = re.compile(r"\n+")
Stretch = tuple[int, int, str]


def draw(
    text: str,
    spans: Sequence[ShownSpan],
    zones: Sequence[ZoneRow],
    *,
    short: Mapping[str, str],
    headline: str = "",
    hand: int = 0,
    extra: str = "",
    unmark: str = "",
) -> SafeString:
    """The text with its spans and zones. `short` has the short name of each label, by its name.

    `hand` is the id of the span in hand; `extra` goes on in every link.

    With `unmark`, an address in which 0 stands for a zone's id, each zone has a button of the form `unzone`.
    """
    marked = [(zone.start, zone.end, zone.kind, zone.id) for zone in zones]
    stretches = marked or [(*opening, 0) for opening in _opening(text, headline)]
    ranges = [(span.start, span.end) for span in spans]
    edges = [edge for start, end, *_ in stretches for edge in (start, end)]
    breaks = [found.end() for found in _BREAKS.finditer(text) if found.end() < len(text)]
    found = segments(len(text), ranges, cuts=[*edges, *breaks], depth=DRAWN_DEPTH)
    brush = _Brush(text, spans, lanes(found, ranges), hand, escape(extra))
    brush.short = short
    brush.unmark = unmark
    placed = _placed(found, [stretch[:3] for stretch in stretches], breaks)
    pieces: list[str] = []
    for zone, in_zone in groupby(placed, key=lambda place: place[1] if _is_chrome(place[1], stretches) else None):
        inner = _blocks(brush, in_zone, stretches)
        pieces += inner if zone is None else _folded(stretches[zone], text, inner, brush)
        brush.opened = False
    return mark_safe("".join(pieces))


def _opening(text: str, headline: str) -> list[Stretch]:
    """The text's first line, where it is the headline: drawn as one, though nobody marked it."""
    start = len(text) - len(text.lstrip())
    end = start + len(headline)
    return [(start, end, TITLE)] if headline and text[start:end] == headline and text[end : end + 1] == "\n" else []


def _placed(
    found: Sequence[Segment], zones: Sequence[Stretch], breaks: Sequence[int]
) -> list[tuple[int, int | None, Segment]]:
    """For each segment the number of its line, and the position of the zone that shows: furniture before others."""
    length = found[-1].end if found else 0
    stretches = segments(length, [(start, end) for start, end, _ in zones])
    placed: list[tuple[int, int | None, Segment]] = []
    line = at = 0
    for segment in found:
        while line < len(breaks) and breaks[line] <= segment.start:
            line += 1
        while at < len(stretches) and stretches[at].end <= segment.start:
            at += 1
        covering = stretches[at].covering if at < len(stretches) else ()
        furniture = [position for position in covering if zones[position][2] == CHROME]
        placed.append((line, (furniture or list(covering) or [None])[-1], segment))
    return placed


def _is_chrome(zone: int | None, stretches: Sequence[tuple[int, int, str, int]]) -> bool:
    return zone is not None and stretches[zone][2] == CHROME


def _blocks(brush: "_Brush", placed: object, stretches: Sequence[tuple[int, int, str, int]]) -> list[str]:
    """A block a line; in it an element for each zone that shows there."""
    pieces: list[str] = []
    for _, in_line in groupby(placed, key=lambda place: place[0]):
        pieces.append('<div class="ln">')
        for zone, members in groupby(in_line, key=lambda place: place[1]):
            inside = [segment for _, _, segment in members]
            members_start, inner = inside[0].start, [brush.segment(segment) for segment in inside]
            if zone is None or _is_chrome(zone, stretches):
                pieces += inner
            else:
                kind, pk = stretches[zone][2:]
                button = brush.unzone(kind, pk) if stretches[zone][0] == members_start else ""
                pieces += [f'<span class="zone {kind}">{button}', *inner, "</span>"]
        pieces.append("</div>")
    return pieces


def _folded(zone: tuple[int, int, str, int], text: str, inner: list[str], brush: "_Brush") -> list[str]:
    start, end, kind, pk = zone
    lines = sum(1 for line in text[start:end].split("\n") if line.strip())
    caption = f"boilerplate, {lines} {'line' if lines == 1 else 'lines'}"
    summary = f'<summary data-caption="{caption}" aria-label="{caption}"></summary>'
    opened = " open" if brush.opened else ""
    return [f'<details class="zone {kind}"{opened}>{summary}{brush.unzone(kind, pk)}', *inner, "</details>"]


class _Brush:
    """Draws one segment after the other."""

    def __init__(self, text: str, spans: Sequence[ShownSpan], lane: Sequence[int], hand: int, extra: str) -> None:
        self.text, self.spans, self.extra = text, spans, extra
        self.hand = hand
        # Whether a span of the present zone is in hand, so that a folded one opens.
        self.opened = False
        self.unmark = ""
        self.short: Mapping[str, str] = {}
        self.lane = lane
        # What stands in the tags of many spans alike, made once for each kind of them.
        self.kinds: dict[tuple[object, ...], tuple[str, str, str]] = {}

    def unzone(self, kind: str, pk: int) -> str:
        """A button without words, so that the text stays the text: the stylesheet draws its sign."""
        if not (self.unmark and pk):
            return ""
        address = escape(self.unmark.replace("/0/", f"/{pk}/"))
        named = f"Remove zone: {zone_name(kind)}"
        attributes = f'form="unzone" formaction="{address}" aria-label="{named}" title="{named}"'
        return f'<button class="unzone" {attributes}></button>'

    def segment(self, segment: Segment) -> str:
        if not segment.covering:
            return _plain(self.text, segment.start, segment.end)
        words = escape(self.text[segment.start : segment.end])
        *outer, inner = segment.covering
        opening = "".join(f"<span {self._attributes(position, segment)[0]}>" for position in outer) if outer else ""
        attributes, title = self._attributes(inner, segment)
        pk = self.spans[inner].pk
        link = f'href="?span={pk}{self.extra}#s{pk}" draggable="false" title="{title}"'
        return f"{opening}<a {attributes} {link}>{words}</a>{'</span>' * len(outer)}"

    def _attributes(self, position: int, segment: Segment) -> tuple[str, str]:
        """Those of every element of the span, and its title."""
        span = self.spans[position]
        self.opened = self.opened or span.pk == self.hand
        classes, title, tag = self._kind(span, self.lane[position])
        named = f' id="s{span.pk}"' if segment.start == span.start else ""
        return f'class="{classes}" data-s={span.pk}{named}{tag if segment.end == span.end else ""}', title

    def _kind(self, span: ShownSpan, lane: int) -> tuple[str, str, str]:
        """(classes, title, tag) of a span, which few kinds of spans share."""
        kind = (span.label_id, span.state, span.score, lane, span.pk == self.hand)
        if kind not in self.kinds:
            held = " selected" if span.pk == self.hand else ""
            level = min(lane, _LANES - 1)
            classes = f"sp {span.state} l-{span.label_id} n{level} {_strength(span)}{held}"
            tag = f' data-tag="{escape(self.short[span.label.name])}"'
            self.kinds[kind] = (classes, _described(span), tag)
        return self.kinds[kind]


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


def _strength(span: ShownSpan) -> str:
    """Paler with a lower score; a person's own has none and is drawn in full."""
    if span.score is None or span.score >= 0.8:
        return "strong"
    return "middling" if span.score >= 0.5 else "weak"


def _described(span: ShownSpan) -> str:
    score = f", score {span.score:.2f}" if span.score is not None else ""
    return escape(f"{span.label.name}, {span.state}{score}")


def packed(spans: Sequence[ShownSpan]) -> str:
    """The spans for the page's scripts, each as `id:revision:start:length:label:state:score`.

    States stand by their first letter; ids and starts as differences from the span before. What would be 1 for id or
    revision, or is as in the span before for label, state and score, is left out: some thousand spans are soon sent.
    """
    pieces: list[str] = []
    pk, start, kept = 0, 0, ("", "", "")
    for span in spans:
        kind = (str(span.label_id), span.state[0], "" if span.score is None else f"{span.score:.2f}")
        told = ["" if span.pk - pk == 1 else str(span.pk - pk), "" if span.revision == 1 else str(span.revision)]
        told += [str(span.start - start), str(span.end - span.start)]
        pieces.append(":".join(told if kind == kept else [*told, *kind]))
        pk, start, kept = span.pk, span.start, kind
    return " ".join(pieces)
