"""Zones: marked and unmarked, never moved."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from corpusapp.articles.actions.zones import add_zone, remove_zone
from corpusapp.articles.admin.articles import light
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.articles.forms import OffsetField
from corpusapp.articles.models import Zone
from corpusapp.core.admin.scoped import ScopedAdmin


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
        return add_zone(user=request.user, **values)

    def perform_delete(self, request: HttpRequest, obj: Zone) -> None:
        remove_zone(user=request.user, zone=obj)
