"""Imports and what was wrong in them: a log, so read-only."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from corpusapp.admin_site.filters import CorpusFilter
from corpusapp.admin_site.scoped import ScopedAdmin
from corpusapp.articles.models import ImportBatch, ImportProblem


@admin.register(ImportBatch)
class ImportBatchAdmin(ScopedAdmin):
    list_display = ("id", "corpus", "by", "origin", "started_at", "finished_at", "added", "duplicates", "changed",
                    "failed")  # fmt: skip
    list_filter = (CorpusFilter, "origin", "started_at")
    list_select_related = ("corpus", "user")
    search_fields = ("corpus__name", "corpus__slug", "user__username")
    fields = ("corpus", "by", "origin", "started_at", "finished_at", "added", "duplicates", "changed", "failed",
              "problems", "articles")  # fmt: skip
    readonly_fields = ("by", "problems", "articles")

    @admin.display(description="by")
    def by(self, batch: ImportBatch) -> str:
        return batch.user.username

    @admin.display(description="problems")
    def problems(self, batch: ImportBatch) -> str:
        return _link("articles_importproblem", batch, "Problems and notes of this import")

    @admin.display(description="articles")
    def articles(self, batch: ImportBatch) -> str:
        return _link("articles_article", batch, "Articles that it added")


@admin.register(ImportProblem)
class ImportProblemAdmin(ScopedAdmin):
    corpus_path = "batch__corpus_id"
    list_display = ("item", "line", "reason", "kind", "batch")
    list_filter = (CorpusFilter, "kind")
    list_select_related = ("batch__corpus",)
    search_fields = ("item", "reason")
    ordering = ("-batch_id", "pk")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


def _link(page: str, batch: ImportBatch, words: str) -> str:
    return format_html('<a href="{}?batch__id__exact={}">{}</a>', reverse(f"admin:{page}_changelist"), batch.pk, words)
