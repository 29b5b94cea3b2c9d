"""Admin pages of labels, spans and reviews.

Spans and reviews are read-only: they change by decisions on the page of the article. The name of a label is fixed:
spans and clients refer to it.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import F, Model, QuerySet
from django.db.models.functions import Least, Substr
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotations.review.actions.labels import add_label, edit_label
from annotations.review.models import Label, Review, Span
from corpusapp.accounts.requests import user_of
from corpusapp.articles.admin.articles import light
from corpusapp.articles.admin.corpora import offer_inline
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.core.admin.inlines import CorpusInline, FixedFieldsForm
from corpusapp.core.admin.scoped import ScopedAdmin

_SHOWN = 80


@admin.register(Span)
class SpanAdmin(ScopedAdmin):
    list_display = ("id", "words", "label_name", "state", "start", "end", "score", "machine", "revision",
                    "article_link")  # fmt: skip
    list_filter = (CorpusFilter, "state")
    search_fields = ("=label__name", "article__title", "=article__external_id")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("article_link", "corpus", "words", "start", "end", "label_name", "state", "score", "machine",
              "revision", "log")  # fmt: skip
    readonly_fields = ("article_link", "words", "label_name", "machine", "log")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Span]:
        rows = super().get_queryset(request).select_related("label", "pipeline", "corpus")
        return rows.prefetch_related(light("article"))

    def complete(self, rows: Sequence[Any]) -> None:
        """Add the first 80 code points of each span's surface."""
        surface = Substr("article__text", F("start") + 1, Least(F("end") - F("start"), _SHOWN + 1))
        known = dict(Span.objects.filter(pk__in=[row.pk for row in rows]).order_by().values_list("pk", surface))
        for row in rows:
            row.surface = known.get(row.pk, "")

    @admin.display(description="text")
    def words(self, span: Any) -> str:
        return span.surface if len(span.surface) <= _SHOWN else f"{span.surface[:_SHOWN]}…"

    @admin.display(description="label")
    def label_name(self, span: Span) -> str:
        return span.label.name

    @admin.display(description="pipeline")
    def machine(self, span: Span) -> str:
        return str(span.pipeline) if span.pipeline else "-"

    @admin.display(description="article")
    def article_link(self, span: Span) -> str:
        address = reverse("admin:articles_article_change", args=[span.article_id])
        return format_html('<a href="{}">{}</a>', address, span.article.headline)

    @admin.display(description="log")
    def log(self, span: Span) -> str:
        address = reverse("admin:review_change_changelist")
        return format_html('<a href="{}?span_id__exact={}">Its decisions</a>', address, span.pk)


@admin.register(Review)
class ReviewAdmin(ScopedAdmin):
    list_display = ("id", "article", "corpus", "stage", "by", "started_at", "done_at")
    list_filter = (CorpusFilter, "stage", "done_at")
    search_fields = ("article__title", "=article__external_id", "editor__username")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("article", "corpus", "stage", "by", "started_at", "done_at")
    readonly_fields = ("by",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Review]:
        rows = super().get_queryset(request).select_related("corpus", "editor")
        return rows.prefetch_related(light("article"))

    @admin.display(description="editor")
    def by(self, review: Review) -> str:
        return review.editor.username if review.editor else "-"


@admin.register(Label)
class LabelAdmin(ScopedAdmin):
    can_add = can_change = logs_for_managers = True
    list_display = ("name", "corpus", "family", "position", "definition")
    list_filter = (CorpusFilter, "family")
    list_select_related = ("corpus",)
    search_fields = ("name", "definition")
    autocomplete_fields = ("corpus",)
    ordering = ("corpus__name", "position", "name", "pk")

    def get_fields(self, request: HttpRequest, obj: Label | None = None) -> tuple[str, ...]:
        first = ("corpus", "name") if obj is None else ("corpus_name", "name")
        return (*first, "definition", "examples", "family", "key", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Label | None = None) -> tuple[str, ...]:
        return () if obj is None else ("corpus_name", "name")

    @admin.display(description="corpus")
    def corpus_name(self, label: Label) -> str:
        return label.corpus.name

    def perform_add(self, request: HttpRequest, values: dict[str, Any]) -> Model:
        return add_label(user=user_of(request), **values)

    def perform_change(self, request: HttpRequest, obj: Label, values: dict[str, Any]) -> Model:
        return edit_label(user=user_of(request), label=obj, **values)


class LabelForm(FixedFieldsForm):
    fixed = ("name",)


@offer_inline
class LabelInline(CorpusInline):
    """The labels of a corpus. A new corpus gets its first ones when it is created."""

    model = Label
    form = LabelForm
    fields = ("name", "definition", "family", "position")
    ordering = ("position", "name")
    can_delete = in_new_corpora = False
