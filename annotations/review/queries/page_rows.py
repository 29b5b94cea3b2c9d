"""The rows of a list of articles: a few prepared statements that are sent together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Count, F, Func, IntegerField, QuerySet, Value
from django.db.models.functions import Left

from annotations.review.models import MAIN_LAYER, Review, Span, State
from annotations.review.queries.snippets import HIT_START, excerpt, running_text, snippets
from corpusapp.articles.models import Article, Corpus, Zone
from corpusapp.articles.queries import sizes_of_groups
from corpusapp.articles.search import INDEXED_CHARACTERS
from corpusapp.core.prepared import Prepared, read_together
from corpusapp.text.zones import CHROME, TITLE

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Code points of a text among which its excerpt is looked for.
_OPENING = 2000


@dataclass
class ArticleRow:
    """A row of a list. `snippet` is of the running text, and marks hits by HIT_START and HIT_END.

    `copies` counts other near copies, `words` those of the text if asked for. `expected_actions` is the expected number
    of decisions; `uncertainty` is between 0 and 1.
    """

    article: Article
    stage: str
    editor: "User | None"
    assignee: "User | None" = None
    finished_at: datetime | None = None
    suggested: int = 0
    confirmed: int = 0
    snippet: str = ""
    copies: int = 0
    expected_actions: float | None = None
    uncertainty: float | None = None
    words: int | None = None


def page_rows(
    articles: Sequence[int],
    corpora: Iterable[Corpus],
    query: str = "",
    language: str = "en",
    *,
    words: bool = False,
) -> list[ArticleRow]:
    """The rows of these articles of `corpora`, in this order. With a query, snippets show its hits."""
    ids = list(articles)
    if not ids:
        return []
    reads = [_REVIEWS.of(ids=ids), _COUNTS.of(ids=ids), _SIZES.of(articles=ids), _ZONES.of(ids=ids)]
    reads += [_TEXTS.of(ids=ids)] if query else []
    reads += [_WORDS.of(ids=ids)] if words else []
    rows, counted, sized, zoned, *more = read_together(*reads)
    reviews, by_id = {review.article_id: review for review in rows}, {corpus.pk: corpus for corpus in corpora}
    for review in rows:
        review.article.corpus = by_id[review.corpus_id]
        review.article.opening = review.opening  # for `Article.headline`
    zones: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    hidden: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for pk, start, end, kind in zoned:
        zones[pk].append((start, end))
        if kind in (TITLE, CHROME):
            hidden[pk].append((start, end))
    marked = _marked(dict(more[0]), (zones, hidden), query, language) if query else {}
    return _rows(
        [reviews[pk] for pk in ids if pk in reviews],
        counts={(article, state): n for article, state, n in counted},
        sizes=dict(sized),
        shown={pk: excerpt(row.opening, zones[pk], row.article.headline) for pk, row in reviews.items()} | marked,
        words=dict(more[-1]) if words else {},
    )


def _marked(
    texts: Mapping[int, str],
    left_out: Sequence[Mapping[int, Sequence[tuple[int, int]]]],
    query: str,
    language: str,
) -> dict[int, str]:
    """Snippets around hits outside the first of `left_out`, or else outside the next ones; of texts with hits only."""
    found: dict[int, str] = {}
    for zones in left_out:
        rest = {pk: running_text(text, zones[pk]) for pk, text in texts.items() if pk not in found}
        found |= {pk: text for pk, text in snippets(rest, query, language).items() if HIT_START in text}
    return found


def _rows(
    reviews: Iterable[Review],
    *,
    counts: dict[tuple[int, str], int],
    sizes: dict[int, int],
    shown: dict[int, str],
    words: dict[int, int],
) -> list[ArticleRow]:
    return [
        ArticleRow(
            article=review.article,
            stage=review.stage,
            editor=review.editor,
            assignee=review.assignee,
            finished_at=review.done_at,
            expected_actions=review.expected_actions,
            uncertainty=review.uncertainty,
            suggested=counts.get((review.article_id, State.SUGGESTED), 0),
            confirmed=counts.get((review.article_id, State.CONFIRMED), 0),
            snippet=shown[review.article_id],
            copies=max(0, sizes.get(review.article.copy_group_id or 0, 1) - 1),
            words=words.get(review.article_id),
        )
        for review in reviews
    ]


_DEFERRED = (
    "text", "search_vector", "metadata", "dateline", "published_evidence", "text_sha256", "content_sha256",
    "url_sha256", "batch", "previous", "created_at", "withdrawn_at", "erased_at",
)  # fmt: skip


def _reviews(ids: list[int]) -> QuerySet[Review]:
    """The reviews with their articles, without the texts, each with its article's `opening`."""
    rows = Review.objects.filter(article_id__any_of=ids, layer=MAIN_LAYER).order_by()
    rows = rows.select_related("article__source", "editor", "assignee")
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
_ZONES = Prepared(
    lambda ids: (
        Zone.objects.filter(article_id__any_of=ids)
        .order_by("start", "end")
        .values_list("article", "start", "end", "kind")
    ),
    ids=list,
)
_WORDS = Prepared(
    lambda ids: (
        Article.objects.filter(pk__any_of=ids)
        .order_by()
        .values_list("pk", Func(F("text"), Value(r"\S+"), function="regexp_count", output_field=IntegerField()))
    ),
    ids=list,
)
_SIZES = Prepared(sizes_of_groups, articles=list)
_TEXTS = Prepared(
    lambda ids: Article.objects.filter(pk__any_of=ids).order_by().values_list("pk", Left("text", INDEXED_CHARACTERS)),
    ids=list,
)
