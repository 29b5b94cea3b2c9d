"""Where words stand in the texts of a corpus, and which spans stand there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet, TextChoices

from annotations.review.models import MAIN_LAYER, Span, State
from annotations.review.queries.holding import newest_that_may_hold
from annotations.spans.occurrences import occurrences, whole_matches
from corpusapp.articles.models import Article, Zone
from corpusapp.text.zones import CHROME

if TYPE_CHECKING:
    from annotations.review.queries.concordance import Asked

# Of one article no more mentions are looked at: a text of nothing but one word holds a million.
MOST_IN_ARTICLE = 10_000
# No span that holds a mention begins further before it, in code points.
_REACH = 300
_KEY_LENGTH = 60
_FREE = "none"


class Words(TextChoices):
    """How words are sought: side by side in any case; exactly as written, as a name of its own; as a beginning."""

    WORDS = "words"
    EXACT = "exact"
    PREFIX = "prefix"


class Mention(NamedTuple):
    """Words at `[start, end)` of an article, as a span, or as a place without one: `free` where one may be added.

    `key` sorts it among all mentions.
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
class Seeker:
    """What is sought among the articles of a corpus. `label_id` is None for all labels."""

    corpus_id: int
    asked: "Asked"
    articles: QuerySet[Article]
    label_id: int | None

    def candidates(self, limit: int, newest: int | None = None) -> list[int]:
        """The ids of articles that may hold the words, those that came in last first; from `newest` on."""
        articles = self.articles if newest is None else self.articles.filter(pk__lte=newest)
        return newest_that_may_hold(articles, self.asked.query, limit, prefix=self.asked.mode == Words.PREFIX)

    def places(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the words stand in a text."""
        if self.asked.mode == Words.EXACT:
            return occurrences(text, self.asked.query)
        return whole_matches(text, self.asked.query, prefix=self.asked.mode == Words.PREFIX)

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
        if self.asked.order == "date":
            # Unknown days come last.
            first = -published.toordinal() if published else 0
        elif self.asked.order == "score":
            # The least likely first, and last what has no score.
            first = 2.0 if score is None else score
        elif self.asked.order == "right":
            first = " ".join(text[end : end + _KEY_LENGTH].split()).casefold()
        elif self.asked.order == "left":
            first = " ".join(reversed(text[max(0, start - _KEY_LENGTH) : start].split())).casefold()
        return (first, -article, start, end, span)

    def fits(self, state: str, label: int, score: float | None) -> bool:
        """Whether a span of this kind is to be shown."""
        return (
            state in self.asked.states
            and self.label_id in (None, label)
            and (self.asked.score_from is None or (score is not None and score >= self.asked.score_from))
            and (self.asked.score_to is None or (score is not None and score <= self.asked.score_to))
        )

    @property
    def spans_only(self) -> bool:
        """Whether what is asked for can be said of spans alone."""
        scored = self.asked.score_from is not None or self.asked.score_to is not None
        return scored or self.label_id is not None or _FREE not in self.asked.states


def mentions_in(seeker: Seeker, ids: Sequence[int]) -> Iterator[Mention]:
    """The mentions that fit in these articles, of each the first MOST_IN_ARTICLE places: three queries."""
    texts = {pk: row for pk, *row in Article.objects.filter(pk__in=ids).values_list("pk", "published_on", "text")}
    places = [
        (pk, *place) for pk in ids if pk in texts for place in islice(seeker.places(texts[pk][1]), MOST_IN_ARTICLE)
    ]
    if not places:
        return
    around = _spans_around(places)
    chrome = {} if seeker.spans_only else _chrome(ids)
    seen: set[int] = set()
    for number, (article, start, end) in enumerate(places, start=1):
        published, text = texts[article]
        spans = around.get(number, ())
        holding = [row for row in spans if _holds(seeker, row[1:3], (start, end))]
        for pk, first, last, label, state, score, revision in holding:
            if pk not in seen and seeker.fits(state, label, score):
                seen.add(pk)
                key = seeker.key(article, published, text, first, last, pk, score)
                yield Mention(key, article, first, last, text[first:last], pk, revision, label, state, score)
        furniture = any(first < end and start < last for first, last in chrome.get(article, ()))
        if not (holding or furniture or seeker.spans_only):
            free = not any(row[4] != State.REJECTED for row in spans)
            key = seeker.key(article, published, text, start, end, 0)
            yield Mention(key, article, start, end, text[start:end], free=free)


def _holds(seeker: Seeker, span: tuple[int, int], place: tuple[int, int]) -> bool:
    """Whether a span shows a place: where an exact name is sought, only one that marks no more."""
    if seeker.asked.mode == Words.EXACT:
        return span == place
    return span[0] <= place[0] and place[1] <= span[1]


def _spans_around(places: Sequence[tuple[int, int, int]]) -> dict[int, list[tuple]]:
    """By the number of a place, from 1: (id, start, end, label, state, score, revision) of spans that touch it."""
    found: defaultdict[int, list[tuple]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_AROUND, [*([*column] for column in zip(*places, strict=True)), MAIN_LAYER, _REACH])
        for number, *row in cursor.fetchall():
            found[number].append(tuple(row))
    return found


def _chrome(articles: Sequence[int]) -> dict[int, list[tuple[int, int]]]:
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    zones = Zone.objects.filter(article__in=articles, kind=CHROME).order_by()
    for article, start, end in zones.values_list("article", "start", "end"):
        found[article].append((start, end))
    return found


def spans_that_fit(seeker: Seeker, key: tuple | None, size: int) -> list[Mention]:
    """Spans of whatever words, of the articles that came in last first. Their surfaces are not read."""
    asked = seeker.asked
    rows = Span.objects.filter(corpus=seeker.corpus_id, layer=MAIN_LAYER, state__in=asked.states)
    rows = rows.filter(article__withdrawn_at=None)
    if asked.source or asked.published_from or asked.published_to:
        rows = rows.filter(article__in=seeker.articles)
    if seeker.label_id is not None:
        rows = rows.filter(label=seeker.label_id)
    if asked.score_from is not None:
        rows = rows.filter(score__gte=asked.score_from)
    if asked.score_to is not None:
        rows = rows.filter(score__lte=asked.score_to)
    if key:
        article, start, end, span = -key[1], *key[2:]
        here = Q(start__gt=start) | Q(start=start, end__gt=end) | Q(start=start, end=end, pk__gt=span)
        rows = rows.filter(Q(article__lt=article) | Q(article=article) & here)
    columns = ("article", "start", "end", "pk", "revision", "label", "state", "score")
    found = rows.order_by("-article", "start", "end", "pk").values_list(*columns)[:size]
    return [
        Mention((0, -article, start, end, pk), article, start, end, "", pk, *more)
        for article, start, end, pk, *more in found
    ]


# Place by place over the index: joined as wholes, all places of a long article would be held against all of its spans.
_AROUND = """
    SELECT w.n, s.id, s.start, s."end", s.label_id, s.state, s.score, s.revision
    FROM unnest(%s::bigint[], %s::int[], %s::int[]) WITH ORDINALITY AS w (article_id, start, "end", n)
    CROSS JOIN LATERAL (
        SELECT * FROM review_span span WHERE span.article_id = w.article_id AND span.layer = %s
        AND span.start < w."end" AND span.start >= w.start - %s AND span."end" > w.start OFFSET 0
    ) s
    ORDER BY w.n, s.start, s."end" DESC, s.id
"""
