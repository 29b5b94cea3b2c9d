"""Imports and their problems."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from corpusapp.articles.models.corpus import Corpus
from corpusapp.core.job_states import UNENDED, JobState


class ImportBatch(models.Model):
    """One import of files or records, with its counts so far."""

    class Origin(models.TextChoices):
        COMMAND = "command", "command line"
        FORM = "form", "upload form"
        ADMIN = "admin", "admin site"
        REST = "rest", "REST API"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="batches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="import_batches")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    options = models.JSONField(
        default=dict, help_text="Import options: source, add_labels, suggest, columns, encoding."
    )
    files = models.JSONField(default=list, help_text="Names of the uploaded files.")
    state = models.CharField(max_length=11, choices=JobState.choices, default=JobState.WAITING)
    reason = models.TextField(blank=True, help_text="Why it ended before everything was read.")
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0, help_text="Number of new articles, including changed ones.")
    duplicates = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0, help_text="Number of new versions of existing articles.")
    failed = models.PositiveIntegerField(default=0)
    items = models.PositiveIntegerField(default=0, help_text="Items read so far. An interrupted import continues here.")
    read_bytes = models.PositiveBigIntegerField(default=0)
    total_bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "import batches"
        constraints = [
            models.CheckConstraint(
                condition=Q(origin__in=["command", "form", "admin", "rest"]), name="batch_origin_known"
            ),
            models.CheckConstraint(condition=Q(state__in=JobState.values), name="batch_state_known"),
            models.CheckConstraint(
                condition=Q(state__in=UNENDED, finished_at__isnull=True)
                | Q(~Q(state__in=UNENDED), finished_at__isnull=False),
                name="batch_ends_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"import {self.pk} into {self.corpus}"

    @property
    def updated(self) -> int:
        """Number of known articles whose metadata an upsert replaced."""
        return int(self.options.get("updated", 0))

    @property
    def ended(self) -> bool:
        return self.state not in UNENDED

    @property
    def former_state(self) -> str:
        """The state in the terms used before 1.1: waiting, reading or finished."""
        if self.ended:
            return "finished"
        return "reading" if self.state == JobState.RUNNING else "waiting"

    @property
    def percent(self) -> int:
        """The percentage of bytes read, 0 to 100."""
        if self.state == JobState.DONE or not self.total_bytes:
            return 100 if self.state == JobState.DONE else 0
        return min(99, 100 * self.read_bytes // self.total_bytes)


class ImportProblem(models.Model):
    """An item that failed, was a duplicate, or was imported with a note on changes."""

    class Kind(models.TextChoices):
        FAILED = "failed"
        DUPLICATE = "duplicate"
        NOTE = "note"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="problems")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.FAILED)
    item = models.CharField(max_length=400, help_text="Name of the file, without its folder.")
    line = models.PositiveIntegerField(null=True, blank=True, help_text="Line number, from 1.")
    field = models.CharField(max_length=200, blank=True, help_text="Field of the record, such as spans[0].label.")
    reason = models.TextField()
    article = models.ForeignKey(
        "articles.Article",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The article that it duplicates.",
    )
    form = models.CharField(max_length=16, blank=True)
    data = models.BinaryField(null=True, editable=False, help_text="The item's bytes, compressed, to retry it.")
    retried_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["failed", "duplicate", "note"]), name="problem_kind_known")
        ]
        indexes = [models.Index(fields=["batch", "kind", "id"], name="problem_of_batch")]

    def __str__(self) -> str:
        place = f"{self.item}:{self.line}" if self.line else self.item
        return f"{place}: {self.field}: {self.reason}" if self.field else f"{place}: {self.reason}"
