"""Exports, and what they share with releases: rows whose files a worker makes."""

from typing import ClassVar, Self, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.exports.selection import Selection
from corpusapp.articles.models import Corpus
from corpusapp.core.job_states import JobState

Row = TypeVar("Row", bound="FileJob")


class FileJobQuerySet(models.QuerySet[Row]):
    def open(self) -> Self:
        """Rows that wait or are being made."""
        return self.filter(state__in=(self.model.WAITING, self.model.MAKING))


class FileJob(models.Model):
    """A row whose file a worker makes: an export or a release. `annotations.exports.actions.file_jobs` runs it.

    A model sets its states `WAITING` and `DONE`, and overrides `corpus` and `state`.
    """

    WAITING: ClassVar[str]
    MAKING: ClassVar[str] = "making"
    DONE: ClassVar[str]

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9)
    reason = models.TextField(blank=True)
    articles = models.PositiveIntegerField(default=0)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    total = models.PositiveIntegerField(null=True, help_text="Number of articles to write.")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """Whether it waits or is being made."""
        return self.state in (self.WAITING, self.MAKING)

    @property
    def job_state(self) -> JobState:
        """The state in the words of all jobs."""
        return _JOB_STATES.get(self.state, JobState.DONE)

    @property
    def former_state(self) -> str:
        """The state for clients that do not know cancelled jobs."""
        return JobState.FAILED if self.state == JobState.CANCELLED else self.state

    @property
    def percent(self) -> int:
        """How much of the file is written, 0 to 100."""
        if self.state == self.DONE:
            return 100
        return min(99, 100 * self.articles // self.total) if self.total else 0


# States of exports and releases; all others are done.
_JOB_STATES = {
    "waiting": JobState.WAITING,
    "queued": JobState.WAITING,
    "making": JobState.RUNNING,
    "refused": JobState.FAILED,
    "failed": JobState.FAILED,
    "cancelled": JobState.CANCELLED,
}


class ExportQuerySet(FileJobQuerySet["Export"]):
    pass


class Export(FileJob):
    """A file of a corpus's labelled data. It is in the home, in the folder `folder`, with its report."""

    class State(models.TextChoices):
        WAITING = "waiting"
        MAKING = "making"
        FINISHED = "finished"
        REFUSED = "refused", "refused: the format cannot carry everything"
        FAILED = "failed"
        CLEARED = "cleared", "deleted to free space"
        CANCELLED = "cancelled"

    WAITING = State.WAITING
    DONE = State.FINISHED

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="exports")
    release = models.ForeignKey(
        "releases.Release",
        models.PROTECT,
        null=True,
        related_name="exports",
        help_text="The release that it is made from; empty for the corpus.",
    )
    part = models.CharField(max_length=5, blank=True, help_text="Part of the release; empty for all of it.")
    format = models.CharField(max_length=32)
    selection = models.JSONField(default=dict, help_text="Options that differ from the defaults.")
    strict = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.TextField(blank=True, help_text="Why no file was created.")
    folder = models.CharField(max_length=32, unique=True, help_text="Folder that contains the file.")
    name = models.CharField(max_length=200, help_text="Name of the file.")
    size = models.PositiveBigIntegerField(null=True, help_text="Size in bytes.")
    sha256 = models.CharField(max_length=64, blank=True)
    report = models.JSONField(null=True, help_text="What was left out, changed or converted.")
    articles = models.PositiveIntegerField(default=0, help_text="Articles written so far.")
    started_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "making", "finished", "refused", "failed", "cleared", "cancelled"]),
                name="export_state_known",
            ),
            models.CheckConstraint(
                condition=Q(part="") | Q(part__in=["train", "dev", "test"], release__isnull=False),
                name="export_part_of_a_release",
            ),
            models.CheckConstraint(
                condition=~Q(state="finished") | (Q(size__isnull=False, report__isnull=False) & ~Q(sha256="")),
                name="export_has_its_file",
            ),
        ]
        indexes = [models.Index(fields=["corpus", "-id"], name="export_newest")]

    def __str__(self) -> str:
        return f"{self.format} of {self.corpus}: {self.state}"

    @property
    def chosen(self) -> Selection:
        return Selection.from_json(self.selection)
