"""Comments, to be looked through, resolved and opened again; they are made where the words stand."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotations.review.actions.comments import reopen_comment, resolve_comment
from annotations.review.models import Comment
from corpusapp.articles.admin.articles import light
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.core.admin.scoped import ScopedAdmin
from corpusapp.core.errors import Refusal


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("open", "open"), ("resolved", "resolved")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Comment]) -> QuerySet[Comment]:
        asked = self.value()
        return queryset.filter(resolved_at__isnull=asked == "open") if asked in ("open", "resolved") else queryset


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
        rows = super().get_queryset(request).select_related("corpus", "user", "resolved_by")
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
        self._turn(request, queryset, resolve_comment, "Resolved")

    @admin.action(description="Open the selected comments again")
    def reopen(self, request: HttpRequest, queryset: QuerySet[Comment]) -> None:
        self._turn(request, queryset, reopen_comment, "Opened again")

    def _turn(self, request: HttpRequest, queryset: QuerySet[Comment], act: Callable[..., Comment], verb: str) -> None:
        """Each that can be is turned; the others are told, each with its reason."""
        done = 0
        for comment in queryset:
            try:
                act(user=request.user, comment=comment)
                done += 1
            except Refusal as refusal:
                self.message_user(request, f"Left out: {refusal.detail}.", messages.WARNING)
        self.message_user(request, f"{verb}: {done} of {len(queryset)}.", messages.SUCCESS)
