"""The list of spans of corpora: filtered and paged by key."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from annotations.review.models import MAIN_LAYER, Change, Review, Span
from annotations.review.queries.listing import ArticleFilter, SpanFilter, filter_articles
from corpusapp.articles.models import Article, Corpus
from corpusapp.core import keyset
from corpusapp.core.errors import Invalid
from corpusapp.text.wellformed import fault


def stages_of(articles: Sequence[int], layer: str = MAIN_LAYER) -> dict[int, str]:
    """The stages of a layer of these articles, by id."""
    reviews = Review.objects.filter(article__in=articles, layer=layer).order_by()
    return dict(reviews.values_list("article", "stage"))


def list_spans(
    corpora: Sequence[Corpus],
    article_filter: ArticleFilter,
    span_filter: SpanFilter,
    *,
    article: int | None = None,
    label: str = "",
    editor: str = "",
    updated_since: datetime | None = None,
    cursor: str = "",
    size: int = 50,
) -> keyset.Page[Span]:
    """A page of spans, newest first. The caller has checked who may see the corpora.

    `editor` and `updated_since` filter by changes of the span itself.
    """
    span_filter = replace(span_filter, label=label)
    span_filter.check()
    if reason := fault(editor):
        raise Invalid(f"editor {reason}", field="editor")
    articles = Article.objects.all()
    if article_filter.external_ids:
        # Their index begins with the corpus.
        articles = articles.filter(corpus__in=corpora)
    of_corpora = Span.objects.filter(corpus__in=corpora, layer=MAIN_LAYER)
    rows = _filter(of_corpora, articles, article_filter, span_filter)
    if article is not None:
        rows = rows.filter(article=article)
    if editor or updated_since:
        changes = Change.objects.filter(span_id=OuterRef("pk"))
        if editor:
            changes = changes.filter(decision__user__username=editor, implicit=False)
        if updated_since:
            changes = changes.filter(decision__created_at__gte=updated_since)
        rows = rows.filter(Exists(changes))
    if cursor:
        (last,) = keyset.decode(cursor, int)
        rows = rows.filter(pk__lt=last)
    page = list(rows.select_related("label", "pipeline").order_by("-pk")[: size + 1])
    return keyset.Page(page[:size], keyset.encode(page[size - 1].pk) if len(page) > size else None)


def _filter(
    rows: QuerySet[Span], articles: QuerySet[Article], article_filter: ArticleFilter, span_filter: SpanFilter
) -> QuerySet[Span]:
    articles = articles.filter(pk=OuterRef("article"), withdrawn_at=None)
    return span_filter.apply(rows).filter(Exists(filter_articles(articles, article_filter)))
