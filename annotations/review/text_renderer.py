"""Renders the text of an article with its spans and zones as HTML.

The text nodes of the HTML are exactly the text, so that what is selected or copied from the page is the text itself:
the stylesheet shows labels and captions from attributes. Each line is a block, so that a browser lays out only that
line when a span changes. `static/js/text-renderer.js` renders parts of the text in the same way.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import Any

from django.utils.safestring import SafeString, mark_safe

from annotations.review.models import State
from annotations.review.queries.page import ShownSpan
from annotations.review.queries.record import ZoneRow
from annotations.spans.span import Segment, lanes, segments
from corpusapp.text.zones import CHROME, TITLE, zone_name

# Of more spans over one place, only the innermost are rendered; the list next to the text has them all.
DRAWN_DEPTH = 6
_LANES = 5
# A line longer than this, in code points, is a paragraph, which the stylesheet separates from the next.
_PARAGRAPH = 60
_LINES = re.compile(r"\n+|[^\n]+")
_BREAKS = re.compile(r"\n+")
# What screen readers add for a span that is linked to an entity, by the state of the link.
_LINKED = {State.CONFIRMED: ", linked", State.SUGGESTED: ", link suggested"}
ZoneRange = tuple[int, int, str]
# (number of the line, position of the zone, segment).
LocatedSegment = tuple[int, int | None, Segment]
_NO_ZONE: list[int | None] = [None]


def render_text(
    text: str,
    spans: Sequence[ShownSpan],
    zones: Sequence[ZoneRow],
    *,
    short: Mapping[str, str],
    colours: Mapping[int, str] | None = None,
    headline: str = "",
    selected: int = 0,
    extra: str = "",
    unmark: str = "",
) -> SafeString:
    """The text with its spans and zones. `short` has the short names of labels by name, `colours` their classes by id.

    `selected` is the id of the selected span; `extra` is appended to the query of every link. `unmark` is an address
    with 0 in place of a zone's id: with it, each zone gets a button, of the form `unzone`, that removes it.
    """
    marked = [(zone.start, zone.end, zone.kind, zone.id) for zone in zones]
    zone_ranges = marked or [(*opening, 0) for opening in _headline_range(text, headline)]
    ranges = [(span.start, span.end) for span in spans]
    edges = [edge for start, end, *_ in zone_ranges for edge in (start, end)]
    breaks = [text_segments.end() for text_segments in _BREAKS.finditer(text) if text_segments.end() < len(text)]
    text_segments = segments(len(text), ranges, cuts=[*edges, *breaks], depth=DRAWN_DEPTH)
    renderer = _SegmentRenderer(text, spans, lanes(text_segments, ranges), selected, escape(extra))
    renderer.short, renderer.colours = short, colours or {}
    renderer.unmark = unmark
    located = _locate_segments(text_segments, [stretch[:3] for stretch in zone_ranges], breaks)
    pieces: list[str] = []
    for zone, members in groupby(located, key=lambda place: place[1] if _is_chrome(place[1], zone_ranges) else None):
        inner = _render_lines(renderer, members, zone_ranges)
        pieces += inner if zone is None else _render_boilerplate(zone_ranges[zone], text, inner, renderer)
        renderer.opened = False
    return mark_safe("".join(pieces))


def _headline_range(text: str, headline: str) -> list[ZoneRange]:
    """The range of the first line if it equals the headline: rendered as a title without a zone."""
    start = len(text) - len(text.lstrip())
    end = start + len(headline)
    return [(start, end, TITLE)] if headline and text[start:end] == headline and text[end : end + 1] == "\n" else []


def _locate_segments(
    text_segments: Sequence[Segment], zones: Sequence[ZoneRange], breaks: Sequence[int]
) -> list[LocatedSegment]:
    """For each segment its line number and the position of its zone, if any; boilerplate wins over other zones."""
    length = text_segments[-1].end if text_segments else 0
    zone_segments = segments(length, [(start, end) for start, end, _ in zones])
    located: list[LocatedSegment] = []
    line = at = 0
    for segment in text_segments:
        while line < len(breaks) and breaks[line] <= segment.start:
            line += 1
        while at < len(zone_segments) and zone_segments[at].end <= segment.start:
            at += 1
        covering = zone_segments[at].covering if at < len(zone_segments) else ()
        boilerplate = [position for position in covering if zones[position][2] == CHROME]
        located.append((line, (boilerplate or list(covering) or _NO_ZONE)[-1], segment))
    return located


def _is_chrome(zone: int | None, zone_ranges: Sequence[tuple[int, int, str, int]]) -> bool:
    return zone is not None and zone_ranges[zone][2] == CHROME


def _render_lines(
    renderer: "_SegmentRenderer", located: Iterable[LocatedSegment], zone_ranges: Sequence[tuple[int, int, str, int]]
) -> list[str]:
    """A block per line, with an element for each zone in it."""
    pieces: list[str] = []
    for _, in_line in groupby(located, key=lambda place: place[0]):
        pieces.append('<div class="ln">')
        for zone, members in groupby(in_line, key=lambda place: place[1]):
            inside = [segment for _, _, segment in members]
            members_start, inner = inside[0].start, [renderer.segment(segment) for segment in inside]
            if zone is None or _is_chrome(zone, zone_ranges):
                pieces += inner
            else:
                kind, pk = zone_ranges[zone][2:]
                button = renderer.unzone(kind, pk) if zone_ranges[zone][0] == members_start else ""
                pieces += [f'<span class="zone {kind}">{button}', *inner, "</span>"]
        pieces.append("</div>")
    return pieces


def _render_boilerplate(
    zone: tuple[int, int, str, int], text: str, inner: list[str], renderer: "_SegmentRenderer"
) -> list[str]:
    start, end, kind, pk = zone
    lines = sum(1 for line in text[start:end].split("\n") if line.strip())
    caption = f"boilerplate, {lines} {'line' if lines == 1 else 'lines'}"
    summary = f'<summary data-caption="{caption}" aria-label="{caption}"></summary>'
    opened = " open" if renderer.opened else ""
    return [f'<details class="zone {kind}"{opened}>{summary}{renderer.unzone(kind, pk)}', *inner, "</details>"]


class _SegmentRenderer:
    """Renders segments one after the other."""

    def __init__(self, text: str, spans: Sequence[ShownSpan], lane: Sequence[int], selected: int, extra: str) -> None:
        self.text, self.spans, self.extra = text, spans, extra
        self.selected = selected
        # Whether the selected span is in the current zone, which then is open.
        self.opened = False
        self.unmark = ""
        self.short: Mapping[str, str] = {}
        self.colours: Mapping[int, str] = {}
        self.lane = lane
        # Attributes that many spans share, rendered once for each kind of span.
        self.kinds: dict[tuple[object, ...], tuple[str, str, str]] = {}

    def unzone(self, kind: str, pk: int) -> str:
        """A button without text, so that only the article is text: the stylesheet draws its sign."""
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
        named = f'aria-label="{self._name(self.spans[inner])}"'
        link = f'href="?span={pk}{self.extra}#s{pk}" draggable="false" {named} title="{title}"'
        return f"{opening}<a {attributes} {link}>{words}</a>{'</span>' * len(outer)}"

    def _attributes(self, position: int, segment: Segment) -> tuple[str, str]:
        """The attributes of each element of a span, and its title."""
        span = self.spans[position]
        self.opened = self.opened or span.pk == self.selected
        classes, title, tag = self._kind(span, self.lane[position])
        named = f' id="s{span.pk}"' if segment.start == span.start else ""
        return f'class="{classes}" data-s={span.pk}{named}{tag if segment.end == span.end else ""}', title

    def _name(self, span: ShownSpan) -> str:
        """What screen readers say: the words, the label and the state."""
        quote = " ".join(self.text[span.start : span.end].split())
        return escape(f"{quote}, {span.label.name}, {span.state}{_LINKED[State(span.link.state)] if span.link else ''}")

    def _kind(self, span: ShownSpan, lane: int) -> tuple[str, str, str]:
        """(classes, title, tag) of a span, cached by kind."""
        linked = span.link.state if span.link else ""
        kind = (span.label_id, span.state, span.score, lane, span.pk == self.selected, linked)
        if kind not in self.kinds:
            state = " selected" if span.pk == self.selected else ""
            level = min(lane, _LANES - 1)
            colour = self.colours.get(span.label_id, "")
            link = f" link-{linked}" if linked else ""
            classes = f"sp {span.state} {colour} n{level} {_score_class(span)}{link}{state}"
            tag = f' data-tag="{escape(self.short[span.label.name])}"'
            self.kinds[kind] = (classes, _describe(span), tag)
        return self.kinds[kind]


def _plain(text: str, start: int, end: int) -> str:
    """Text between spans: in elements, with line breaks outside of them, so that empty lines can be styled."""
    return "".join(
        f"<span>{escape(run[0])}</span>" if run[0][0] != "\n" else _line_breaks(text, run.start(), run[0])
        for run in _LINES.finditer(text, start, end)
    )


def _line_breaks(text: str, start: int, breaks: str) -> str:
    line = start - text.rfind("\n", 0, start)
    alone = len(breaks) == 1 and text[start + 1 : start + 2] not in ("", "\n")
    return f"<i>{breaks}</i>" if alone and line > _PARAGRAPH else breaks


def _score_class(span: ShownSpan) -> str:
    """The class by score; without one, spans of editors are strong, and suggestions are unsure."""
    if span.score is None:
        return "middling" if span.state == State.SUGGESTED else "strong"
    if span.score >= 0.8:
        return "strong"
    return "middling" if span.score >= 0.5 else "weak"


def _describe(span: ShownSpan) -> str:
    score = f", score {span.score:.2f}" if span.score is not None else ""
    return escape(f"{span.label.name}, {span.state}{score}")


def pack_spans(spans: Sequence[ShownSpan]) -> str:
    """The spans for scripts, each as `id:revision:start:length:label:state:score`, packed for thousands of spans.

    A state is its first letter; ids and starts are differences from the previous span. An id or revision of 1 is empty;
    label, state and score are left out if they equal those of the previous span.
    """
    pieces: list[str] = []
    pk, start, kept = 0, 0, ("", "", "")
    for span in spans:
        kind = (str(span.label_id), span.state[0], "" if span.score is None else f"{span.score:.2f}")
        fields = ["" if span.pk - pk == 1 else str(span.pk - pk), "" if span.revision == 1 else str(span.revision)]
        fields += [str(span.start - start), str(span.end - span.start)]
        pieces.append(":".join(fields if kind == kept else [*fields, *kind]))
        pk, start, kept = span.pk, span.start, kind
    return " ".join(pieces)


def pack_links(spans: Sequence[ShownSpan], unlinked: Mapping[int, str]) -> str:
    """The links of the spans for scripts, as JSON: `entities`, `links`, and `unlinked`.

    An entity is a list of id, name, mentions and description. Links are `step:entity:state:score:revision`: the span as
    the difference of its position from that of the last linked one, the entity by its position, and a kind that is left
    out if it equals the last one. `unlinked` has the positions of spans by the reason.
    """
    entities: dict[int, tuple[int, list[Any]]] = {}
    pieces: list[str] = []
    reasons: dict[str, list[int]] = {}
    last, kept = 0, ("", "", "")
    for position, span in enumerate(spans):
        if (link := span.link) is None:
            if reason := unlinked.get(span.pk):
                reasons.setdefault(reason, []).append(position)
            continue
        entity = [link.entity, link.name, link.mentions, *([link.description] if link.description else [])]
        number, _ = entities.setdefault(link.entity, (len(entities), entity))
        kind = (link.state[0], "" if link.score is None else f"{link.score:.2f}", str(link.revision))
        fields = [str(position - last), str(number)]
        pieces.append(":".join(fields if kind == kept else [*fields, *kind]))
        last, kept = position, kind
    packed = {"entities": [entity for _, entity in entities.values()], "links": " ".join(pieces), "unlinked": reasons}
    return json.dumps(packed, ensure_ascii=False, separators=(",", ":"))
