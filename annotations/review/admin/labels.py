"""Labels of a corpus. A name stays: spans and clients go by it."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from annotations.review.actions.labels import add_label, edit_label
from annotations.review.models import Label
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.core.admin.scoped import ScopedAdmin


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
        return (*first, "definition", "family", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Label | None = None) -> tuple[str, ...]:
        return () if obj is None else ("corpus_name", "name")

    @admin.display(description="corpus")
    def corpus_name(self, label: Label) -> str:
        return label.corpus.name

    def perform_add(self, request: HttpRequest, values: dict[str, Any]) -> Model:
        return add_label(user=request.user, **values)

    def perform_change(self, request: HttpRequest, obj: Label, values: dict[str, Any]) -> Model:
        return edit_label(user=request.user, label=obj, **values)
