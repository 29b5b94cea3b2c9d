"""The list of articles: narrowed, searched, paged by key. A fixed number of queries a page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.search import SearchHeadline, SearchQuery
from django.db.models import Count, Exists, Expression, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Left

from annotations.review.models import MAIN_LAYER, Review, Span, Stage, State
from annotations.review.queries.changed import changed_since
from annotations.review.queries.narrowing import ANY, SpanFilter
from corpusapp import keyset
from corpusapp.articles.models import Article, Corpus, Source
from corpusapp.articles.queries import older_copies, sizes_of_groups
from corpusapp.articles.search import INDEXED_CHARACTERS, MAX_QUERY, configuration_of, matching, ranked
from corpusapp.refusals import Invalid
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

PAGE_SIZE = 50
# The orders by a column of an article's review.
_OF_REVIEWS = {"work": "expected_actions", "uncertainty": "-uncertainty"}
ORDERS = ("best", "newest", *_OF_REVIEWS)
# Around the words that a search found, in a snippet: characters that are cut out of the text itself beforehand.
HIT_START, HIT_END = "\ue000", "\ue001"
_OPENING = 400


@dataclass(frozen=True)
class ArticleFilter:
    """What a list of articles is narrowed to; `source` is a name.

    `order` is one of ORDERS: `best` (of a search, newest first without one), `newest`, and of those with suggestions to
    decide `work` (fewest expected actions first) or `uncertainty` (least certain first). `editor` is the name of who
    reviews them; `label` and `spans` ask for one span that fits both.
    """

    query: str = ""
    source: str = ""
    published_from: date | None = None
    published_to: date | None = None
    stage: str = ""
    label: str = ""
    updated_since: datetime | None = None
    order: str = "best"
    editor: str = ""
    spans: SpanFilter = ANY


@dataclass
class ArticleRow:
    """One line of a list. `snippet` marks hits by HIT_START and HIT_END; `copies` counts other near copies.

    `expected_actions` is what deciding will probably take, `uncertainty` lies between 0 and 1.
    """

    article: Article
    stage: str
    editor: "User | None"
    suggested: int = 0
    confirmed: int = 0
    snippet: str = ""
    copies: int = 0
    expected_actions: float | None = None
    uncertainty: float | None = None


def list_articles(
    corpora: Sequence[Corpus] | QuerySet[Corpus],
    narrowed: ArticleFilter,
    *,
    cursor: str = "",
    size: int = PAGE_SIZE,
    fold: bool = False,
) -> keyset.Page[ArticleRow]:
    """A page of the articles of `corpora`, newest or best first. The caller has checked who may see them.

    `fold` shows of near copies the oldest alone.
    """
    articles = narrow(Article.objects.filter(corpus__in=corpora, withdrawn_at=None), narrowed)
    if fold:
        articles = articles.exclude(Exists(older_copies()))
    language = corpora[0].language if len(corpora) else "en"
    if narrowed.query and narrowed.order == "best":
        found, next_cursor = _best(articles, narrowed.query, language, cursor, size)
    else:
        if narrowed.query:
            articles = matching(articles, narrowed.query, language)
        if column := _OF_REVIEWS.get(narrowed.order):
            reviews = Review.objects.filter(corpus__in=corpora, article__in=articles)
            found, next_cursor = _by_review(reviews, column, cursor, size)
        else:
            found, next_cursor = _newest(articles, cursor, size)
    return keyset.Page(_rows(_shown(found, narrowed.query, language)), next_cursor)


def found_in(corpus: Corpus, narrowed: ArticleFilter) -> QuerySet[Article]:
    """All articles of the corpus that a filter leaves, its search included, in no order."""
    articles = narrow(Article.objects.filter(corpus=corpus, withdrawn_at=None), narrowed)
    return matching(articles, narrowed.query, corpus.language) if narrowed.query else articles


def narrow(articles: QuerySet[Article], narrowed: ArticleFilter) -> QuerySet[Article]:
    """Apply all of the filter but its search."""
    _check(narrowed)
    if narrowed.source:
        articles = articles.filter(source__in=Source.objects.filter(name=narrowed.source))
    if narrowed.published_from:
        articles = articles.filter(published_on__gte=narrowed.published_from)
    if narrowed.published_to:
        articles = articles.filter(published_on__lte=narrowed.published_to)
    if narrowed.updated_since:
        articles = articles.filter(changed_since(narrowed.updated_since))
    if narrowed.stage:
        in_stage = Review.objects.filter(layer=MAIN_LAYER, stage=narrowed.stage, article=OuterRef("pk"))
        articles = articles.filter(Exists(in_stage))
    if narrowed.editor:
        reviewed = Review.objects.filter(layer=MAIN_LAYER, editor__username=narrowed.editor, article=OuterRef("pk"))
        articles = articles.filter(Exists(reviewed))
    wanted = replace(narrowed.spans, label=narrowed.label or narrowed.spans.label)
    if wanted.narrows:
        articles = articles.filter(Exists(wanted.apply(Span.objects.filter(article=OuterRef("pk")))))
    return articles


def _check(narrowed: ArticleFilter) -> None:
    narrowed.spans.check()
    for name in ("query", "source", "label", "editor"):
        if reason := fault(getattr(narrowed, name)):
            raise Invalid(f"{name} {reason}", field=name)
    if len(narrowed.query) > MAX_QUERY:
        raise Invalid(f"the search has {len(narrowed.query)} characters: at most {MAX_QUERY} are taken", field="query")
    if narrowed.stage and narrowed.stage not in Stage.values:
        raise Invalid(f"{narrowed.stage[:40]!r} is no stage: use one of {', '.join(Stage.values)}", field="stage")
    if narrowed.order not in ORDERS:
        raise Invalid(f"{narrowed.order[:40]!r} is no order: use one of {', '.join(ORDERS)}", field="order")


def _by_review(reviews: QuerySet[Review], order: str, cursor: str, size: int) -> tuple[list[Article], str | None]:
    column, beyond = order.removeprefix("-"), "lt" if order.startswith("-") else "gt"
    reviews = reviews.filter(layer=MAIN_LAYER, stage__in=[Stage.SUGGESTED, Stage.IN_REVIEW])
    reviews = reviews.exclude(**{column: None})
    if cursor:
        weight, last = keyset.decode(cursor, float, int)
        reviews = reviews.filter(Q(**{f"{column}__{beyond}": weight}) | Q(**{column: weight}, article__lt=last))
    found = list(reviews.order_by(order, "-article").values_list(column, "article")[: size + 1])
    next_cursor = keyset.encode(*found[size - 1]) if len(found) > size else None
    return [Article(pk=pk) for _, pk in found[:size]], next_cursor


def _newest(articles: QuerySet[Article], cursor: str, size: int) -> tuple[list[Article], str | None]:
    if cursor:
        (last,) = keyset.decode(cursor, int)
        articles = articles.filter(pk__lt=last)
    found = list(articles.order_by("-pk").only("pk")[: size + 1])
    more = len(found) > size
    return found[:size], keyset.encode(found[size - 1].pk) if more else None


def _best(
    articles: QuerySet[Article], query: str, language: str, cursor: str, size: int
) -> tuple[list[Article], str | None]:
    hits = ranked(articles, query, language)
    if cursor:
        rank, last = keyset.decode(cursor, float, int)
        hits = hits.filter(Q(rank__lt=rank) | Q(rank=rank, pk__lt=last))
    found = list(hits.order_by("-rank", "-pk").only("pk")[: size + 1])
    more = len(found) > size
    return found[:size], keyset.encode(found[size - 1].rank, found[size - 1].pk) if more else None


def _shown(found: Sequence[Article], query: str, language: str) -> list[Article]:
    """The articles in the order found, without their texts, with an `opening` and a `snippet`."""
    opening = Left("text", _OPENING)
    snippet = _headline(query, language) if query else opening
    rows = Article.objects.select_related("source", "corpus").defer("text", "search_vector", "metadata")
    by_id = rows.annotate(opening=opening, snippet=snippet).in_bulk([article.pk for article in found])
    return [by_id[article.pk] for article in found if article.pk in by_id]


# ts_headline leaves out what looks like a tag, but a text that is HTML is to be seen: `<` stands aside meanwhile.
_ASIDE = "\ue002"


def _headline(query: str, language: str) -> Func:
    configuration = configuration_of(language)
    headline = SearchHeadline(
        _translate(Left("text", INDEXED_CHARACTERS), "<" + HIT_START + HIT_END + _ASIDE, _ASIDE),
        SearchQuery(query, config=configuration, search_type="websearch")
        | SearchQuery(query, config="simple", search_type="websearch"),
        config=configuration,
        start_sel=HIT_START,
        stop_sel=HIT_END,
        max_words=45,
        min_words=20,
        max_fragments=2,
        fragment_delimiter=" … ",
    )
    return _translate(headline, _ASIDE, "<")


def _translate(text: Expression, characters: str, others: str) -> Func:
    """Each of `characters` becomes the one of `others` at its place, or goes where there is none."""
    return Func(text, Value(characters), Value(others), function="translate", output_field=TextField())


def _rows(articles: Sequence[Article]) -> list[ArticleRow]:
    ids = [article.pk for article in articles]
    reviews = {
        r.article_id: r for r in Review.objects.filter(article__in=ids, layer=MAIN_LAYER).select_related("editor")
    }
    counts = Span.objects.standing().filter(article__in=ids).values_list("article", "state").annotate(n=Count("id"))
    by_state = {(article, state): n for article, state, n in counts.order_by()}
    groups = sizes_of_groups({article.copy_group_id for article in articles} - {None})
    none = Review()
    return [
        ArticleRow(
            article=article,
            stage=reviews.get(article.pk, none).stage,
            editor=reviews.get(article.pk, none).editor,
            expected_actions=reviews.get(article.pk, none).expected_actions,
            uncertainty=reviews.get(article.pk, none).uncertainty,
            suggested=by_state.get((article.pk, State.SUGGESTED), 0),
            confirmed=by_state.get((article.pk, State.CONFIRMED), 0),
            snippet=article.snippet,
            copies=max(0, groups.get(article.copy_group_id, 1) - 1),
        )
        for article in articles
    ]
