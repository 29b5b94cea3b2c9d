"""Admin pages of entities, their names, links, and the log of both: read-only, as they change by decisions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotations.entities.models import Alias, Entity, EntityChange, Link, LinkChange
from corpusapp.articles.admin.articles import light
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.core.admin.scoped import ScopedAdmin


@admin.register(Entity)
class EntityAdmin(ScopedAdmin):
    list_display = ("id", "name", "label_name", "state", "mentions", "confirmed", "corpus", "revision")
    list_filter = (CorpusFilter, "state")
    list_select_related = ("corpus", "label")
    search_fields = ("name", "=identifiers__value")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("name", "label_name", "corpus", "description", "state", "merged_into", "known_as", "mentions",
              "confirmed", "revision", "created_at", "log")  # fmt: skip
    readonly_fields = ("label_name", "known_as", "log", "mentions", "confirmed")
    open_text = "Open the entity"

    def get_view_on_site_url(self, obj: Entity | None = None) -> str | None:
        enabled = obj is not None and obj.corpus.entities_enabled and obj.corpus.withdrawn_at is None
        return reverse("entity", args=[obj.corpus.slug, obj.pk]) if enabled and obj else None

    @admin.display(description="label")
    def label_name(self, entity: Entity) -> str:
        return entity.label.name

    @admin.display(description="identifiers")
    def known_as(self, entity: Entity) -> str:
        return ", ".join(map(str, entity.identifiers.all()[:20])) or "-"

    @admin.display(description="log")
    def log(self, entity: Entity) -> str:
        address = reverse("admin:entities_entitychange_changelist")
        return format_html('<a href="{}?entity_id__exact={}">Its decisions</a>', address, entity.pk)


@admin.register(Alias)
class AliasAdmin(ScopedAdmin):
    list_display = ("id", "name", "entity", "state", "origin", "language", "script", "mentions")
    list_filter = (CorpusFilter, "state", "origin")
    list_select_related = ("entity",)
    search_fields = ("name", "entity__name")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("name", "entity", "corpus", "state", "origin", "language", "script", "mentions")
    readonly_fields = ("mentions",)


@admin.register(Link)
class LinkAdmin(ScopedAdmin):
    list_display = ("id", "entity", "alias", "state", "score", "machine", "revision", "article")
    list_filter = (CorpusFilter, "state")
    search_fields = ("entity__name", "article__title", "=article__external_id")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("entity", "alias", "corpus", "article", "span_number", "state", "score", "machine", "revision", "log")
    readonly_fields = ("machine", "span_number", "log")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Link]:
        rows = super().get_queryset(request).select_related("entity", "alias", "pipeline", "corpus")
        return rows.prefetch_related(light("article"))

    @admin.display(description="pipeline")
    def machine(self, link: Link) -> str:
        return str(link.pipeline) if link.pipeline else "-"

    @admin.display(description="span")
    def span_number(self, link: Link) -> str:
        return str(link.span_id or "no longer suggested")

    @admin.display(description="log")
    def log(self, link: Link) -> str:
        address = reverse("admin:entities_linkchange_changelist")
        return format_html('<a href="{}?link_id__exact={}">Its decisions</a>', address, link.pk)


class _ChangeAdmin(ScopedAdmin):
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("corpus", "decision__user")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        links = ("entity_id__exact", "link_id__exact", "decision__id__exact")
        return lookup in links or super().lookup_allowed(lookup, value, request)

    @admin.display(description="decision")
    def made(self, change: Any) -> str:
        return f"{change.decision_id} by {change.decision.user.username}"


@admin.register(EntityChange)
class EntityChangeAdmin(_ChangeAdmin):
    list_display = ("id", "entity_id", "verb", "implicit", "made", "corpus")
    list_filter = (CorpusFilter, "verb")
    search_fields = ("=entity_id", "decision__user__username")
    fields = ("entity_id", "verb", "implicit", "made", "corpus", "before", "after")
    readonly_fields = ("made",)


@admin.register(LinkChange)
class LinkChangeAdmin(_ChangeAdmin):
    list_display = ("id", "link_id", "verb", "implicit", "made", "before_entity", "before_state", "after_entity",
                    "after_state")  # fmt: skip
    list_filter = (CorpusFilter, "verb")
    search_fields = ("=link_id", "=span_id", "decision__user__username")
    fields = ("link_id", "span_id", "article", "verb", "implicit", "made", "corpus", "before_entity", "before_state",
              "after_entity", "after_state")  # fmt: skip
    readonly_fields = ("made",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related(light("article"))
