"""One import, what it added, and what was wrong with the rest."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from corpusapp.articles.models.corpus import Corpus


class ImportBatch(models.Model):
    """What came in through one door at one time, with its counts so far."""

    class Origin(models.TextChoices):
        COMMAND = "command", "command line"
        FORM = "form", "upload form"
        ADMIN = "admin", "admin site"
        REST = "rest", "REST API"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="batches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="import_batches")
    origin = models.CharField(max_length=8, choices=Origin.choices)
    started_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True, blank=True)
    added = models.PositiveIntegerField(default=0, help_text="New articles, changed ones included.")
    duplicates = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0, help_text="New versions of articles that were there.")
    failed = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "import batches"
        constraints = [
            models.CheckConstraint(
                condition=Q(origin__in=["command", "form", "admin", "rest"]), name="batch_origin_known"
            )
        ]

    def __str__(self) -> str:
        return f"import {self.pk} into {self.corpus}"


class ImportProblem(models.Model):
    """One item that failed, or (`failed` false) a note on what was changed in one that came in."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="problems")
    item = models.CharField(max_length=400, help_text="The file's name, never its folder on the server.")
    line = models.PositiveIntegerField(null=True, blank=True, help_text="Counted from 1.")
    reason = models.TextField()
    failed = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        place = f"{self.item}:{self.line}" if self.line else self.item
        return f"{place}: {self.reason}"
