"""Filters of lists whose values come from one's own corpora alone: no name or count of another one shows."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from corpusapp.articles.models import Corpus


class CorpusFilter(admin.SimpleListFilter):
    """By corpus, over the path that the page names."""

    title = "corpus"
    parameter_name = "of_corpus"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self._path = model_admin.corpus_path
        corpora = model_admin.admin_site.get_model_admin(Corpus).get_queryset(request)
        return [(str(pk), name) for pk, name in corpora.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if value is None:
            return queryset
        # A value that is not offered is nothing: it tells nothing of what it would have been.
        offered = any(value == key for key, _ in self.lookup_choices)
        return queryset.filter(**{self._path: value}) if offered else queryset.none()
