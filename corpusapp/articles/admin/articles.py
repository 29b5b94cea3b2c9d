"""Articles: looked at, imported and withdrawn; a text is never edited.

What knows of spans adds its columns and actions from outside: `offer_action` takes another bulk action, and the page
may be registered again as a subclass.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html

from corpusapp.articles.actions.withdraw import restore_articles, withdraw_articles
from corpusapp.articles.admin import bulk
from corpusapp.articles.admin.erasing import erase
from corpusapp.articles.admin.filters import CorpusFilter, SourceFilter, WithdrawnFilter
from corpusapp.articles.admin.import_page import import_page
from corpusapp.articles.models import Article, Original, Zone
from corpusapp.core.admin.scoped import ReadOnlyInline, ScopedAdmin

# Of a longer text the page shows the beginning: a browser chokes on tens of megabytes.
SHOWN_CHARACTERS = 100_000
_offered: list[Callable[..., Any]] = []


def offer_action(action: Callable[..., Any]) -> Callable[..., Any]:
    """Add an action to the list of articles."""
    _offered.append(action)
    return action


def light(lookup: str) -> Prefetch:
    """Articles to be named in a list, fetched in one query without their texts."""
    rows = Article.objects.defer("text", "search_vector", "metadata").annotate(opening=Left("text", 400))
    return Prefetch(lookup, rows.order_by())


class ZoneInline(ReadOnlyInline):
    model = Zone
    fields = ("kind", "start", "end")


@offer_action
@admin.action(description="Withdraw the selected articles")
def withdraw(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> None:
    bulk.each_corpus(page, request, queryset, "Withdrew", withdraw_articles, otherwise="withdrawn already")


@offer_action
@admin.action(description="Show the selected withdrawn articles again")
def restore(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> None:
    bulk.each_corpus(page, request, queryset, "Restored", restore_articles, otherwise="not withdrawn")


offer_action(erase)


@admin.register(Article)
class ArticleAdmin(ScopedAdmin):
    logs_for_managers = True
    change_list_template = "admin/articles/article/change_list.html"
    list_display = ("title_or_opening", "corpus", "source", "published_on", "version", "shown")
    list_filter = (CorpusFilter, SourceFilter, "published_on", WithdrawnFilter)
    list_select_related = ("corpus", "source")
    search_fields = ("title", "external_id", "url")
    ordering = ("-pk",)
    sortable_by = ("published_on", "version")
    inlines = (ZoneInline,)
    actions = _offered
    fields = (
        "title", "corpus", "source", "author", "published_on", "published_precision", "published_evidence", "dateline",
        "language", "external_id", "url", "version", "previous_version", "copy_group", "original_kept", "batch",
        "created_at", "withdrawn_at", "length", "text_shown", "metadata",
    )  # fmt: skip
    readonly_fields = ("text_shown", "previous_version", "original_kept", "created_at", "length")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return super().get_queryset(request).defer("text", "search_vector", "metadata")

    def complete(self, rows: Sequence[Article]) -> None:
        """With an opening, where an untitled article is named by it."""
        openings = Article.objects.filter(pk__in=[row.pk for row in rows], title__regex=r"^\s*$").order_by()
        known = dict(openings.values_list("pk", Left("text", 400)))
        for row in rows:
            row.opening = known.get(row.pk, "")

    def choices(self, request: HttpRequest) -> QuerySet[Article]:
        rows = Article.objects.filter(withdrawn_at=None, corpus__withdrawn_at=None).select_related("corpus")
        light_rows = rows.defer("text", "search_vector", "metadata").annotate(opening=Left("text", 400))
        return self.within_reach(request, light_rows)

    def choice_text(self, obj: Article) -> str:
        return f"{obj.headline} ({obj.pk})"

    @admin.display(description="article")
    def title_or_opening(self, article: Article) -> str:
        return article.headline

    @admin.display(description="shown", boolean=True)
    def shown(self, article: Article) -> bool:
        return article.withdrawn_at is None

    @admin.display(description="original")
    def original_kept(self, article: Article) -> str:
        if not Original.objects.filter(article=article).exists():
            return "none was kept"
        return format_html('<a href="{}">Original</a>', reverse("admin:articles_original_change", args=[article.pk]))

    @admin.display(description="text")
    def text_shown(self, article: Article) -> str:
        if article.length <= SHOWN_CHARACTERS:
            return article.text
        return f"{article.text[:SHOWN_CHARACTERS]}\n\n… and {article.length - SHOWN_CHARACTERS} code points more"

    @admin.display(description="previous version")
    def previous_version(self, article: Article) -> str:
        return f"article {article.previous_id}" if article.previous_id else "-"

    def get_view_on_site_url(self, obj: Article | None = None) -> str | None:
        if obj is None or obj.withdrawn_at is not None:
            return None
        try:
            return reverse("article", args=[obj.corpus.slug, obj.pk])
        except NoReverseMatch:
            return None

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(self.import_view)
        return [path("import/", page, name="articles_article_import"), *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        return import_page(self, request)
