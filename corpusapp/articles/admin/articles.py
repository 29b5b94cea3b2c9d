"""Admin pages of articles and zones. Texts are never edited; zones are added and removed.

Other apps add actions by `offer_action`, and columns by registering a subclass of the page.
"""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import Model, Prefetch, QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html

from corpusapp.accounts.requests import user_of
from corpusapp.articles.actions.uploads import receive_upload
from corpusapp.articles.actions.withdraw import restore_articles, withdraw_articles
from corpusapp.articles.actions.zones import add_zone, remove_zone
from corpusapp.articles.admin import bulk
from corpusapp.articles.admin.erasing import erase
from corpusapp.articles.admin.filters import CorpusFilter, SourceFilter, WithdrawnFilter
from corpusapp.articles.forms import ImportForm, OffsetField
from corpusapp.articles.models import Article, Corpus, ImportBatch, Original, Role, Zone
from corpusapp.core.admin.inlines import ReadOnlyInline
from corpusapp.core.admin.scoped import ScopedAdmin
from corpusapp.core.errors import Refusal

# Longer texts are truncated on the page: browsers cannot show tens of megabytes.
SHOWN_CHARACTERS = 100_000
_actions: list[Callable[..., Any]] = []


def offer_action(action: Callable[..., Any]) -> Callable[..., Any]:
    """Add an action to the list of articles."""
    _actions.append(action)
    return action


def light(lookup: str) -> Prefetch:
    """Prefetch articles for the columns of a list, without their texts."""
    rows = Article.objects.defer("text", "search_vector", "metadata").annotate(opening=Left("text", 400))
    return Prefetch(lookup, rows.order_by())


class ZoneInline(ReadOnlyInline):
    model = Zone
    fields = ("kind", "start", "end")


@offer_action
@admin.action(description="Withdraw the selected articles")
def withdraw(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> None:
    bulk.each_corpus(page, request, queryset, "Withdrew", withdraw_articles, otherwise="already withdrawn")


@offer_action
@admin.action(description="Restore the selected articles")
def restore(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> None:
    bulk.each_corpus(page, request, queryset, "Restored", restore_articles, otherwise="not withdrawn")


offer_action(erase)


@admin.register(Article)
class ArticleAdmin(ScopedAdmin):
    logs_for_managers = True
    change_list_template = "admin/articles/article/change_list.html"
    open_text = "Open in the workbench"
    list_display: tuple[str, ...] = ("title_or_opening", "corpus", "source", "published_on", "version", "shown")
    list_filter: ClassVar[tuple[Any, ...]] = (CorpusFilter, SourceFilter, "published_on", WithdrawnFilter)
    list_select_related = ("corpus", "source")
    search_fields = ("title", "external_id", "url")
    ordering = ("-pk",)
    sortable_by = ("published_on", "version")
    inlines = (ZoneInline,)
    actions = _actions
    fields: ClassVar[tuple[str, ...]] = (
        "title", "corpus", "source", "author", "published_on", "published_precision", "published_evidence", "dateline",
        "language", "external_id", "url", "version", "previous_version", "copy_group", "original_kept", "batch",
        "created_at", "withdrawn_at", "length", "text_shown", "metadata",
    )  # fmt: skip
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "text_shown",
        "previous_version",
        "original_kept",
        "created_at",
        "length",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Article]:
        return super().get_queryset(request).defer("text", "search_vector", "metadata")

    def complete(self, rows: Sequence[Any]) -> None:
        """Set the opening of untitled articles, which is their name."""
        openings = Article.objects.filter(pk__in=[row.pk for row in rows], title__regex=r"^\s*$").order_by()
        known = dict(openings.values_list("pk", Left("text", 400)))
        for row in rows:
            row.opening = known.get(row.pk, "")

    def choices(self, request: HttpRequest) -> QuerySet[Article]:
        rows = Article.objects.filter(withdrawn_at=None, corpus__withdrawn_at=None).select_related("corpus")
        light_rows = rows.defer("text", "search_vector", "metadata").annotate(opening=Left("text", 400))
        return self.accessible(request, light_rows)

    def choice_text(self, obj: Model) -> str:
        return f"{obj} ({obj.pk})"

    @admin.display(description="article")
    def title_or_opening(self, article: Article) -> str:
        return article.headline

    @admin.display(description="visible", boolean=True)
    def shown(self, article: Article) -> bool:
        return article.withdrawn_at is None

    @admin.display(description="original")
    def original_kept(self, article: Article) -> str:
        if not Original.objects.filter(article=article).exists():
            return "not kept"
        return format_html('<a href="{}">Original</a>', reverse("admin:articles_original_change", args=[article.pk]))

    @admin.display(description="text")
    def text_shown(self, article: Article) -> str:
        if article.length <= SHOWN_CHARACTERS:
            return article.text
        return f"{article.text[:SHOWN_CHARACTERS]}\n\n… and {article.length - SHOWN_CHARACTERS} more code points"

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


class ZoneAdminForm(forms.ModelForm):
    start = OffsetField()
    end = OffsetField()


@admin.register(Zone)
class ZoneAdmin(ScopedAdmin):
    can_add = can_delete = True
    list_display = ("id", "kind", "start", "end", "article", "corpus")
    list_filter = (CorpusFilter, "kind")
    search_fields = ("article__title", "article__external_id")
    autocomplete_fields = ("article",)
    form = ZoneAdminForm
    fields = ("article", "start", "end", "kind")
    ordering = ("-pk",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Zone]:
        return super().get_queryset(request).select_related("corpus").prefetch_related(light("article"))

    def perform_add(self, request: HttpRequest, values: dict[str, Any]) -> Model:
        return add_zone(user=user_of(request), **values)

    def perform_delete(self, request: HttpRequest, obj: Zone) -> None:
        remove_zone(user=user_of(request), zone=obj)


class CorpusImportForm(ImportForm):
    """The upload form with a choice of the user's corpora."""

    corpus = forms.ModelChoiceField(Corpus.objects.none())
    field_order = ("corpus",)

    def __init__(self, *args: Any, corpora: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["corpus"] = forms.ModelChoiceField(corpora)


def import_page(page: ScopedAdmin, request: HttpRequest) -> HttpResponse:
    corpora = Corpus.objects.visible_to(user_of(request), Role.MANAGER)
    form = CorpusImportForm(request.POST or None, request.FILES or None, corpora=corpora)
    if request.method == "POST" and form.is_valid():
        try:
            return _imported(page, request, form)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
    context = {
        **page.admin_site.each_context(request),
        "title": "Import articles",
        "opts": page.opts,
        "form": form,
        # The stubs ask for a ModelForm; Django takes any form.
        "adminform": helpers.AdminForm(form, [(None, {"fields": list(form.fields)})], {}, model_admin=page),  # type: ignore[arg-type]
        "media": page.media + form.media,
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, "admin/articles/article/import_articles.html", context)


def _imported(page: ScopedAdmin, request: HttpRequest, form: CorpusImportForm) -> HttpResponse:
    batch = receive_upload(
        user=user_of(request), corpus=form.cleaned_data["corpus"], origin=ImportBatch.Origin.ADMIN, **form.upload()
    )
    words = "A worker imports the files. This page shows the progress."
    page.message_user(request, words, messages.SUCCESS)
    return HttpResponseRedirect(reverse("admin:articles_importbatch_change", args=[batch.pk]))
