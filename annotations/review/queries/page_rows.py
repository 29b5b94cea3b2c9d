"""The rows of a list of articles: three prepared statements, and one for the texts of a search, sent together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet
from django.db.models.functions import Left

from annotations.review.models import MAIN_LAYER, Review, Span, State
from annotations.review.queries.snippets import snippets
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.queries import sizes_of_groups
from corpusapp.articles.search import INDEXED_CHARACTERS
from corpusapp.core.prepared import Prepared, read_together

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

_OPENING = 400


@dataclass
class ArticleRow:
    """A row of a list. `snippet` marks hits by HIT_START and HIT_END; `copies` counts other near copies.

    `expected_actions` is the expected number of decisions; `uncertainty` is between 0 and 1.
    """

    article: Article
    stage: str
    editor: "User | None"
    finished_at: datetime | None = None
    suggested: int = 0
    confirmed: int = 0
    snippet: str = ""
    copies: int = 0
    expected_actions: float | None = None
    uncertainty: float | None = None


def page_rows(
    articles: Sequence[int], corpora: Iterable[Corpus], query: str = "", language: str = "en"
) -> list[ArticleRow]:
    """The rows of these articles of `corpora`, in this order. With a query, snippets show its hits."""
    ids = list(articles)
    if not ids:
        return []
    reads = [_REVIEWS.of(ids=ids), _COUNTS.of(ids=ids), _SIZES.of(articles=ids)]
    rows, counted, sized, *texts = read_together(*reads, *([_TEXTS.of(ids=ids)] if query else []))
    reviews, by_id = {review.article_id: review for review in rows}, {corpus.pk: corpus for corpus in corpora}
    for review in rows:
        review.article.corpus = by_id[review.corpus_id]
    counts = {(article, state): n for article, state, n in counted}
    sizes = dict(sized)
    shown = snippets(dict(texts[0]), query, language) if query else {}
    return [_row(reviews[pk], counts, sizes, shown) for pk in ids if pk in reviews]


def _row(
    review: Review, counts: dict[tuple[int, str], int], sizes: dict[int, int], shown: dict[int, str]
) -> ArticleRow:
    article = review.article
    article.opening = review.opening  # type: ignore[attr-defined]  # for `Article.headline`
    return ArticleRow(
        article=article,
        stage=review.stage,
        editor=review.editor,
        finished_at=review.done_at,
        expected_actions=review.expected_actions,
        uncertainty=review.uncertainty,
        suggested=counts.get((article.pk, State.SUGGESTED), 0),
        confirmed=counts.get((article.pk, State.CONFIRMED), 0),
        snippet=shown.get(article.pk, review.opening),
        copies=max(0, sizes.get(article.copy_group_id or 0, 1) - 1),
    )


_DEFERRED = (
    "text", "search_vector", "metadata", "dateline", "published_evidence", "text_sha256", "content_sha256",
    "url_sha256", "batch", "previous", "created_at", "withdrawn_at", "erased_at",
)  # fmt: skip


def _reviews(ids: list[int]) -> QuerySet[Review]:
    """The reviews with their articles, without the texts, each with its article's `opening`."""
    rows = Review.objects.filter(article_id__any_of=ids, layer=MAIN_LAYER).order_by()
    rows = rows.select_related("article__source", "editor")
    rows = rows.defer("started_at", *(f"article__{name}" for name in _DEFERRED))
    return rows.annotate(opening=Left("article__text", _OPENING))  # type: ignore[no-redef]  # declared in the model


_REVIEWS = Prepared(_reviews, ids=list)
_COUNTS = Prepared(
    lambda ids: (
        Span.objects.not_rejected()
        .filter(article_id__any_of=ids)
        .order_by()
        .values_list("article", "state")
        .annotate(n=Count("id"))
    ),
    ids=list,
)
_SIZES = Prepared(sizes_of_groups, articles=list)
_TEXTS = Prepared(
    lambda ids: Article.objects.filter(pk__any_of=ids).order_by().values_list("pk", Left("text", INDEXED_CHARACTERS)),
    ids=list,
)
