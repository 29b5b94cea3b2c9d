"""Admin pages of the log and of what is set aside, which are read-only, and of comments."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotations.review.actions.comments import reopen_comment, resolve_comment
from annotations.review.models import Change, Comment, Decision, SetAside
from corpusapp.accounts.requests import user_of
from corpusapp.articles.admin.articles import light
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.core.admin.inlines import ReadOnlyInline
from corpusapp.core.admin.scoped import ScopedAdmin
from corpusapp.core.errors import Refusal

# A decision can have any number of changes.
_SHOWN = 200
_LABELS = ("before_label", "after_label")


class _ChangeColumns:
    """Columns for the two sides of a change."""

    @admin.display(description="before")
    def before(self, change: Change) -> str:
        return _describe(change, "before")

    @admin.display(description="after")
    def after(self, change: Change) -> str:
        return _describe(change, "after")


class ChangeInline(_ChangeColumns, ReadOnlyInline):
    model = Change
    fields = ("article", "span_id", "verb", "implicit", "before", "after")
    readonly_fields = ("before", "after")
    verbose_name_plural = f"changes (the first {_SHOWN})"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        changes = super().get_queryset(request).select_related(*_LABELS).prefetch_related(light("article"))
        decision = request.resolver_match.kwargs.get("object_id", "") if request.resolver_match else ""
        if not (decision.isascii() and decision.isdigit()):
            return changes.none()
        first = Change.objects.filter(decision=int(decision)).order_by("pk").values("pk")[:_SHOWN]
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
        return decision.article.headline if decision.article else None

    @admin.display(description="changes")
    def all_changes(self, decision: Decision) -> str:
        address = reverse("admin:review_change_changelist")
        return format_html('<a href="{}?decision__id__exact={}">All its changes</a>', address, decision.pk)


@admin.register(Change)
class ChangeAdmin(_ChangeColumns, ScopedAdmin):
    corpus_path = "decision__corpus_id"
    list_display = ("id", "verb", "span_id", "before", "after", "implicit", "by", "article")
    list_filter = (CorpusFilter, "verb", "implicit")
    search_fields = ("=span_id", "decision__user__username", "article__title")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("decision", "by", "article", "span_id", "verb", "implicit", "before", "after")
    readonly_fields = ("by", "before", "after")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        rows = super().get_queryset(request).select_related("decision__user", *_LABELS)
        return rows.prefetch_related(light("article"))

    @admin.display(description="by")
    def by(self, change: Change) -> str:
        return change.decision.user.username


def _describe(change: Change, side: str) -> str:
    if getattr(change, f"{side}_revision") is None:
        return "-"
    start, end, state = (getattr(change, f"{side}_{name}") for name in ("start", "end", "state"))
    label, revision = getattr(change, f"{side}_label"), getattr(change, f"{side}_revision")
    return f"{label} [{start}, {end}) {state}, revision {revision}"


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("open", "open"), ("resolved", "resolved")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        state = self.value()
        if state not in ("open", "resolved"):
            return queryset
        # Replies are resolved with their comments.
        rows = queryset.annotate(thread_resolved_at=Coalesce("parent__resolved_at", "resolved_at"))
        return rows.filter(thread_resolved_at__isnull=state == "open")


@admin.register(Comment)
class CommentAdmin(ScopedAdmin):
    list_display = ("id", "words", "by", "article_link", "corpus", "created_at", "is_open")
    list_filter = (CorpusFilter, OpenFilter, "created_at")
    search_fields = ("text", "user__username", "article__title")
    ordering = ("-pk",)
    sortable_by = ()
    actions = ("resolve", "reopen")
    fields = ("words", "by", "article_link", "span_id", "start", "end", "corpus", "created_at", "resolved_by",
              "resolved_at")  # fmt: skip
    readonly_fields = ("words", "by", "article_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        rows = super().get_queryset(request).select_related("corpus", "user", "resolved_by", "parent")
        return rows.prefetch_related(light("article"))

    @admin.display(description="comment")
    def words(self, comment: Comment) -> str:
        return comment.text

    @admin.display(description="by")
    def by(self, comment: Comment) -> str:
        return comment.user.username

    @admin.display(description="article")
    def article_link(self, comment: Comment) -> str:
        address = reverse("article", args=[comment.corpus.slug, comment.article_id])
        return format_html('<a href="{}#comments">{}</a>', address, comment.article.headline)

    @admin.display(description="open", boolean=True)
    def is_open(self, comment: Comment) -> bool:
        return comment.open

    @admin.action(description="Resolve the selected comments")
    def resolve(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self._set_resolved(request, queryset, resolve_comment, "Resolved")

    @admin.action(description="Reopen the selected comments")
    def reopen(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self._set_resolved(request, queryset, reopen_comment, "Reopened")

    def _set_resolved(
        self, request: HttpRequest, queryset: QuerySet[Comment], action: Callable[..., Comment], verb: str
    ) -> None:
        """Resolve or reopen each comment; report refusals."""
        done = 0
        for comment in queryset:
            try:
                action(user=user_of(request), comment=comment)
                done += 1
            except Refusal as refusal:
                self.message_user(request, f"Left out: {refusal.detail}.", messages.WARNING)
        self.message_user(request, f"{verb}: {done} of {len(queryset)}.", messages.SUCCESS)


@admin.register(SetAside)
class SetAsideAdmin(ScopedAdmin):
    list_display = ("id", "kind", "by", "article_link", "reason", "corpus", "created_at")
    list_filter = (CorpusFilter, "kind", "created_at")
    search_fields = ("reason", "user__username", "article__title")
    ordering = ("-pk",)
    sortable_by = ()
    fields = ("kind", "by", "article_link", "reason", "corpus", "created_at")
    readonly_fields = ("by", "article_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[SetAside]:
        rows = super().get_queryset(request).select_related("corpus", "user")
        return rows.prefetch_related(light("article"))

    @admin.display(description="by")
    def by(self, row: SetAside) -> str:
        return row.user.username

    @admin.display(description="article")
    def article_link(self, row: SetAside) -> str:
        address = reverse("article", args=[row.corpus.slug, row.article_id])
        return format_html('<a href="{}">{}</a>', address, row.article.headline)
