"""Read-only admin pages of imports, problems, originals and groups of near copies."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from corpusapp.articles.admin.articles import light
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.articles.models import CopyGroup, ImportBatch, ImportProblem, Original
from corpusapp.core.admin.scoped import ScopedAdmin
from corpusapp.core.job_states import JobState


@admin.register(ImportBatch)
class ImportBatchAdmin(ScopedAdmin):
    list_display = ("id", "corpus", "by", "origin", "progress", "started_at", "finished_at", "added", "duplicates",
                    "changed", "failed")  # fmt: skip
    list_filter = (CorpusFilter, "origin", "started_at")
    list_select_related = ("corpus", "user")
    search_fields = ("corpus__name", "corpus__slug", "user__username")
    fields = ("corpus", "by", "origin", "progress", "reason", "started_at", "finished_at", "files", "options", "items",
              "read_bytes", "total_bytes", "added", "duplicates", "changed", "failed", "problems", "articles",
              "live")  # fmt: skip
    readonly_fields = ("by", "progress", "problems", "articles", "live")

    @admin.display(description="by")
    def by(self, batch: ImportBatch) -> str:
        return batch.user.username

    @admin.display(description="state")
    def progress(self, batch: ImportBatch) -> str:
        return f"importing, {batch.percent} %" if batch.state == JobState.RUNNING else batch.state

    @admin.display(description="problems")
    def problems(self, batch: ImportBatch) -> str:
        return _link("articles_importproblem", batch, "Problems, duplicates and notes of this import")

    @admin.display(description="articles")
    def articles(self, batch: ImportBatch) -> str:
        return _link("articles_article", batch, "Articles added by this import")

    @admin.display(description="progress")
    def live(self, batch: ImportBatch) -> str:
        address = reverse("import-batch", args=[batch.corpus.slug, batch.pk])
        return format_html('<a href="{}">Show progress and retry failed items</a>', address)


@admin.register(ImportProblem)
class ImportProblemAdmin(ScopedAdmin):
    corpus_path = "batch__corpus_id"
    list_display = ("item", "line", "field", "reason", "kind", "retried_at", "batch")
    list_filter = (CorpusFilter, "kind", ("retried_at", admin.EmptyFieldListFilter))
    list_select_related = ("batch__corpus",)
    search_fields = ("item", "field", "reason")
    ordering = ("-batch_id", "pk")
    fields = ("batch", "kind", "item", "line", "field", "reason", "same_as", "form", "retried_at")
    readonly_fields = ("same_as",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportProblem]:
        return super().get_queryset(request).defer("data")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description="same text as")
    def same_as(self, problem: ImportProblem) -> str:
        if problem.article_id is None:
            return "-"
        address = reverse("admin:articles_article_change", args=[problem.article_id])
        return format_html('<a href="{}">Article {}</a>', address, problem.article_id)


def _link(page: str, batch: ImportBatch, words: str) -> str:
    return format_html('<a href="{}?batch__id__exact={}">{}</a>', reverse(f"admin:{page}_changelist"), batch.pk, words)


@admin.register(Original)
class OriginalAdmin(ScopedAdmin):
    corpus_path = "article__corpus_id"
    list_display = ("name", "form", "encoding", "size", "extractor", "article")
    list_filter = (CorpusFilter,)
    search_fields = ("name", "article__title")
    ordering = ("-pk",)
    fields = ("article", "name", "form", "encoding", "size", "extractor", "bytes")
    readonly_fields = ("bytes",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Original]:
        return super().get_queryset(request).defer("data").prefetch_related(light("article"))

    @admin.display(description="bytes")
    def bytes(self, original: Original) -> str:
        if original.article.withdrawn_at is not None:
            return "The article is withdrawn."
        address = reverse("original", args=[original.article.corpus.slug, original.article_id])
        return format_html('<a href="{}" download>Download</a>', address)


@admin.register(CopyGroup)
class CopyGroupAdmin(ScopedAdmin):
    list_display = ("id", "corpus", "members", "counted_once", "created_at")
    list_filter = (CorpusFilter, "counted_once")
    list_select_related = ("corpus",)
    ordering = ("-pk",)
    fields = ("corpus", "counted_once", "created_at", "members", "articles")
    readonly_fields = ("members", "articles")

    def complete(self, rows: Sequence[Any]) -> None:
        ids = [row.pk for row in rows]
        counted = CopyGroup.objects.filter(pk__in=ids).annotate(n=Count("articles")).values_list("pk", "n")
        numbers = dict(counted.order_by())
        for row in rows:
            row.number = numbers.get(row.pk, 0)

    @admin.display(description="articles")
    def members(self, group: Any) -> int:
        number: int = group.number
        return number

    @admin.display(description="members")
    def articles(self, group: CopyGroup) -> str:
        address = reverse("admin:articles_article_changelist")
        return format_html('<a href="{}?copy_group__id__exact={}">Articles of this group</a>', address, group.pk)
