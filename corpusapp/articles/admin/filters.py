"""Filters of the admin lists."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from corpusapp.articles.models import Article, Corpus, Source

MOST_SOURCES = 50


class SourceFilter(admin.SimpleListFilter):
    """Filter by the name of the source; lists at most MOST_SOURCES, of the chosen corpus if there is one."""

    title = "source"
    parameter_name = "of_source"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        sources = model_admin.accessible(request, Source.objects.all())
        corpus = request.GET.get(CorpusFilter.parameter_name, "")
        if corpus.isascii() and corpus.isdigit():
            sources = sources.filter(corpus_id=corpus)
        self._sources = sources
        names = sources.order_by("name").values_list("name", flat=True).distinct()[:MOST_SOURCES]
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() is None:
            return queryset
        return queryset.filter(source__in=self._sources.filter(name=self.value()).order_by().values("pk"))


class WithdrawnFilter(admin.SimpleListFilter):
    title = "withdrawn"
    parameter_name = "withdrawn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", "No"), ("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> QuerySet[Article]:
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(withdrawn_at__isnull=self.value() == "no")


class CorpusFilter(admin.SimpleListFilter):
    """Filter by corpus, by the page's `corpus_path`."""

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
        # A value that is not offered selects nothing, so that it reveals nothing about other corpora.
        offered = any(value == key for key, _ in self.lookup_choices)
        return queryset.filter(**{self._path: value}) if offered else queryset.none()
