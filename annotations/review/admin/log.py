"""The log, to be read: nobody edits a decision."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotations.review.models import Change, Decision
from corpusapp.articles.admin.articles import light
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.core.admin.scoped import ReadOnlyInline, ScopedAdmin

# An import of decided spans is one decision with any number of changes.
_SHOWN = 200
_SIDES = ("before_label", "after_label")


class _Sides:
    """The two sides of a change as words."""

    @admin.display(description="before")
    def before(self, change: Change) -> str:
        return _side(change, "before")

    @admin.display(description="after")
    def after(self, change: Change) -> str:
        return _side(change, "after")


class ChangeInline(_Sides, ReadOnlyInline):
    model = Change
    fields = ("article", "span_id", "verb", "implicit", "before", "after")
    readonly_fields = ("before", "after")
    verbose_name_plural = f"changes (the first {_SHOWN})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        changes = super().get_queryset(request).select_related(*_SIDES).prefetch_related(light("article"))
        decision = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
        if not (decision.isascii() and decision.isdigit()):
            return changes.none()
        first = Change.objects.filter(decision=decision).order_by("pk").values("pk")[:_SHOWN]
        return changes.filter(pk__in=first)


@admin.register(Decision)
class DecisionAdmin(ScopedAdmin):
    list_display = ("id", "verb", "by", "where", "corpus", "created_at", "undoes")
    list_filter = (CorpusFilter, "verb", "created_at")
    search_fields = ("user__username", "article__title", "=client_key")
    ordering = ("-pk",)
    sortable_by = ()
    inlines = (ChangeInline,)
    fields = ("verb", "by", "article", "corpus", "created_at", "client_key", "undoes", "left_out", "all_changes")
    readonly_fields = ("by", "all_changes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        rows = super().get_queryset(request).select_related("corpus", "user", "undoes__user")
        return rows.prefetch_related(light("article"))

    @admin.display(description="by")
    def by(self, decision: Decision) -> str:
        return decision.user.username

    @admin.display(description="article", empty_value="several")
    def where(self, decision: Decision) -> str | None:
        return decision.article and decision.article.headline

    @admin.display(description="changes")
    def all_changes(self, decision: Decision) -> str:
        address = reverse("admin:review_change_changelist")
        return format_html('<a href="{}?decision__id__exact={}">All its changes</a>', address, decision.pk)


@admin.register(Change)
class ChangeAdmin(_Sides, ScopedAdmin):
    corpus_path = "decision__corpus_id"
    list_display = ("id", "verb", "span_id", "before", "after", "implicit", "by", "article")
    list_filter = (CorpusFilter, "verb", "implicit")
    search_fields = ("=span_id", "decision__user__username", "article__title")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("decision", "by", "article", "span_id", "verb", "implicit", "before", "after")
    readonly_fields = ("by", "before", "after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        rows = super().get_queryset(request).select_related("decision__user", *_SIDES)
        return rows.prefetch_related(light("article"))

    @admin.display(description="by")
    def by(self, change: Change) -> str:
        return change.decision.user.username


def _side(change: Change, side: str) -> str:
    if getattr(change, f"{side}_revision") is None:
        return "-"
    start, end, state = (getattr(change, f"{side}_{name}") for name in ("start", "end", "state"))
    label, revision = getattr(change, f"{side}_label"), getattr(change, f"{side}_revision")
    return f"{label} [{start}, {end}) {state}, revision {revision}"
