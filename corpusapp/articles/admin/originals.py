"""Originals and groups of near copies. Bytes that somebody else wrote are never shown: they are taken home."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from corpusapp.articles.admin.articles import light
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.articles.models import CopyGroup, Original
from corpusapp.core.admin.scoped import ScopedAdmin


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

    def complete(self, rows: Sequence[CopyGroup]) -> None:
        ids = [row.pk for row in rows]
        counted = CopyGroup.objects.filter(pk__in=ids).annotate(n=Count("articles")).values_list("pk", "n")
        numbers = dict(counted.order_by())
        for row in rows:
            row.number = numbers.get(row.pk, 0)

    @admin.display(description="articles")
    def members(self, group: CopyGroup) -> int:
        return group.number

    @admin.display(description="which")
    def articles(self, group: CopyGroup) -> str:
        address = reverse("admin:articles_article_changelist")
        return format_html('<a href="{}?copy_group__id__exact={}">Articles of this group</a>', address, group.pk)
