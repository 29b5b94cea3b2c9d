"""Pipelines, runs, and the articles of each run."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from corpusapp.articles.models import Article, Corpus, ImportBatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Pipeline(models.Model):
    """One exact, versioned combination of suggesters and model weights. Every suggestion names its pipeline."""

    name = models.CharField(max_length=200)
    version = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 over all of its components.")
    configuration = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Run(models.Model):
    """A request for suggestions on some articles of a corpus."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="runs")
    batch = models.ForeignKey(ImportBatch, models.CASCADE, null=True, blank=True, related_name="runs")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="runs")
    created_at = models.DateTimeField(db_default=Now())
    dry = models.BooleanField(default=False, help_text="Only counts changes; writes nothing.")
    narrowed: "models.JSONField[Mapping[str, str]]" = models.JSONField(
        default=dict, help_text="Filter that selected its articles, as form fields."
    )
    changes: "models.JSONField[Mapping[str, int]]" = models.JSONField(
        default=dict, help_text="Number of articles changed, and of suggestions added and removed."
    )
    unknown_labels: "models.JSONField[Mapping[str, int]]" = models.JSONField(
        default=dict, help_text="Proposals left out because the corpus has no such label, counted by label."
    )
    cancelled_at = models.DateTimeField(null=True, editable=False)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    notices: "models.JSONField[Sequence[Mapping[str, Any]]]" = models.JSONField(
        default=list, help_text="Notices: text, count and subject."
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"run {self.pk} on {self.corpus}"


class RunItem(models.Model):
    """One article of a run: pending until its suggestions are stored, it fails with an error, or it is cancelled."""

    class State(models.TextChoices):
        PENDING = "pending"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    run = models.ForeignKey(Run, models.CASCADE, related_name="items")
    article = models.ForeignKey(Article, models.CASCADE, related_name="run_items")
    state = models.CharField(max_length=9, choices=State.choices, default=State.PENDING)
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "article"], name="run_item_once_per_article"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "done", "failed", "cancelled"]), name="run_item_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["run", "state", "article"], name="run_item_progress"),
            models.Index(fields=["run"], condition=Q(state="pending"), name="run_item_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.article_id} of run {self.run_id}: {self.state}"
