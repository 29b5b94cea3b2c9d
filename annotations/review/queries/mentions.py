"""Finds mentions of words in the texts of a corpus, and the spans at them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet, TextChoices

from annotations.review.models import MAIN_LAYER, Span, State
from annotations.review.queries.surface_search import newest_candidates
from annotations.spans.occurrences import occurrences, whole_matches
from corpusapp.articles.models import Article, Zone
from corpusapp.text.zones import CHROME

if TYPE_CHECKING:
    from annotations.review.queries.concordance import ConcordanceFilter

# Mentions read per article: a text that repeats one word can contain a million.
MOST_IN_ARTICLE = 10_000
# How far before a mention, in code points, a span that contains it can start.
_LONGEST_SPAN = 300
_KEY_LENGTH = 60
_FREE = "none"


class SearchMode(TextChoices):
    """How a query matches: whole words in any case, an exact name, or the beginning of a word."""

    WORDS = "words"
    EXACT = "exact"
    PREFIX = "prefix"


class Mention(NamedTuple):
    """A mention at `[start, end)` of an article, with its span if it has one; `free` if a span can be added.

    Mentions are sorted by `key`.
    """

    key: tuple
    article: int
    start: int
    end: int
    surface: str
    span: int | None = None
    revision: int | None = None
    label: int | None = None
    state: str = _FREE
    score: float | None = None
    free: bool = False


@dataclass(frozen=True)
class MentionSearch:
    """A search for mentions among the articles of a corpus. `label_id` is None for all labels."""

    corpus_id: int
    filters: "ConcordanceFilter"
    articles: QuerySet[Article]
    label_id: int | None

    def candidates(self, limit: int, newest: int | None = None) -> list[int]:
        """The ids of articles that may contain the words, newest first, starting at the id `newest`."""
        articles = self.articles if newest is None else self.articles.filter(pk__lte=newest)
        return newest_candidates(articles, self.filters.query, limit, prefix=self.filters.mode == SearchMode.PREFIX)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """The ranges of a text that match the query."""
        if self.filters.mode == SearchMode.EXACT:
            return occurrences(text, self.filters.query)
        return whole_matches(text, self.filters.query, prefix=self.filters.mode == SearchMode.PREFIX)

    def key(
        self,
        article: int,
        published: date | None,
        text: str,
        start: int,
        end: int,
        span: int,
        score: float | None = None,
    ) -> tuple:
        first: float | str = 0
        if self.filters.order == "date":
            # Unknown dates come last.
            first = -published.toordinal() if published else 0
        elif self.filters.order == "score":
            # Lowest scores first; mentions without a score come last.
            first = 2.0 if score is None else score
        elif self.filters.order == "right":
            first = " ".join(text[end : end + _KEY_LENGTH].split()).casefold()
        elif self.filters.order == "left":
            first = " ".join(reversed(text[max(0, start - _KEY_LENGTH) : start].split())).casefold()
        return (first, -article, start, end, span)

    def fits(self, state: str, label: int, score: float | None) -> bool:
        """Whether a span with these values passes the filters."""
        return (
            state in self.filters.states
            and self.label_id in (None, label)
            and (self.filters.score_from is None or (score is not None and score >= self.filters.score_from))
            and (self.filters.score_to is None or (score is not None and score <= self.filters.score_to))
        )

    @property
    def spans_only(self) -> bool:
        """Whether the filters exclude mentions without a span."""
        scored = self.filters.score_from is not None or self.filters.score_to is not None
        return scored or self.label_id is not None or _FREE not in self.filters.states


def mentions_in(search: MentionSearch, ids: Sequence[int]) -> Iterator[Mention]:
    """The matching mentions in these articles, from the first MOST_IN_ARTICLE ranges of each: three queries."""
    rows = Article.objects.filter(pk__in=ids).values_list("pk", "published_on", "text")
    texts = {pk: (published, text) for pk, published, text in rows}
    places = [
        (pk, *place) for pk in ids if pk in texts for place in islice(search.places(texts[pk][1]), MOST_IN_ARTICLE)
    ]
    if not places:
        return
    around = _spans_around(places)
    chrome = {} if search.spans_only else _chrome(ids)
    seen: set[int] = set()
    for number, (article, start, end) in enumerate(places, start=1):
        published, text = texts[article]
        spans = around.get(number, ())
        containing = [row for row in spans if _contains(search, row[1:3], (start, end))]
        for pk, first, last, label, state, score, revision in containing:
            if pk not in seen and search.fits(state, label, score):
                seen.add(pk)
                key = search.key(article, published, text, first, last, pk, score)
                yield Mention(key, article, first, last, text[first:last], pk, revision, label, state, score)
        boilerplate = any(first < end and start < last for first, last in chrome.get(article, ()))
        if not (containing or boilerplate or search.spans_only):
            free = not any(row[4] != State.REJECTED for row in spans)
            key = search.key(article, published, text, start, end, 0)
            yield Mention(key, article, start, end, text[start:end], free=free)


def _contains(search: MentionSearch, span: tuple[int, int], place: tuple[int, int]) -> bool:
    """Whether a span contains a range; for exact names, whether they are equal."""
    if search.filters.mode == SearchMode.EXACT:
        return span == place
    return span[0] <= place[0] and place[1] <= span[1]


def _spans_around(places: Sequence[tuple[int, int, int]]) -> dict[int, list[tuple]]:
    """By the number of a range, from 1: (id, start, end, label, state, score, revision) of spans that overlap it."""
    spans: defaultdict[int, list[tuple]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [*([*column] for column in zip(*places, strict=True)), MAIN_LAYER, _LONGEST_SPAN])
        for number, *row in cursor.fetchall():
            spans[number].append(tuple(row))
    return spans


def _chrome(articles: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    ranges: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    zones = Zone.objects.filter(article__in=articles, kind=CHROME).order_by()
    for article, start, end in zones.values_list("article", "start", "end"):
        ranges[article].append((start, end))
    return ranges


def matching_spans(search: MentionSearch, key: tuple | None, size: int) -> list[Mention]:
    """Spans that pass the filters, newest articles first, without their surfaces."""
    filters = search.filters
    rows = Span.objects.filter(corpus=search.corpus_id, layer=MAIN_LAYER, state__in=filters.states)
    rows = rows.filter(article__withdrawn_at=None)
    if filters.source or filters.published_from or filters.published_to:
        rows = rows.filter(article__in=search.articles)
    if search.label_id is not None:
        rows = rows.filter(label=search.label_id)
    if filters.score_from is not None:
        rows = rows.filter(score__gte=filters.score_from)
    if filters.score_to is not None:
        rows = rows.filter(score__lte=filters.score_to)
    if key:
        article, start, end, span = -key[1], *key[2:]
        here = Q(start__gt=start) | Q(start=start, end__gt=end) | Q(start=start, end=end, pk__gt=span)
        rows = rows.filter(Q(article__lt=article) | Q(article=article) & here)
    columns = ("article", "start", "end", "pk", "revision", "label", "state", "score")
    spans = rows.order_by("-article", "start", "end", "pk").values_list(*columns)[:size]
    return [
        Mention((0, -article, start, end, pk), article, start, end, "", pk, *more)
        for article, start, end, pk, *more in spans
    ]


# LATERAL, so that each range uses the index: a plain join compares all ranges of an article with all of its spans.
_AROUND = """
    SELECT w.n, s.id, s.start, s."end", s.label_id, s.state, s.score, s.revision
    FROM unnest(%s::bigint[], %s::int[], %s::int[]) WITH ORDINALITY AS w (article_id, start, "end", n)
    CROSS JOIN LATERAL (
        SELECT * FROM review_span span WHERE span.article_id = w.article_id AND span.layer = %s
        AND span.start < w."end" AND span.start >= w.start - %s AND span."end" > w.start OFFSET 0
    ) s
    ORDER BY w.n, s.start, s."end" DESC, s.id
"""
