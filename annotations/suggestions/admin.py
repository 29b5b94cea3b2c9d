"""Admin pages of pipelines, runs, their articles, and models; the admin action that requests suggestions again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import Pipeline, Run, RunItem, TrainedModel
from annotations.suggestions.queries.runs import with_counts
from corpusapp.accounts.requests import user_of
from corpusapp.articles.admin import bulk
from corpusapp.articles.admin.articles import light, offer_action
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.articles.models import Article
from corpusapp.core.admin.scoped import ScopedAdmin, SuperuserAdmin
from corpusapp.core.errors import Refusal


@offer_action
@admin.action(description="Suggest again for the selected articles")
def suggest_again(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> None:
    report = bulk.Report()
    for corpus, articles in bulk.by_corpus(bulk.chosen(queryset)):
        shown = [article for article in articles if article.withdrawn_at is None]
        report.left_out["withdrawn"] += len(articles) - len(shown)
        try:
            start_run(user=user_of(request), corpus=corpus, article_ids=[article.pk for article in shown])
        except Refusal as refusal:
            report.left_out[refusal.detail] += len(shown)
        else:
            report.done += shown
    report.show(page, request, "Requested suggestions for")


@admin.register(Pipeline)
class PipelineAdmin(SuperuserAdmin):
    """The pipelines of all corpora."""

    list_display = ("name", "version", "digest", "created_at")
    search_fields = ("name", "version", "=digest")


@admin.register(Run)
class RunAdmin(ScopedAdmin):
    list_display = ("id", "corpus", "by", "created_at", "articles", "pending", "failed")
    list_filter = (CorpusFilter, "created_at")
    search_fields = ("corpus__name", "corpus__slug", "user__username")
    ordering = ("-pk",)
    sortable_by = ()
    fields = (
        "corpus",
        "by",
        "batch",
        "created_at",
        "articles",
        "pending",
        "failed",
        "dry",
        "narrowed",
        "changes",
        "unknown_labels",
        "notices",
        "items",
    )
    readonly_fields = ("by", "articles", "pending", "failed", "items")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return with_counts(super().get_queryset(request).select_related("corpus", "user", "batch__corpus"))

    @admin.display(description="by")
    def by(self, run: Run) -> str:
        return run.user.username

    @admin.display(description="articles")
    def articles(self, run: Any) -> int:
        return run.articles_now

    @admin.display(description="pending")
    def pending(self, run: Any) -> int:
        return run.pending_now

    @admin.display(description="failed")
    def failed(self, run: Any) -> int:
        return run.failed_now

    @admin.display(description="by article")
    def items(self, run: Run) -> str:
        address = reverse("admin:suggestions_runitem_changelist")
        return format_html('<a href="{}?run__id__exact={}">Results by article</a>', address, run.pk)


@admin.register(RunItem)
class RunItemAdmin(ScopedAdmin):
    corpus_path = "run__corpus_id"
    list_display = ("id", "article", "state", "error", "finished_at", "run")
    list_filter = (CorpusFilter, "state")
    search_fields = ("article__title", "=article__external_id", "error")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[RunItem]:
        return super().get_queryset(request).select_related("run__corpus").prefetch_related(light("article"))


@admin.register(TrainedModel)
class TrainedModelAdmin(ScopedAdmin):
    """Models with their scores. They are promoted and rolled back on the corpus's page of models."""

    list_display = ("id", "corpus", "state", "origin", "base", "decisions", "held_back", "f1", "created_at")
    list_filter = (CorpusFilter, "state", "origin")
    search_fields = ("corpus__name", "name", "=digest")
    ordering = ("-pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainedModel]:
        return super().get_queryset(request).select_related("corpus", "user", "former__corpus")

    @admin.display(description="F1 before and after")
    def f1(self, model: TrainedModel) -> str:
        scores = (model.before, model.after)
        return " → ".join("–" if found is None else f"{found['micro']['f1']:.3f}" for found in scores)
