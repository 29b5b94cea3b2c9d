"""The concordance: all mentions of some words in a corpus, each in context.

With a query, mentions are ranges of texts that match it, shown as the spans that contain them or, if there is none, as
ranges without a span. Without a query, they are all spans that match the filters.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, repeat

from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Label, Review, Stage, State
from annotations.review.queries.matches import context
from annotations.review.queries.mentions import (
    MOST_IN_ARTICLE,
    Mention,
    MentionSearch,
    SearchMode,
    matching_spans,
    mentions_in,
)
from corpusapp.articles.models import Article, Corpus, Source
from corpusapp.articles.search import check_query
from corpusapp.core import keyset
from corpusapp.core.errors import Invalid
from corpusapp.text.wellformed import fault

PAGE_SIZE, MAX_PAGE = 50, 500
# Mentions are counted, and sorted by date or context, in this many articles; order `newest` continues beyond them.
LOOKED_ARTICLES = 1000
# Counting ends once this many mentions were found.
COUNTED_MENTIONS = 10_000
GROUPS = 40
FREE = "none"
STATES = (*State.values, FREE)
ORDERS = ("newest", "date", "left", "right", "score")
_KEY_TYPES = {"newest": int, "date": int, "score": float}
_CHUNKS = (40, 160, 500)
_COUNT_CHUNK = 200


@dataclass(frozen=True)
class ConcordanceFilter:
    """Filters of a concordance. `surface` is an exact form of the mention, `source` a name."""

    query: str = ""
    mode: str = SearchMode.WORDS
    surface: str = ""
    label: str = ""
    states: Sequence[str] = (State.SUGGESTED, State.CONFIRMED, FREE)
    score_from: float | None = None
    score_to: float | None = None
    source: str = ""
    published_from: date | None = None
    published_to: date | None = None
    order: str = "newest"


@dataclass(frozen=True)
class Row:
    """A mention with its article and context. `open` says whether it can be decided."""

    mention: Mention
    article: Article
    label: Label | None
    left: str
    text: str
    right: str
    open: bool


@dataclass
class Concordance:
    """A page of mentions. Counts are on the first page; if `cut`, they cover only the `looked` newest articles."""

    rows: Sequence[Row] = ()
    next_cursor: str | None = None
    groups: Sequence[tuple[str, int]] = ()
    forms: int = 0
    total: int | None = None
    articles: int = 0
    looked: int = 0
    cut: bool = False


def concordance(corpus: Corpus, filters: ConcordanceFilter, *, cursor: str = "", size: int = PAGE_SIZE) -> Concordance:
    """A page of mentions. The caller has checked who may see the corpus."""
    check_filters(filters)
    labels = {label.pk: label for label in Label.objects.filter(corpus=corpus)}
    search = MentionSearch(corpus.pk, filters, _articles(corpus, filters), _label_id(labels.values(), filters.label))
    if not filters.query:
        return _span_page(search, labels, cursor, size)
    if filters.order == "newest" and cursor:
        return _next_page(search, labels, cursor, size)
    return _counted_page(search, labels, cursor, size)


def check_filters(filters: ConcordanceFilter) -> None:
    """Refuse filters that are invalid, or invalid together."""
    for name in ("surface", "source", "label"):
        if reason := fault(getattr(filters, name)):
            raise Invalid(f"{name} {reason}", field=name)
    check_query(filters.query)
    if filters.query and not filters.query.strip():
        raise Invalid("the search is empty: enter a name or words", field="q")
    for name, value, known in (("mode", filters.mode, SearchMode.values), ("order", filters.order, ORDERS)):
        if value not in known:
            raise Invalid(f"{name} must be one of {', '.join(known)}, not {value[:40]!r}", field=name)
    if unknown := [state for state in filters.states if state not in STATES]:
        raise Invalid(f"{unknown[0][:40]!r} is not a state: use {', '.join(STATES)}", field="state")
    for name in ("score_from", "score_to"):
        score = getattr(filters, name)
        if score is not None and not 0 <= score <= 1:
            raise Invalid("a score is between 0 and 1", field=name)
    if not filters.query and (filters.order != "newest" or filters.surface):
        raise Invalid("order and form need a search: enter a name or words", field="q")


def _articles(corpus: Corpus, filters: ConcordanceFilter) -> QuerySet[Article]:
    articles = Article.objects.filter(corpus=corpus, withdrawn_at=None)
    if filters.source:
        articles = articles.filter(source__in=Source.objects.filter(corpus=corpus, name=filters.source))
    if filters.published_from:
        articles = articles.filter(published_on__gte=filters.published_from)
    if filters.published_to:
        articles = articles.filter(published_on__lte=filters.published_to)
    return articles


def _label_id(labels: Iterable[Label], name: str) -> int | None:
    """The id of the label with this name; 0, which no label has, if the corpus has none; None without a name."""
    return next((label.pk for label in labels if label.name == name), 0) if name else None


def _counted_page(search: MentionSearch, labels: dict[int, Label], cursor: str, size: int) -> Concordance:
    """The first page, or any page not ordered by `newest`: finds and counts all mentions in the newest articles."""
    ids = search.candidates(LOOKED_ARTICLES + 1)
    mentions: list[Mention] = []
    looked = 0
    for chunk in _chunks(ids[:LOOKED_ARTICLES]):
        mentions += mentions_in(search, chunk)
        looked += len(chunk)
        if len(mentions) > COUNTED_MENTIONS:
            break
    cut = looked < len(ids) or len(mentions) >= MOST_IN_ARTICLE
    forms = Counter(mention.surface for mention in mentions)
    if search.filters.surface:
        mentions = [mention for mention in mentions if mention.surface == search.filters.surface]
    mentions.sort(key=lambda mention: mention.key)
    if cursor:
        key = _key(cursor, search)
        after = [mention for mention in mentions if mention.key > key]
    else:
        after = mentions
    shown = after[:size]
    more = len(after) > size or (cut and search.filters.order == "newest")
    return Concordance(
        rows=_rows(shown, labels),
        next_cursor=keyset.encode(*shown[-1].key) if more and shown else None,
        groups=forms.most_common(GROUPS),
        forms=len(forms),
        total=len(mentions),
        articles=len({mention.article for mention in mentions}),
        looked=looked,
        cut=cut,
    )


def _next_page(search: MentionSearch, labels: dict[int, Label], cursor: str, size: int) -> Concordance:
    """A later page in the order `newest`: reads articles until the page is full."""
    key = _key(cursor, search)
    mentions: list[Mention] = []
    newest: int | None = -key[1]
    for limit in chain(_CHUNKS, repeat(_CHUNKS[-1])):
        ids = search.candidates(limit, newest)
        fresh = [mention for mention in mentions_in(search, ids) if mention.key > key]
        if search.filters.surface:
            fresh = [mention for mention in fresh if mention.surface == search.filters.surface]
        mentions += sorted(fresh, key=lambda mention: mention.key)
        if len(mentions) > size or len(ids) < limit:
            break
        newest = ids[-1] - 1
    shown = mentions[:size]
    return Concordance(_rows(shown, labels), keyset.encode(*shown[-1].key) if len(mentions) > size else None)


def _span_page(search: MentionSearch, labels: dict[int, Label], cursor: str, size: int) -> Concordance:
    mentions = matching_spans(search, _key(cursor, search) if cursor else None, size + 1)
    shown = mentions[:size]
    return Concordance(_rows(shown, labels), keyset.encode(*shown[-1].key) if len(mentions) > size else None)


def _key(cursor: str, search: MentionSearch) -> tuple:
    return keyset.decode(cursor, _KEY_TYPES.get(search.filters.order, str), int, int, int, int)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + _COUNT_CHUNK] for at in range(0, len(ids), _COUNT_CHUNK))


def _rows(mentions: Sequence[Mention], labels: dict[int, Label]) -> list[Row]:
    """The mentions with their contexts and articles: two queries."""
    ids = {mention.article for mention in mentions}
    rows = Article.objects.select_related("source", "corpus").defer("search_vector", "metadata")
    articles = rows.in_bulk(ids)
    done = set(
        Review.objects.filter(article__in=ids, layer=MAIN_LAYER, stage=Stage.DONE).values_list("article", flat=True)
    )
    lines = []
    for mention in mentions:
        if article := articles.get(mention.article):
            left, right = context(article.text, mention.start, mention.end)
            decidable = article.pk not in done and (mention.span is not None or mention.free)
            text = article.text[mention.start : mention.end]
            lines.append(Row(mention, article, labels.get(mention.label or 0), left, text, right, decidable))
    return lines
