"""Finds matches: suggestions with the same surface and label, and other ranges with the same surface.

Surfaces match if all their code points are equal. Each text is read once, and only if the database found the surface
in it.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import StrIndex

from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage, State
from annotations.review.queries.surface_search import filter_candidates
from annotations.spans.occurrences import occurrences
from annotations.spans.span import Overlaps
from corpusapp.articles.models import Article, Zone
from corpusapp.text.cutting import keep_after, keep_before
from corpusapp.text.zones import CHROME

MAX_MATCHES = 5000
CONTEXT = 60
_CHUNK = 500
_BREAKS = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


@dataclass(frozen=True)
class Match:
    """A match in context: `text` is at `[start, end)`; `span` and `revision` are None if there is no span."""

    article: int
    title: str
    span: int | None
    revision: int | None
    start: int
    end: int
    label: str
    left: str
    text: str
    right: str


@dataclass
class Matches:
    """Matches, those of the given article first, then newest articles first. `count` can exceed the rows."""

    surface: str
    count: int = 0
    rows: list[Match] = field(default_factory=list)

    @property
    def truncated(self) -> bool:
        return self.count > len(self.rows)

    def add(self, article: Article, start: int, end: int, label: str, span: int | None, revision: int | None) -> None:
        self.count += 1
        if len(self.rows) < MAX_MATCHES:
            left, right = context(article.text, start, end)
            text = article.text[start:end]
            self.rows.append(Match(article.pk, article.headline, span, revision, start, end, label, left, text, right))


@dataclass(frozen=True)
class BoundaryShift:
    """How a move changes a range: code points added to start and end, and the resulting surface `text`."""

    start: int
    end: int
    text: str

    def apply(self, start: int, end: int) -> tuple[int, int]:
        return start + self.start, end + self.end

    def fits(self, text: str, start: int, end: int) -> bool:
        first, last = self.apply(start, end)
        return first >= 0 and text[first:last] == self.text


def context(text: str, start: int, end: int) -> tuple[str, str]:
    """The text before and after a range on the same line, at most 60 code points each, cut between words."""
    # One more, to see whether a word continues.
    left, right = text[max(0, start - CONTEXT - 1) : start], text[end : end + CONTEXT + 1]
    return keep_after(_BREAKS.split(left)[-1], CONTEXT), keep_before(_BREAKS.split(right)[0], CONTEXT)


def matching_spans(span: Span, surface: str, *, corpus: bool, shift: BoundaryShift | None = None) -> Matches:
    """Other suggestions with this surface and the span's label, in open articles of its corpus or in its article.

    With a `shift`, only those whose moved range has the same surface as the moved span. Needs no full-text search: the
    index of labels and the length leave few candidates.
    """
    rows = Span.objects.filter(corpus=span.corpus_id, layer=MAIN_LAYER, label=span.label_id, state=State.SUGGESTED)
    rows = rows.filter(end=F("start") + len(surface)).exclude(pk=span.pk)
    rows = rows.filter(Exists(_open(Article.objects.filter(pk=OuterRef("article")))))
    if not corpus:
        rows = rows.filter(article=span.article_id)
    places: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for pk, start, span_pk, revision in rows.order_by("start", "pk").values_list("article", "start", "pk", "revision"):
        places[pk].append((start, span_pk, revision))
    matches = Matches(surface)
    for article in _texts(_in_order(places, span.article_id), surface):
        for start, span_pk, revision in places[article.pk]:
            end = start + len(surface)
            if article.text[start:end] == surface and (shift is None or shift.fits(article.text, start, end)):
                matches.add(article, start, end, span.label.name, span_pk, revision)
    return matches


def matching_places(article: Article, start: int, end: int, label: Label, *, corpus: bool) -> Matches:
    """Other free ranges with the surface of `[start, end)`, in the article or in open articles of its corpus.

    A range is free if it overlaps no suggested or confirmed span and no boilerplate, and has no rejected span of this
    label. Stops once there are more than can be listed.
    """
    surface = article.text[start:end]
    matches = Matches(surface)
    ids = _open(Article.objects.filter(corpus=article.corpus_id) if corpus else Article.objects.filter(pk=article.pk))
    if corpus:
        ids = filter_candidates(ids, article.corpus_id, surface)
    for chunk in _chunks(_in_order(ids.values_list("pk", flat=True), article.pk)):
        occupied = OccupiedRanges.of(chunk)
        occupied.add(article.pk, start, end)
        for other in _texts(chunk, surface):
            for first, last in occurrences(other.text, surface):
                if not occupied.obstacle(other.pk, first, last, label.pk):
                    matches.add(other, first, last, label.name, None, None)
            if matches.truncated:
                return matches
    return matches


@dataclass
class OccupiedRanges:
    """Ranges of articles where no span can be added: spans, rejected triples and boilerplate."""

    spans: Mapping[int, Overlaps]
    rejected: Collection[tuple[int, int, int, int]]
    chrome: Mapping[int, Overlaps]

    @classmethod
    def of(cls, articles: Collection[int], layer: str = MAIN_LAYER) -> "OccupiedRanges":
        """Read the occupied ranges of a layer of these articles: two queries."""
        spans: defaultdict[int, Overlaps] = defaultdict(Overlaps)
        rejected: set[tuple[int, int, int, int]] = set()
        rows = Span.objects.filter(article__in=articles, layer=layer).order_by()
        for article, start, end, label, state in rows.values_list("article", "start", "end", "label", "state"):
            if state == State.REJECTED:
                rejected.add((article, start, end, label))
            else:
                spans[article].add(start, end, state)
        chrome: defaultdict[int, Overlaps] = defaultdict(Overlaps)
        zones = Zone.objects.filter(article__in=articles, kind=CHROME).order_by()
        for article, start, end in zones.values_list("article", "start", "end"):
            chrome[article].add(start, end, CHROME)
        return cls(spans, rejected, chrome)

    def add(self, article: int, start: int, end: int) -> None:
        """Mark a range as occupied by a confirmed span."""
        self.spans[article].add(start, end, State.CONFIRMED)

    def obstacle(self, article: int, start: int, end: int, label_id: int) -> str | None:
        """Why no span of this label can be added here, or None."""
        if (article, start, end, label_id) in self.rejected:
            return "it was rejected here"
        if state := self.spans[article].at(start, end):
            return f"there is a {state} span"
        return "it is in boilerplate" if self.chrome[article].at(start, end) else None


def _open(articles: QuerySet[Article]) -> QuerySet[Article]:
    """Articles that are neither withdrawn nor done."""
    reviews = Review.objects.filter(article=OuterRef("pk"), layer=MAIN_LAYER).exclude(stage=Stage.DONE)
    return articles.filter(Exists(reviews), withdrawn_at=None)


def _in_order(ids: Collection[int] | QuerySet, first: int) -> list[int]:
    """The article `first`, then the newest."""
    return sorted(ids, key=lambda pk: (pk != first, -pk))


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[position : position + _CHUNK] for position in range(0, len(ids), _CHUNK))


def _texts(ids: Sequence[int], surface: str) -> Iterator[Article]:
    """The articles that contain the surface, with their texts, in the order given."""
    for chunk in _chunks(ids):
        rows = Article.objects.filter(pk__in=chunk).alias(at=StrIndex("text", Value(surface))).filter(at__gt=0)
        articles = rows.only("title", "text").in_bulk()
        yield from (articles[pk] for pk in chunk if pk in articles)
