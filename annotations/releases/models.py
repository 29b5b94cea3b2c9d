"""Releases: numbered, immutable, hashed copies of a corpus's labelled data."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotations.exports.selection import Selection
from annotations.releases.split import Part, Split
from corpusapp.articles.models import Corpus
from corpusapp.core.job_states import JobState


class ReleaseQuerySet(models.QuerySet["Release"]):
    def open(self) -> "ReleaseQuerySet":
        """Those that wait for their file or are being written."""
        return self.filter(state__in=OPEN)


# What an erased release holds, beside its number, who made it and who erased it.
NOTHING_LEFT: dict[str, Any] = {
    "name": "", "notes": "", "selection": {}, "reason": "", "sha256": "", "size": None, "manifest": None
}  # fmt: skip


class Release(models.Model):
    """A corpus's articles and spans as they stood in one snapshot.

    What was asked for never changes, and nothing at all once it is made or failed: a trigger sees to it, which lets it
    be emptied by who erases it or its corpus; an erased one keeps its number. Its file lies in the home under its
    SHA-256; everything else that is said of it stands in the manifest.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        MAKING = "making"
        MADE = "made"
        FAILED = "failed"
        ERASED = "erased"
        CANCELLED = "cancelled"

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="releases", db_index=False)
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the corpus.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True)
    selection = models.JSONField(default=dict, help_text="Options that differ from the defaults.")
    seed = models.CharField(max_length=64, help_text="Another seed splits the articles differently.")
    train = models.PositiveSmallIntegerField(help_text="Percentage of the articles.")
    dev = models.PositiveSmallIntegerField(help_text="Percentage of the articles.")
    test = models.PositiveSmallIntegerField(help_text="Percentage of the articles.")
    client_key = models.CharField(max_length=100, null=True, help_text="The client's idempotency key.")
    request_sha256 = models.BinaryField(max_length=32, null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    reason = models.TextField(blank=True, help_text="Why it failed.")
    articles = models.PositiveIntegerField(default=0, help_text="Articles written so far.")
    total = models.PositiveIntegerField(null=True, help_text="Number of articles to write.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the file, and its name.")
    size = models.PositiveBigIntegerField(null=True, help_text="Size of the file in bytes.")
    manifest = models.JSONField(null=True)
    finished_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True, help_text="Time it was erased; empty if it was erased with its corpus.")
    erased_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "number"], name="release_number_once_per_corpus"),
            models.UniqueConstraint(fields=["corpus", "user", "client_key"], name="release_once_per_key"),
            models.CheckConstraint(condition=Q(number__gte=1), name="release_numbered_from_1"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "making", "made", "failed", "erased", "cancelled"]),
                name="release_state_known",
            ),
            models.CheckConstraint(condition=Q(train=100 - F("dev") - F("test")), name="release_shares_make_100"),
            models.CheckConstraint(
                condition=~Q(state="made")
                | Q(sha256__regex="^[0-9a-f]{64}$", size__isnull=False, manifest__isnull=False, reason=""),
                name="release_has_its_file",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "cancelled"]) | ~Q(reason=""), name="release_failed_for_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="erased")
                | Q(name="", notes="", selection={}, reason="", sha256="", size__isnull=True, manifest__isnull=True),
                name="release_erased_holds_nothing",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, erased_by__isnull=True)
                | Q(erased_at__isnull=False, erased_by__isnull=False, state="erased"),
                name="release_erased_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"release {self.number} of {self.corpus}"

    @property
    def chosen(self) -> Selection:
        return Selection.from_json(self.selection)

    @property
    def split(self) -> Split:
        return Split(self.seed, train=self.train, dev=self.dev, test=self.test)

    @property
    def shares(self) -> dict[str, int]:
        return {part: getattr(self, part) for part in Part}

    @property
    def title(self) -> str:
        return f"Release {self.number}" + (f" “{self.name}”" if self.name else "")

    @property
    def snapshot_at(self) -> datetime:
        """Of one that is made."""
        return datetime.fromisoformat(self.manifest["snapshot_at"])

    @property
    def counts(self) -> dict[str, Any]:
        """Of one that is made."""
        return self.manifest["counts"]

    @property
    def job_state(self) -> JobState:
        """Its state in the words of all jobs."""
        return _JOB_STATES.get(self.state, JobState.DONE)

    @property
    def former_state(self) -> str:
        """Its state for clients that know no cancelled one."""
        return self.State.FAILED if self.state == self.State.CANCELLED else self.state

    @property
    def left_out_articles(self) -> int | None:
        """How many articles only their stage kept out; None where that was not counted yet, or is not known."""
        held = (self.manifest or {}).get("left_out")
        return held["articles"].get("stage", 0) if held else None

    @property
    def percent(self) -> int:
        """How much of it is written, 0 to 100."""
        if self.state == self.State.MADE:
            return 100
        return min(99, 100 * self.articles // self.total) if self.total else 0


OPEN = (Release.State.QUEUED, Release.State.MAKING)
_JOB_STATES = {
    Release.State.QUEUED: JobState.WAITING,
    Release.State.MAKING: JobState.RUNNING,
    Release.State.FAILED: JobState.FAILED,
    Release.State.CANCELLED: JobState.CANCELLED,
}
