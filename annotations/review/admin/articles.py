"""The admin page of articles with stage and counts of spans, and bulk actions to finish and reopen."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotations.review.actions.stages import MAX_ARTICLES, finish_many, reopen
from annotations.review.models import MAIN_LAYER, Review, Span, Stage, State
from corpusapp.accounts.requests import user_of
from corpusapp.articles.admin import bulk
from corpusapp.articles.admin.articles import ArticleAdmin, offer_action
from corpusapp.articles.admin.filters import CorpusFilter, SourceFilter, WithdrawnFilter
from corpusapp.articles.models import Article
from corpusapp.core.admin.scoped import ScopedAdmin


@offer_action
@admin.action(description="Mark the selected articles done")
def mark_done(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> None:
    bulk.in_batches(page, request, queryset, "Marked done", finish_many, most=MAX_ARTICLES)


@offer_action
@admin.action(description="Reopen the selected articles")
def take_back(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> None:
    act = lambda article: reopen(user=user_of(request), article=article)  # noqa: E731
    bulk.each_article(page, request, queryset, "Reopened", act)


class StageFilter(admin.SimpleListFilter):
    title = "stage"
    parameter_name = "stage"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, label.capitalize()) for value, label in Stage.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() not in Stage.values:
            return queryset
        in_stage = Review.objects.filter(layer=MAIN_LAYER, stage=self.value())
        return queryset.filter(pk__in=in_stage.order_by().values("article_id"))


admin.site.unregister(Article)


@admin.register(Article)
class ReviewedArticleAdmin(ArticleAdmin):
    list_display = (
        "title_or_opening", "corpus", "source", "published_on", "stage", "suggested", "confirmed", "version", "shown",
    )  # fmt: skip
    list_filter = (CorpusFilter, SourceFilter, StageFilter, "published_on", WithdrawnFilter)
    fields = (*ArticleAdmin.fields[:-2], "stage", "suggested", "confirmed", "related", *ArticleAdmin.fields[-2:])
    readonly_fields = (*ArticleAdmin.readonly_fields, "stage", "suggested", "confirmed", "related")

    def complete(self, rows: Sequence[Any]) -> None:
        super().complete(rows)
        ids = [row.pk for row in rows]
        stages = dict(Review.objects.filter(article__in=ids, layer=MAIN_LAYER).values_list("article", "stage"))
        spans = Span.objects.filter(article__in=ids, layer=MAIN_LAYER).order_by()
        counted = spans.values_list("article", "state").annotate(n=Count("pk"))
        counts = {(article, state): count for article, state, count in counted}
        for row in rows:
            row.stage_now = stages.get(row.pk, Stage.NEW)
            row.suggested_now = counts.get((row.pk, State.SUGGESTED), 0)
            row.confirmed_now = counts.get((row.pk, State.CONFIRMED), 0)

    @admin.display(description="stage")
    def stage(self, article: Any) -> str:
        return Stage(article.stage_now).label.capitalize()

    @admin.display(description="suggested")
    def suggested(self, article: Any) -> int:
        return article.suggested_now

    @admin.display(description="confirmed")
    def confirmed(self, article: Any) -> int:
        return article.confirmed_now

    @admin.display(description="spans and log")
    def related(self, article: Article) -> str:
        pages = [reverse(f"admin:review_{name}_changelist") for name in ("span", "decision", "change")]
        links = '<a href="{0}?{3}">Its spans</a>, <a href="{1}?{3}">its decisions</a>, <a href="{2}?{3}">changes</a>'
        return format_html(links, *pages, f"article__id__exact={article.pk}")
